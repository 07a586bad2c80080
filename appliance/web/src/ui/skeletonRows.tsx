// SPDX-License-Identifier: Apache-2.0
// Rows that are on their way.
import { Skeleton } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';

export function SkeletonRows({ count }: { count: number }) {
  const { t } = useTranslation();
  return (
    <div className="jf-skeleton-rows">
      {Array.from({ length: count }, (_unused, row) => (
        <Skeleton key={row} height="1.5rem" {...(row === 0 ? { screenreaderText: t('app.loading') } : {})} />
      ))}
    </div>
  );
}
