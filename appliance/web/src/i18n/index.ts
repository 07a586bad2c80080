// SPDX-License-Identifier: Apache-2.0
// The languages. English comes with the page; any other is loaded when it is the reader's.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import en from '../locales/en.json';

const others: Record<string, () => Promise<{ default: unknown }>> = {
  de: () => import('../locales/de.json'),
};

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

/** The first of the reader's languages that there is, with their region, so that times look as they expect. */
export function chooseLanguage(preferred: readonly string[]): string {
  return preferred.find((tag) => /^en\b/.test(tag) || (tag.split('-')[0] ?? '') in others) ?? 'en';
}

export async function startI18n(preferred: readonly string[]): Promise<void> {
  const tag = chooseLanguage(preferred);
  const language = tag.split('-')[0] ?? 'en';
  const load = others[language];
  await i18next.use(initReactI18next).init({
    lng: tag,
    fallbackLng: 'en',
    resources: {
      en: { translation: en },
      ...(load ? { [language]: { translation: (await load()).default as typeof en } } : {}),
    },
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = tag;
}
