// SPDX-License-Identifier: Apache-2.0
// What a person does on the pages, by the names that they see.
import { expect, type Locator, type Page } from '@playwright/test';

export async function fillSignIn(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel('Login ID').fill(login);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Logon' }).click();
}

/** Signs in and waits until calls are shown live. */
export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.goto('/');
  await fillSignIn(page, login, password);
  await expectLive(page);
}

export async function expectLive(page: Page, timeout = 30_000): Promise<void> {
  await expect(connectionState(page)).toHaveAttribute('data-state', 'connected', { timeout });
}

export function connectionState(page: Page): Locator {
  return page.locator('.jf-connection');
}

export async function open(
  page: Page,
  name: 'My calls' | 'Call log' | 'Directory' | 'Status' | 'Users' | 'Audit log',
): Promise<void> {
  const link = page.getByRole('link', { name, exact: true, includeHidden: true });
  await link.waitFor({ state: 'attached' });
  if (!(await link.isVisible())) await page.getByRole('button', { name: 'Show or hide the pages' }).click();
  await link.click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** The card of the call with this party. */
export function callWith(page: Page, party: string): Locator {
  return page.getByRole('article', { name: party });
}

export function verb(call: Locator, name: 'Answer' | 'Forward' | 'Hold' | 'Retrieve' | 'Transfer' | 'Drop'): Locator {
  return call.getByRole('button', { name, exact: true });
}

export async function expectStage(call: Locator, stage: string, timeout = 20_000): Promise<void> {
  await expect(call).toHaveAttribute('data-stage', stage, { timeout });
}
