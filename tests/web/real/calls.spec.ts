// SPDX-License-Identifier: Apache-2.0
// The main job with real phones: find a colleague, call, hold, retrieve, drop, and read it all in the call log.
import { expect, test, type Locator } from '@playwright/test';

import { callWith, expectStage, open, verb } from '../support/pages';
import { absent, first, second } from '../support/site';
import { arrive, hangUp, type Somebody } from './people';

let caller: Somebody;
let colleague: Somebody;

test.beforeEach(async ({ browser }) => {
  caller = await arrive(browser, first);
  colleague = await arrive(browser, second);
});

test.afterEach(async () => {
  await hangUp(caller);
  await caller.leave();
  await colleague.leave();
});

/** Calls by the directory, as a person does; both phones ring and answer. */
async function talk(): Promise<{ own: Locator; other: Locator }> {
  await open(caller.page, 'Directory');
  await caller.page.getByLabel('Search people').fill(colleague.name);
  const number = `Extension ${colleague.extension}`;
  await caller.page.getByRole('button', { name: `Call ${colleague.name}, ${number}` }).click();
  await open(caller.page, 'My calls');
  const own = callWith(caller.page, colleague.name);
  const other = callWith(colleague.page, caller.name);
  await expectStage(own, 'talking', 30_000);
  await expectStage(other, 'talking');
  return { own, other };
}

test('a colleague is found and called, and both see the call live with names and direction', async () => {
  const { own, other } = await talk();
  await expect(own).toHaveAttribute('data-direction', 'outgoing');
  await expect(own).toContainText(colleague.extension);
  await expect(other).toHaveAttribute('data-direction', 'incoming');
  await expect(other).toContainText(caller.extension);
});

test('an incoming call is announced by a notice and the title while it rings', async () => {
  await open(caller.page, 'My calls');
  await caller.page.getByRole('combobox').fill(colleague.extension);
  await caller.page.keyboard.press('Enter');
  await expect(colleague.page).toHaveTitle(`${caller.name} is calling`, { timeout: 30_000 });
  await expect(colleague.page.getByText('Pick up your phone to answer.')).toBeVisible();
  await expectStage(callWith(colleague.page, caller.name), 'talking');
  await expect(colleague.page).toHaveTitle('My calls · Jackfield');
});

test('hold, retrieve and drop are confirmed by events that both sides see', async () => {
  const { own, other } = await talk();
  await verb(own, 'Hold').click();
  await expectStage(own, 'held');
  await expectStage(other, 'heldByOther');
  await expect(verb(own, 'Hold')).toHaveAttribute('aria-disabled', 'true');
  await verb(own, 'Retrieve').click();
  await expectStage(own, 'talking');
  await expectStage(other, 'talking');
  await verb(own, 'Drop').click();
  await expect(own).toHaveCount(0, { timeout: 20_000 });
  await expect(other).toHaveCount(0, { timeout: 20_000 });
});

test('the other side can drop the call too', async () => {
  const { own, other } = await talk();
  await verb(other, 'Drop').click();
  await expect(own).toHaveCount(0, { timeout: 20_000 });
});

test('the call log of both shows the call with name, direction and duration', async () => {
  const { own } = await talk();
  await verb(own, 'Drop').click();
  await expect(own).toHaveCount(0, { timeout: 20_000 });
  for (const [{ page }, party, kind] of [
    [caller, colleague, 'outgoing'],
    [colleague, caller, 'incoming'],
  ] as const) {
    await open(page, 'Call log');
    const newest = page.locator('.jf-log-row').first();
    await expect(newest).toHaveAttribute('data-kind', kind);
    await expect(newest).toContainText(party.name);
    await expect(newest).toContainText(party.extension);
    await expect(newest.locator('.jf-duration')).toContainText(/\d:\d\d/);
  }
});

test('a click on a name in the call log calls it', async () => {
  const { own } = await talk();
  await verb(own, 'Drop').click();
  await expect(own).toHaveCount(0, { timeout: 20_000 });
  await open(caller.page, 'Call log');
  const party = `Call ${colleague.name}, ${colleague.extension}`;
  await caller.page.getByRole('button', { name: party }).first().click();
  await open(caller.page, 'My calls');
  await expectStage(callWith(caller.page, colleague.name), 'talking', 30_000);
});

test('a call that somebody missed who was not signed in shows as missed when they come', async ({ browser }) => {
  const before = Date.now();
  await caller.page.getByRole('combobox').fill(absent.login);
  const option = caller.page.getByRole('option').filter({ hasText: 'Extension' }).first();
  await option.click();
  const card = caller.page.getByRole('article').first();
  await expectStage(card, 'ringing', 30_000);
  await verb(card, 'Drop').click();
  await expect(card).toHaveCount(0, { timeout: 20_000 });
  const late = await arrive(browser, absent);
  await open(late.page, 'Call log');
  await late.page.getByRole('button', { name: 'Missed' }).click();
  const newest = late.page.locator('.jf-log-row').first();
  await expect(newest).toHaveAttribute('data-kind', 'missed');
  await expect(newest).toContainText(caller.name);
  const time = Date.parse((await newest.locator('time').getAttribute('datetime')) ?? '');
  expect(time).toBeGreaterThan(before - 5_000);
  await late.leave();
});

test('a call is transferred to somebody found by name, and only who stays sees it go on', async ({ browser }) => {
  const { own, other } = await talk();
  const third = await arrive(browser, absent);
  await verb(own, 'Transfer').click();
  const dialog = caller.page.getByRole('dialog');
  await dialog.getByRole('combobox').fill(absent.login);
  await caller.page.getByRole('option').filter({ hasText: 'Extension' }).first().click();
  await expect(dialog).toHaveCount(0);
  await expect(own).toHaveCount(0, { timeout: 20_000 });
  await expect(other).toHaveCount(0, { timeout: 20_000 });
  await expectStage(callWith(colleague.page, third.name), 'ringing');
  await expectStage(third.page.getByRole('article').first(), 'incoming');
  await hangUp(colleague);
  await expect(third.page.getByRole('article')).toHaveCount(0, { timeout: 20_000 });
  await third.leave();
});
