// SPDX-License-Identifier: Apache-2.0
// Interruptions of the event stream: nothing lost, nothing twice, and the page comes back by itself.
import { callWith, connectionState, expectLive, expectStage, signIn } from '../support/pages';
import { expect, test } from '../support/fixtures';

test.beforeEach(async ({ page }) => {
  await signIn(page, 'alice', 'secret');
});

test('what happened while the stream was cut is caught up by the cursor, without a new snapshot', async ({
  page,
  mock,
}) => {
  const call = mock.call('alice', 'bob', ['connected', 'connected']);
  await expectStage(callWith(page, 'Bob Baker'), 'talking');
  const before = mock.snapshots;
  mock.cut();
  mock.change(call, 'held', 'connected');
  mock.call('carol', 'alice', ['initiated', 'alerting']);
  await expectStage(callWith(page, 'Bob Baker'), 'held');
  await expectStage(callWith(page, 'Carol Castillo'), 'incoming');
  expect(mock.snapshots).toBe(before);
  expect(mock.cursors.at(-1)).toMatch(/:1$/);
});

test('a server that was away is shown, and calls go on live when it is back', async ({ page, mock }) => {
  const call = mock.call('alice', 'bob', ['connected', 'connected']);
  const card = callWith(page, 'Bob Baker');
  await expectStage(card, 'talking');
  await mock.stop();
  await expect(connectionState(page)).toHaveAttribute('data-state', /waiting|connecting/);
  await expect(page.getByText('The connection to Jackfield is interrupted')).toBeVisible();
  await expect(card.getByRole('button', { name: 'Hold' })).toHaveAttribute('aria-disabled', 'true');
  await mock.start();
  await page.getByRole('button', { name: 'Try now' }).click();
  await expectLive(page);
  mock.change(call, 'connected', 'held');
  await expectStage(card, 'heldByOther');
});

test('a cursor that the server has forgotten (410) leads to a new snapshot', async ({ page, mock }) => {
  const call = mock.call('alice', 'bob', ['connected', 'connected']);
  await expectStage(callWith(page, 'Bob Baker'), 'talking');
  const before = mock.snapshots;
  mock.cut();
  mock.change(call, 'null', 'null');
  mock.call('carol', 'alice', ['connected', 'connected']);
  mock.forgetEvents();
  await expectStage(callWith(page, 'Carol Castillo'), 'talking');
  await expect(callWith(page, 'Bob Baker')).toHaveCount(0);
  expect(mock.snapshots).toBe(before + 1);
});

test('an event log that began anew leads to a new snapshot', async ({ page, mock }) => {
  mock.call('alice', 'bob', ['connected', 'connected']);
  await expectStage(callWith(page, 'Bob Baker'), 'talking');
  mock.calls = [];
  mock.forgetEverything();
  mock.cut();
  await expect(callWith(page, 'Bob Baker')).toHaveCount(0);
  await expectLive(page);
});

test('an event that comes twice is announced once', async ({ page, mock }) => {
  mock.addLog({ direction: 'incoming', other: 'carol', missed: true, announce: true });
  mock.repeatLastFrame();
  mock.cut();
  await expectLive(page);
  await expect(page.getByText('Missed call from Carol Castillo')).toHaveCount(1);
});

test('a missed call that came while the page was loaded again is announced', async ({ page, mock }) => {
  await page.goto('about:blank');
  mock.addLog({ direction: 'incoming', other: 'carol', missed: true, announce: true });
  await page.goto(mock.url);
  await expect(page.getByText('Missed call from Carol Castillo')).toBeVisible();
});
