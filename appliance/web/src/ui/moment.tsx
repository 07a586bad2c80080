// SPDX-License-Identifier: Apache-2.0
// A point in time, short to read, with the exact one as a tooltip.
import { useTranslation } from 'react-i18next';

import { serverNow } from '../format/clock';
import { formatExact, formatMoment } from '../format/time';

export function Moment({ time }: { time: number }) {
  const { i18n } = useTranslation();
  return (
    <time dateTime={new Date(time).toISOString()} title={formatExact(time, i18n.language)}>
      {formatMoment(time, serverNow(), i18n.language)}
    </time>
  );
}
