// SPDX-License-Identifier: Apache-2.0
// The host is killed in mid-call. The browsers notice, come back by themselves and miss nothing.
import { expect, test } from '@playwright/test';

import { callWith, connectionState, expectLive, expectStage, open, verb } from '../support/pages';
import { first, restart, restartCommand, second } from '../support/site';
import { arrive, hangUp } from './people';

test('after kill -9 in mid-call the page reconnects by itself, shows the call and can end it', async ({ browser }) => {
  test.skip(restartCommand === undefined, 'JF_RESTART is not set');
  test.setTimeout(150_000);
  const caller = await arrive(browser, first);
  const colleague = await arrive(browser, second);
  await caller.page.getByRole('combobox').fill(colleague.extension);
  await caller.page.keyboard.press('Enter');
  const own = callWith(caller.page, colleague.name);
  const other = callWith(colleague.page, caller.name);
  await expectStage(own, 'talking', 30_000);
  // It may be back sooner than anybody who looks now and then could see.
  await connectionState(caller.page).evaluate((state) => {
    new MutationObserver(() => {
      document.body.dataset.seen = `${document.body.dataset.seen ?? ''} ${state.dataset.state ?? ''}`;
    }).observe(state, { attributes: true, attributeFilter: ['data-state'] });
  });
  restart();
  await expect(caller.page.locator('body')).toHaveAttribute('data-seen', /waiting|connecting/, { timeout: 60_000 });
  await expectLive(caller.page, 60_000);
  await expectLive(colleague.page, 60_000);
  await expectStage(own, 'talking');
  await expectStage(other, 'talking');
  await verb(own, 'Drop').click();
  await expect(own).toHaveCount(0, { timeout: 30_000 });
  await expect(other).toHaveCount(0, { timeout: 30_000 });
  await open(caller.page, 'Call log');
  const rows = caller.page.locator('.jf-log-row');
  await expect(rows.first()).toContainText(colleague.name);
  await expect(rows.first()).toHaveAttribute('data-kind', 'outgoing');
  await hangUp(caller);
  await caller.leave();
  await colleague.leave();
});
