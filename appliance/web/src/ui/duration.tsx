// SPDX-License-Identifier: Apache-2.0
// A length of time as on a clock, worded for screen readers.
import { useTranslation } from 'react-i18next';

import { formatDuration, spokenDuration } from '../format/time';

export function Duration({ ms }: { ms: number }) {
  const { i18n } = useTranslation();
  return (
    <span className="jf-duration">
      <span aria-hidden="true">{formatDuration(ms)}</span>
      <span className="pf-v6-screen-reader">{spokenDuration(ms, i18n.language)}</span>
    </span>
  );
}
