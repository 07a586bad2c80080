// SPDX-License-Identifier: Apache-2.0
// axe on each page as the real server fills and secures it.
import { expect, test } from '@playwright/test';

import { expectAccessible } from '../support/axe';
import { signIn } from '../support/pages';
import { administrator, first } from '../support/site';

test('axe finds nothing on the sign-in page of the running system', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByLabel('Login ID')).toBeVisible();
  await expectAccessible(page);
});

for (const [name, path] of [
  ['My calls', '/calls'],
  ['Call log', '/log'],
  ['Directory', '/directory'],
] as const) {
  test(`axe finds nothing on ${name} of the running system`, async ({ page }) => {
    await signIn(page, first.login, first.password);
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.locator('.jf-skeleton-rows')).toHaveCount(0);
    await expectAccessible(page);
  });
}

for (const [name, path] of [
  ['Status', '/admin'],
  ['Directory synchronisation', '/admin/directory-sync'],
  ['Users', '/admin/users'],
  ['Audit log', '/admin/audit'],
] as const) {
  test(`axe finds nothing on the administration's ${name} of the running system`, async ({ page }) => {
    await signIn(page, administrator.login, administrator.password);
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.locator('.jf-skeleton-rows')).toHaveCount(0);
    await expectAccessible(page);
  });
}
