// SPDX-License-Identifier: Apache-2.0
// At the door of a real Jackfield, with passwords that a real directory checks.
import { expect, test } from '@playwright/test';

import { expectLive, fillSignIn, open } from '../support/pages';
import { administrator, auditor, first } from '../support/site';

test('a wrong password is refused in plain words and the right one opens the page', async ({ page }) => {
  await page.goto('/');
  await fillSignIn(page, first.login, 'certainly-wrong');
  await expect(page.getByText('Login or password is wrong')).toBeVisible();
  await fillSignIn(page, first.login, first.password);
  await expect(page.getByRole('heading', { level: 1, name: 'My calls' })).toBeVisible();
  await expectLive(page);
});

test('Logoff asks first, ends the session, and the page is closed to what comes after', async ({ page }) => {
  await page.goto('/');
  await fillSignIn(page, first.login, first.password);
  await expectLive(page);
  await page.getByRole('button', { name: 'Logoff' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'OK' }).click();
  await expect(page.getByText('You have signed off.')).toBeVisible();
  expect((await page.request.get('/api/v1/session')).status()).toBe(401);
  await page.reload();
  await expect(page.getByLabel('Login ID')).toBeVisible();
});

test('a user sees no administration, neither offered nor by its address', async ({ page }) => {
  await page.goto('/admin');
  await fillSignIn(page, first.login, first.password);
  await expect(page.getByText('There is no such page')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Status' })).toHaveCount(0);
});

test('an administrator sees the servers connected and synchronises the directory', async ({ page }) => {
  await page.goto('/admin/');
  await fillSignIn(page, administrator.login, administrator.password);
  const servers = page.locator('tr[data-server]');
  await expect(servers.first()).toBeVisible();
  await expect(page.locator('tr[data-server]:not([data-state="connected"])')).toHaveCount(0);
  await page.getByRole('link', { name: 'Directory synchronisation' }).click();
  const runs = page.locator('tr[data-run]');
  await expect(runs.first()).toBeVisible();
  const newest = (await runs.first().getAttribute('data-run')) ?? '';
  await page.getByRole('button', { name: 'Synchronise now' }).click();
  await expect(runs.first()).not.toHaveAttribute('data-run', newest);
  await expect(runs.first()).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
});

test('an auditor reviews users, roles and the audit log, and gets no monitors', async ({ page }) => {
  await page.goto('/admin');
  await fillSignIn(page, auditor.login, auditor.password);
  await expect(page.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible();
  await expect(page.getByText('You may look at everything here and change nothing.')).toBeVisible();
  await expect(page.locator(`[data-user="${administrator.login}"]`)).toContainText('Administrator');
  await open(page, 'Audit log');
  await expect(page.locator('[data-action="signIn"]').filter({ hasText: auditor.login }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Status' })).toHaveCount(0);
  expect((await page.request.get('/api/v1/admin/status')).status()).toBe(403);
});
