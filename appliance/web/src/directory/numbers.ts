// SPDX-License-Identifier: Apache-2.0
// The numbers of a person that can be called, the extension first, each once.
import type { Person } from '../api/types';

export interface CallableNumber {
  kind: 'extension' | Person['numbers'][number]['kind'];
  value: string;
}

export function numbersOf(person: Person): CallableNumber[] {
  const all: CallableNumber[] = [
    ...(person.extension ? [{ kind: 'extension' as const, value: person.extension }] : []),
    ...person.numbers,
  ];
  return all.filter(
    (one, index) => all.findIndex((other) => digits(other.value) === digits(one.value)) === index,
  );
}

function digits(number: string): string {
  return number.replace(/[^\d+*#a-z]/gi, '');
}

/** What a person would key in, or a SIP address, as against a name to look for. */
export function isDialable(text: string): boolean {
  const trimmed = text.trim();
  return /^sips?:\S+$/i.test(trimmed) || (/\d|[*#]/.test(trimmed) && /^[+\d*#()./\s-]+$/.test(trimmed));
}
