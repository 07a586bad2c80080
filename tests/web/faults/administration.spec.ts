// SPDX-License-Identifier: Apache-2.0
// The administration by role.
import { auditEntry, server, syncRun } from '../mock/documents';
import { open, signIn } from '../support/pages';
import { expect, test } from '../support/fixtures';

test('a user is offered no administration and does not see it by its address', async ({ page }) => {
  await signIn(page, 'bob', 'secret');
  await expect(page.getByText('Administration')).toHaveCount(0);
  await page.goto('/admin');
  await expect(page.getByText('There is no such page')).toBeVisible();
});

test('an auditor is offered neither monitors nor scheduler and does not see them by their address', async ({ page }) => {
  await signIn(page, 'carol', 'secret');
  await expect(page.getByRole('link', { name: 'Audit log' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Status' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Directory synchronisation' })).toHaveCount(0);
  await page.goto('/admin/directory-sync');
  await expect(page.getByText('There is no such page')).toBeVisible();
  await page.goto('/admin');
  await expect(page).toHaveURL(/\/admin\/users$/);
  await expect(page.getByText('You may look at everything here and change nothing.')).toBeVisible();
});

test('the users are shown with the roles that their groups give them, for display only', async ({ page }) => {
  await signIn(page, 'alice', 'secret');
  await open(page, 'Users');
  await expect(page.getByText('Roles come from the security groups of the directory')).toBeVisible();
  await expect(page.locator('[data-user="alice"]')).toContainText('Administrator');
  await expect(page.locator('[data-user="carol"]')).toContainText('Auditor');
  await expect(page.locator('[data-user="bob"]')).toContainText('Disabled');
  await expect(page.locator('[data-user]').getByRole('button')).toHaveCount(0);
  await page.getByLabel('Search users').fill('1008');
  await expect(page.locator('[data-user]')).toHaveCount(1);
  await expect(page.locator('[data-user="heidi"]')).toContainText('Heidi Hansen');
});

test('the audit log shows who did what and what changed, beside the alarms that are up', async ({ page, mock }) => {
  mock.audit.push(
    auditEntry(1, 'alice', 'server.change', 'head-office', '{"enabled":true}', '{"enabled":false}'),
    auditEntry(2, 'carol', 'server.restart.refused', 'head-office'),
  );
  mock.alarms.push({
    id: 1,
    code: 'security.auditorWrite',
    subject: 'carol',
    severity: 'warning',
    text: 'carol tried to change what auditors may only see.',
    raised: Date.now(),
    cleared: 0,
  });
  await signIn(page, 'carol', 'secret');
  await open(page, 'Audit log');
  await expect(page.getByText('carol tried to change what auditors may only see.')).toBeVisible();
  const change = page.locator('[data-action="server.change"]');
  await expect(change).toContainText('alice');
  await expect(change).toContainText('192.0.2.7');
  await expect(page.getByText('"enabled": false')).toBeHidden();
  await change.getByRole('button').click();
  await expect(page.getByText('"enabled": false')).toBeVisible();
  await expect(page.locator('[data-action="server.restart.refused"]').getByRole('button')).toHaveCount(0);
});

test('what holds the process of a plugin back is shown, and what should and does not', async ({ page, mock }) => {
  const confinement = [
    { name: 'files', holds: false, reason: 'namespaces of its own: Operation not permitted' },
    { name: 'systemCalls', holds: true, reason: '' },
    { name: 'resources', holds: true, reason: '' },
  ];
  mock.servers.push({ ...server('head-office', 'telephony', 'connected'), confinement });
  await signIn(page, 'alice', 'secret');
  await open(page, 'Status');
  await page.locator('[data-server="head-office"]').getByRole('button').click();
  await expect(page.locator('[data-measure="systemCalls"]')).toHaveText('System calls');
  await expect(page.locator('[data-measure="files"]')).toContainText('does not hold: namespaces of its own');
  await expect(page.locator('[data-measure="resources"]')).toHaveText('Memory and descriptors 40 of 512 MB');
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
