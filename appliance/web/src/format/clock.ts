// SPDX-License-Identifier: Apache-2.0
// The server's time. Durations run from the server's times, and the clock of the browser's machine may be wrong.

let offsetMs = 0;
// The Date header counts whole seconds, so a smaller difference means nothing.
const toleranceMs = 2_000;

export function setServerTime(dateHeader: string | null): void {
  const time = Date.parse(dateHeader ?? '');
  if (Number.isNaN(time)) return;
  const difference = time - Date.now();
  offsetMs = Math.abs(difference) > toleranceMs ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}
