// SPDX-License-Identifier: Apache-2.0
// Times and durations in the reader's language. All take milliseconds.

const dayMs = 24 * 3600 * 1000;

/** "0:07", "12:03", "1:02:03": the same in every language, and of steady width. */
export function formatDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

/** A duration for a screen reader: "1 hour, 2 minutes, 3 seconds", zero parts left out. */
export function spokenDuration(ms: number, locale: string): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, 'hour' | 'minute' | 'second'][] = [
    [Math.floor(total / 3600), 'hour'],
    [Math.floor((total % 3600) / 60), 'minute'],
    [total % 60, 'second'],
  ];
  const worded = parts
    .filter(([value, unit]) => value > 0 || (unit === 'second' && total === 0))
    .map(([value, unit]) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value),
    );
  return new Intl.ListFormat(locale, { type: 'unit' }).format(worded);
}

/** Whole days between two local dates: 0 is the same day, 1 the day before `now`. */
function daysBefore(time: number, now: number): number {
  const midnight = (value: number) => new Date(value).setHours(0, 0, 0, 0);
  // Rounded, for a day on which the clock is changed has 23 or 25 hours.
  return Math.round((midnight(now) - midnight(time)) / dayMs);
}

/** "14:03", "Yesterday 14:03", "Tue 14:03", "3 May 14:03", "3 May 2025 14:03": as short as it can be understood. */
export function formatMoment(time: number, now: number, locale: string): string {
  const at = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format(time);
  const clock = at({ timeStyle: 'short' });
  const days = daysBefore(time, now);
  if (days === 0) return clock;
  if (days === 1) {
    const day = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-1, 'day');
    return `${day.charAt(0).toLocaleUpperCase(locale)}${day.slice(1)} ${clock}`;
  }
  if (days > 1 && days < 7) return `${at({ weekday: 'short' })} ${clock}`;
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return `${at({ day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) })} ${clock}`;
}

/** The whole truth, for tooltips. */
export function formatExact(time: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' }).format(time);
}

export function formatNumber(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}
