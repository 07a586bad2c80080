// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';

import { serverNow, setServerTime } from './clock';

describe('serverNow', () => {
  afterEach(() => {
    setServerTime(new Date().toUTCString());
    vi.useRealTimers();
  });

  it('follows the server when the clock of this machine is wrong', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 0) });
    setServerTime('Thu, 01 Jan 2026 12:05:00 GMT');
    expect(serverNow()).toBe(Date.UTC(2026, 0, 1, 12, 5, 0));
  });

  it('takes no notice of differences below the precision of the header, nor of a missing header', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 0, 900) });
    setServerTime('Thu, 01 Jan 2026 12:00:00 GMT');
    setServerTime(null);
    expect(serverNow()).toBe(Date.UTC(2026, 0, 1, 12, 0, 0, 900));
  });
});
