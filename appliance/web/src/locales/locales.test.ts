// SPDX-License-Identifier: Apache-2.0
// Every language has every text, with the same places to fill in, and every text is used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { chooseLanguage } from '../i18n';
import de from './de.json';
import en from './en.json';

type Texts = Record<string, string>;

function flatten(tree: object, prefix = ''): Texts {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? Object.entries(flatten(value, `${prefix}${key}.`))
        : [[prefix + key, String(value)]],
    ),
  );
}

function sourceText(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'generated' ? '' : sourceText(path);
      return /(?<!\.test)\.tsx?$/.test(entry.name) ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

const english = flatten(en);
const placesOf = (text: string) => (text.match(/\{\{[^}]+\}\}/g) ?? []).sort();

describe('the texts', () => {
  it.each([['de', flatten(de)]])(
    'are all there in %s, with the same places to fill in',
    (_language, texts) => {
      expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
      for (const [key, text] of Object.entries(texts)) {
        expect(text.trim(), key).not.toBe('');
        expect(new Set(placesOf(text)), key).toEqual(new Set(placesOf(english[key] ?? '')));
      }
    },
  );

  it('are all used', () => {
    const source = sourceText(join(import.meta.dirname, '..'));
    const literal = new Set(source.match(/'[A-Za-z]+(\.[A-Za-z]+)+'/g)?.map((key) => key.slice(1, -1)));
    const patterns = [...source.matchAll(/\bt\(\s*`([^`]+)`/g)].map(
      ([, template = '']) =>
        new RegExp(`^${template.replace(/\./g, '\\.').replace(/\$\{[^}]+\}/g, '[^.]+')}$`),
    );
    const unused = Object.keys(english)
      .map((key) => key.replace(/_(one|other)$/, ''))
      .filter((key) => !literal.has(key) && !patterns.some((pattern) => pattern.test(key)));
    expect(unused).toEqual([]);
  });
});

describe('chooseLanguage', () => {
  it("takes the first of the reader's languages that there is, with its region", () => {
    expect(chooseLanguage(['fr-FR', 'de-AT', 'en'])).toBe('de-AT');
    expect(chooseLanguage(['en-GB', 'de'])).toBe('en-GB');
    expect(chooseLanguage(['ja'])).toBe('en');
  });
});
