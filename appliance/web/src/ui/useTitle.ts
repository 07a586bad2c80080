// SPDX-License-Identifier: Apache-2.0
// The title of the browser's tab: the page, or who is calling.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

let page = '';
let announced: string | undefined;

export function usePageTitle(title: string): void {
  const { t } = useTranslation();
  useEffect(() => {
    page = t('app.title', { page: title });
    if (announced === undefined) document.title = page;
  }, [t, title]);
}

/** Over the page's own title for as long as it is given. */
export function useAnnouncedTitle(title: string | undefined): void {
  useEffect(() => {
    announced = title;
    document.title = title ?? page;
    return () => {
      announced = undefined;
      document.title = page;
    };
  }, [title]);
}
