// SPDX-License-Identifier: Apache-2.0
// What the pages make of calls that a real site does not produce on demand.
import { callWith, expectStage, open, signIn, verb } from '../support/pages';
import { expect, test } from '../support/fixtures';

test.beforeEach(async ({ page }) => {
  await signIn(page, 'alice', 'secret');
});

test('an incoming call is announced on every page, by a notice and by the title', async ({ page, mock }) => {
  await open(page, 'Directory');
  const call = mock.call('heidi', 'alice', ['initiated', 'alerting']);
  await expect(page.getByText('Heidi Hansen is calling')).toBeVisible();
  await expect(page).toHaveTitle('Heidi Hansen is calling');
  await page.getByRole('button', { name: 'Show call' }).click();
  await expectStage(callWith(page, 'Heidi Hansen'), 'incoming');
  mock.change(call, 'null', 'null');
  await expect(page).toHaveTitle('My calls · Jackfield');
  await expect(page.getByText('Heidi Hansen is calling')).toHaveCount(0);
});

test('a verb that is not possible now is shown disabled and says why', async ({ page, mock }) => {
  mock.call('alice', 'bob', ['connected', 'connected']);
  const retrieve = verb(callWith(page, 'Bob Baker'), 'Retrieve');
  await expect(retrieve).toHaveAttribute('aria-disabled', 'true');
  await retrieve.focus();
  await expect(page.getByRole('tooltip')).toHaveText('The call is not on hold.');
});

test('a command shows as under way until its event comes, and nothing is assumed', async ({ page, mock }) => {
  mock.silent = true;
  const call = mock.call('alice', 'bob', ['connected', 'connected']);
  const card = callWith(page, 'Bob Baker');
  await verb(card, 'Hold').click();
  await expect(card.getByRole('progressbar', { name: 'Putting on hold' })).toBeVisible();
  await expectStage(card, 'talking');
  mock.change(call, 'held', 'connected');
  await expectStage(card, 'held');
  await expect(card.getByRole('progressbar')).toHaveCount(0);
});

test("a refused command is told in the server's own sentence", async ({ page, mock }) => {
  mock.refusals.set('POST /calls/{call}/hold', {
    status: 409,
    code: 'call.verb',
    detail: 'The phone of Bob Baker has refused to be held.',
  });
  mock.call('alice', 'bob', ['connected', 'connected']);
  const card = callWith(page, 'Bob Baker');
  await verb(card, 'Hold').click();
  await expect(page.getByText('The phone of Bob Baker has refused to be held.')).toBeVisible();
  await expectStage(card, 'talking');
  await expect(verb(card, 'Hold')).not.toHaveAttribute('aria-disabled', 'true');
});

test('a number that cannot be called is told, and the page goes on', async ({ page }) => {
  await page.getByRole('combobox').fill('99999');
  await page.keyboard.press('Enter');
  await expect(page.getByText('There is no number 99999.')).toBeVisible();
});

test('somebody is found and called with the keyboard alone', async ({ page }) => {
  await page.getByRole('combobox').focus();
  await page.keyboard.type('carol cas');
  await expect(page.getByRole('option').first()).toContainText('Carol Castillo');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expectStage(callWith(page, 'Carol Castillo'), 'pickUp');
});

test('the reason for the end of a call stays to be read and then leaves', async ({ page, mock }) => {
  const call = mock.call('alice', 'bob', ['connected', 'alerting']);
  const card = callWith(page, 'Bob Baker');
  await expectStage(card, 'ringing');
  mock.change(call, 'null', 'null', 'busy');
  await expect(card).toContainText('Busy');
  await expect(card).toHaveCount(0, { timeout: 15_000 });
});

test('a call is in sight and in reach on every other page', async ({ page, mock }) => {
  mock.call('alice', 'bob', ['connected', 'connected']);
  await open(page, 'Call log');
  const strip = page.getByRole('region', { name: 'Calls in progress' });
  await strip.getByRole('button', { name: 'Hold' }).click();
  await expect(strip).toContainText('On hold');
});

test('older entries of the call log are fetched when asked for, and filters stand in the address', async ({
  page,
  mock,
}) => {
  for (let index = 0; index < 60; index += 1) {
    mock.addLog({ direction: 'incoming', other: 'bob', missed: index === 0, ageMs: (60 - index) * 60_000 });
  }
  mock.addLog({ direction: 'outgoing', other: 'carol', announce: true });
  await open(page, 'Call log');
  const rows = page.locator('.jf-log-row');
  await expect(rows).toHaveCount(50);
  await page.getByRole('button', { name: 'Show older calls' }).click();
  await expect(rows).toHaveCount(61);
  await page.getByRole('button', { name: 'Missed' }).click();
  await expect(rows).toHaveCount(1);
  await page.reload();
  await expect(rows).toHaveCount(1);
});

test('a list that cannot be loaded says why and can be tried again', async ({ page, mock }) => {
  mock.refusals.set('GET /directory', { status: 500, code: 'store.failed', detail: 'The database does not answer.' });
  await open(page, 'Directory');
  await expect(page.getByText('The database does not answer.')).toBeVisible();
  mock.refusals.clear();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('120 people')).toBeVisible();
});
