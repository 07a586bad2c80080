// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';

import { formatDuration, formatMoment, spokenDuration } from './time';

const at = (text: string) => new Date(text).getTime();
const now = at('2026-03-11T15:00:00');

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [7_900, '0:07'],
    [723_000, '12:03'],
    [3_723_000, '1:02:03'],
    [-5_000, '0:00'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('spokenDuration', () => {
  it('leaves out what is zero and follows the language', () => {
    expect(spokenDuration(3_603_000, 'en')).toBe('1 hour, 3 seconds');
    expect(spokenDuration(62_000, 'de')).toBe('1 Minute, 2 Sekunden');
    expect(spokenDuration(0, 'en')).toBe('0 seconds');
  });
});

describe('formatMoment', () => {
  it.each([
    ['2026-03-11T14:03:00', '14:03'],
    ['2026-03-10T23:59:00', 'Yesterday 23:59'],
    ['2026-03-08T09:05:00', 'Sun 09:05'],
    ['2026-02-01T09:05:00', '1 Feb 09:05'],
    ['2025-12-24T18:00:00', '24 Dec 2025 18:00'],
  ])('writes %s as %s', (time, text) => {
    expect(formatMoment(at(time), now, 'en-GB')).toBe(text);
  });

  it('counts days by the calendar, not by 24 hours', () => {
    expect(formatMoment(at('2026-03-10T23:00:00'), at('2026-03-11T00:30:00'), 'en-GB')).toBe(
      'Yesterday 23:00',
    );
  });

  it('follows the language', () => {
    expect(formatMoment(at('2026-03-10T23:59:00'), now, 'de')).toBe('Gestern 23:59');
    expect(formatMoment(at('2026-03-11T14:03:00'), now, 'en-US')).toMatch(/^2:03\sPM$/);
  });
});
