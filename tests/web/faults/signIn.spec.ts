// SPDX-License-Identifier: Apache-2.0
// Each refusal at the door is told in its own words.
import { fillSignIn, open, signIn } from '../support/pages';
import { expect, test } from '../support/fixtures';

test('a wrong password is refused, the login stays and the password is asked for again', async ({ page }) => {
  await page.goto('/');
  await fillSignIn(page, 'alice', 'wrong');
  await expect(page.getByText('Login or password is wrong')).toBeVisible();
  await expect(page.getByLabel('Login ID')).toHaveValue('alice');
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
});

test('missing fields are named and nothing is sent', async ({ page, mock }) => {
  mock.refusals.set('POST /session', { status: 500, code: 'x', detail: 'Must not be asked.' });
  await page.goto('/');
  await page.getByRole('button', { name: 'Logon' }).click();
  await expect(page.getByText('Enter your login.')).toBeVisible();
  await fillSignIn(page, 'alice', '');
  await expect(page.getByText('Enter your password.')).toBeVisible();
  await expect(page.getByText('Must not be asked.')).toHaveCount(0);
});

test('who is in no security group is told so, with the right password too', async ({ page, mock }) => {
  const detail = 'You are in none of the security groups that may use Jackfield. Ask an administrator of the directory.';
  mock.refusals.set('POST /session', { status: 403, code: 'auth.noRole', detail });
  await page.goto('/admin');
  await fillSignIn(page, 'alice', 'secret');
  await expect(page.getByText('You may not sign in here')).toBeVisible();
  await expect(page.getByText(detail)).toBeVisible();
  await expect(page.getByLabel('Login ID')).toHaveValue('alice');
});

test('the page has help on passwords and no way to change one here', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByText('Never write it down.')).toBeHidden();
  await page.getByRole('button', { name: 'About your password' }).click();
  for (const sentence of [
    'It is changed there; Jackfield has no page for it.',
    'Choose one that you can remember and that is hard to guess.',
    "Follow your company's rules on its length and on the number and kinds of characters.",
    'Ask your supervisor when you need help with it.',
    'Never write it down.',
    'Never tell it to anybody.',
    'Tell your supervisor at once when you suspect a security problem',
  ]) {
    await expect(page.getByText(sentence)).toBeVisible();
  }
  await fillSignIn(page, 'alice', 'secret');
  await expect(page.getByRole('heading', { level: 1, name: 'My calls' })).toBeVisible();
  await expect(page.getByText(/password/i)).toHaveCount(0);
  for (const address of ['/password', '/admin/password', '/reset']) {
    await page.goto(address);
    await expect(page.getByText('There is no such page')).toBeVisible();
  }
});

test('a lock-out says how long it lasts', async ({ page, mock }) => {
  mock.refusals.set('POST /session', {
    status: 429,
    code: 'auth.locked',
    detail: 'Too many wrong passwords for alice.',
    retryAfter: 40,
  });
  await page.goto('/');
  await fillSignIn(page, 'alice', 'secret');
  await expect(page.getByText('Too many attempts')).toBeVisible();
  await expect(page.getByText('Too many wrong passwords for alice.')).toBeVisible();
  await expect(page.getByText('You can try again in 40 seconds.')).toBeVisible();
});

test('a full Jackfield says so and not that the password is wrong', async ({ page, mock }) => {
  mock.refusals.set('POST /session', {
    status: 429,
    code: 'capacity.activeUsers',
    detail: 'The limit of 2,000 people signed in at one time is reached.',
  });
  await page.goto('/');
  await fillSignIn(page, 'alice', 'secret');
  await expect(page.getByText('Jackfield is full at the moment')).toBeVisible();
  await expect(page.getByText('The limit of 2,000 people')).toBeVisible();
});

test('an unreachable directory is told apart from a wrong password', async ({ page, mock }) => {
  mock.refusals.set('POST /session', {
    status: 503,
    code: 'auth.directoryDown',
    detail: 'company-ldap does not answer.',
  });
  await page.goto('/');
  await fillSignIn(page, 'alice', 'secret');
  await expect(page.getByText('Your password cannot be checked at the moment')).toBeVisible();
  await expect(page.getByText('company-ldap does not answer.')).toBeVisible();
});

test('a server that is away is told, and the same form works when it is back', async ({ page, mock }) => {
  await page.goto('/');
  await expect(page.getByLabel('Login ID')).toBeVisible();
  await mock.stop();
  await fillSignIn(page, 'alice', 'secret');
  await expect(page.getByText('Jackfield does not answer')).toBeVisible();
  await mock.start();
  await page.getByRole('button', { name: 'Logon' }).click();
  await expect(page.getByRole('heading', { name: 'My calls' })).toBeVisible();
});

test('a session that has ended leads to a clean sign-in page and back to the same page', async ({ page, mock }) => {
  await signIn(page, 'alice', 'secret');
  await open(page, 'Directory');
  await expect(page.getByText('120 people')).toBeVisible();
  mock.refusals.set('GET /directory', { status: 401, code: 'auth.session', detail: 'Not signed in.' });
  await page.getByLabel('Search people').fill('bob');
  await expect(page.getByText('Your session has ended. Please sign in again.')).toBeVisible();
  mock.refusals.clear();
  await fillSignIn(page, 'alice', 'secret');
  await expect(page.getByRole('heading', { level: 1, name: 'Directory' })).toBeVisible();
});

test('Logoff asks first, and only OK ends the session', async ({ page }) => {
  await signIn(page, 'alice', 'secret');
  await page.getByRole('button', { name: 'Logoff' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'My calls' })).toBeVisible();
  await page.getByRole('button', { name: 'Logoff' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'OK' }).click();
  await expect(page.getByText('You have signed off.')).toBeVisible();
});
