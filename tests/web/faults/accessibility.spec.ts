// SPDX-License-Identifier: Apache-2.0
// axe on every page, in light and dark, wide and on a phone, with all that can stand on it.
import type { Page } from '@playwright/test';

import { auditEntry, server, syncRun } from '../mock/documents';
import type { MockJackfield } from '../mock/jackfield';
import { expectAccessible } from '../support/axe';
import { signIn } from '../support/pages';
import { expect, test } from '../support/fixtures';

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'on a phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const;

const pages: [name: string, path: string, shown: string][] = [
  ['My calls', '/calls', 'Recent calls'],
  ['the call log', '/log', 'These are all your calls.'],
  ['the directory', '/directory', '120 people'],
  ['the status', '/admin', 'head-office is lost'],
  ['the synchronisation', '/admin/directory-sync', '1 entry was skipped'],
  ['the users', '/admin/users', '120 people'],
  ['the audit log', '/admin/audit', 'server.restart.refused'],
];

function furnish(mock: MockJackfield): void {
  for (const other of ['bob', 'carol', 'grace']) {
    mock.addLog({ direction: 'incoming', other, missed: other === 'grace', durationMs: other === 'grace' ? 0 : 9_000 });
  }
  mock.servers.push(server('company-ldap', 'directory', 'connected'), server('head-office', 'telephony', 'down', 'gone'));
  mock.alarms.push({
    id: 1,
    code: 'server.down',
    subject: 'head-office',
    severity: 'major',
    text: 'head-office is lost',
    raised: Date.now(),
    cleared: 0,
  });
  mock.audit.push(
    auditEntry(1, 'alice', 'server.change', 'head-office', '{"enabled":true}', '{"enabled":false}'),
    auditEntry(2, 'carol', 'server.restart.refused', 'head-office'),
  );
  mock.runs.push(syncRun(2, 'running', 4), syncRun(1, 'done', 9));
  mock.call('alice', 'bob', ['connected', 'connected']);
  mock.call('alice', 'grace', ['held', 'connected']);
  mock.call('heidi', 'alice', ['initiated', 'alerting']);
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
}

for (const { name: look, colorScheme, viewport } of looks) {
  test.describe(look, () => {
    test.use({ colorScheme, viewport });

    test(`axe finds nothing on the sign-in page, ${look}`, async ({ page }) => {
      await page.goto('/');
      await page.getByRole('button', { name: 'Logon' }).click();
      await expect(page.getByText('Enter your login.')).toBeVisible();
      await page.getByRole('button', { name: 'About your password' }).click();
      await expect(page.getByText('Never write it down.')).toBeVisible();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
    });

    for (const [name, path, shown] of pages) {
      test(`axe finds nothing on ${name}, ${look}`, async ({ page, mock }) => {
        furnish(mock);
        await signIn(page, 'alice', 'secret');
        await page.goto(path);
        await expect(page.getByText(shown)).toBeVisible();
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
      });
    }
  });
}
