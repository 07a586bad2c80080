// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';

import type { Person } from '../api/types';
import { isDialable, numbersOf } from './numbers';

const person = (change: Partial<Person>): Person => ({
  id: 'p',
  dn: '',
  login: '',
  name: 'Bob Baker',
  givenName: '',
  surname: '',
  mail: '',
  mail2: '',
  title: '',
  department: '',
  company: '',
  location: '',
  extension: '',
  numbers: [],
  roles: [],
  ...change,
});

describe('numbersOf', () => {
  it('puts the extension first and names each number once, however it is written', () => {
    const numbers: Person['numbers'] = [
      { kind: 'office', value: '+49 341 5551002' },
      { kind: 'other', value: '10 02' },
      { kind: 'mobile', value: '+49 (341) 555-1002' },
    ];
    expect(numbersOf(person({ extension: '1002', numbers }))).toEqual([
      { kind: 'extension', value: '1002' },
      { kind: 'office', value: '+49 341 5551002' },
    ]);
  });

  it('is empty for somebody without any', () => {
    expect(numbersOf(person({}))).toEqual([]);
  });
});

describe('isDialable', () => {
  it.each(['1002', '+49 341 / 555-1002', '*72', '#9', 'sip:bob@site.test'])('dials %s', (text) => {
    expect(isDialable(text)).toBe(true);
  });

  it.each(['', 'bob', 'bob 2', '+', '-', 'Room 7'])('looks for %j', (text) => {
    expect(isDialable(text)).toBe(false);
  });
});
