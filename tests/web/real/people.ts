// SPDX-License-Identifier: Apache-2.0
// Somebody at a browser of their own, and what the real Jackfield knows of them.
import type { Browser, Page } from '@playwright/test';

import { signIn } from '../support/pages';
import type { Login } from '../support/site';

export interface Somebody {
  page: Page;
  name: string;
  extension: string;
  leave: () => Promise<void>;
}

interface Session {
  user: { name: string; extension: string };
}

export async function arrive(browser: Browser, { login, password }: Login): Promise<Somebody> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, login, password);
  const { user } = (await (await context.request.get('/api/v1/session')).json()) as Session;
  return { page, name: user.name, extension: user.extension, leave: () => context.close() };
}

/** Drops whatever is left of a test, so that the next one finds quiet phones. */
export async function hangUp({ page }: Somebody): Promise<void> {
  await page.evaluate(async () => {
    const session = (await (await fetch('/api/v1/session')).json()) as { csrfToken: string };
    const { calls } = (await (await fetch('/api/v1/calls')).json()) as { calls: { id: string }[] };
    for (const { id } of calls) {
      await fetch(`/api/v1/calls/${encodeURIComponent(id)}/drop`, {
        method: 'POST',
        headers: { 'X-CSRF-Token': session.csrfToken, 'Content-Type': 'application/json' },
        body: '{}',
      });
    }
  });
}
