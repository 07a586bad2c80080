// SPDX-License-Identifier: Apache-2.0
// The administration by role.
import { server, syncRun } from '../mock/documents';
import { open, signIn } from '../support/pages';
import { expect, test } from '../support/fixtures';

test('a user is offered no administration and does not see it by its address', async ({ page }) => {
  await signIn(page, 'bob', 'secret');
  await expect(page.getByText('Administration')).toHaveCount(0);
  await page.goto('/admin');
  await expect(page.getByText('There is no such page')).toBeVisible();
});

test('an auditor sees the state and is offered nothing that changes it', async ({ page, mock }) => {
  mock.servers.push(server('company-ldap', 'directory', 'connected'));
  mock.runs.push(syncRun(1, 'done', 120));
  await signIn(page, 'carol', 'secret');
  await page.goto('/admin/directory-sync');
  await expect(page.getByText('You may look at everything here and change nothing.')).toBeVisible();
  await expect(page.getByText('1 entry was skipped')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Synchronise now' })).toHaveCount(0);
});

test('the state of the servers and the open alarms follow what happens', async ({ page, mock }) => {
  mock.servers.push(server('head-office', 'telephony', 'connected'));
  await signIn(page, 'alice', 'secret');
  await open(page, 'Status');
  const row = page.locator('[data-server="head-office"]');
  await expect(row).toContainText('Connected');
  await expect(page.getByText('No alarm is up.')).toBeVisible();
  Object.assign(mock.servers[0] ?? {}, { state: 'down', reason: 'sip:127.0.0.1 does not answer' });
  mock.alarms.push({
    id: 1,
    code: 'server.down',
    subject: 'head-office',
    severity: 'major',
    text: 'head-office has been lost.',
    raised: Date.now(),
    cleared: 0,
  });
  mock.emit('server', mock.servers[0]);
  mock.emit('alarm', mock.alarms[0]);
  await expect(row).toContainText('sip:127.0.0.1 does not answer');
  await expect(page.getByText('head-office has been lost.')).toBeVisible();
});

test('a synchronisation is started, watched and its outcome shown', async ({ page, mock }) => {
  mock.servers.push(server('company-ldap', 'directory', 'connected'));
  await signIn(page, 'alice', 'secret');
  await page.goto('/admin/directory-sync/');
  await page.getByRole('button', { name: 'Synchronise now' }).click();
  await expect(page.getByRole('progressbar', { name: 'Running' })).toBeVisible();
  Object.assign(mock.runs[0] ?? {}, syncRun(1, 'done', 1200));
  mock.emit('sync', mock.runs[0]);
  await expect(page.getByRole('row').filter({ hasText: 'Done' })).toContainText('1,200');
  await expect(page.getByRole('progressbar')).toHaveCount(0);
});

test('every page has an address of its own, which survives loading again and the way back', async ({ page }) => {
  await signIn(page, 'alice', 'secret');
  const names = ['Call log', 'Directory', 'Status', 'My calls'] as const;
  for (const name of names) {
    await open(page, name);
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  }
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Status' })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole('heading', { level: 1, name: 'My calls' })).toBeVisible();
});
