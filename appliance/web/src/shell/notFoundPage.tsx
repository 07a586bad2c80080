// SPDX-License-Identifier: Apache-2.0
// An address without a page, or with one that this person may not see: the two are not told apart.
import { EmptyState, EmptyStateBody, EmptyStateFooter, PageSection } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { usePageTitle } from '../ui/useTitle';

export function NotFoundPage() {
  const { t } = useTranslation();
  usePageTitle(t('app.notFound'));
  return (
    <PageSection>
      <EmptyState titleText={t('app.notFound')} headingLevel="h1">
        <EmptyStateBody>{t('app.notFoundHelp')}</EmptyStateBody>
        <EmptyStateFooter>
          <Link to="/">{t('app.home')}</Link>
        </EmptyStateFooter>
      </EmptyState>
    </PageSection>
  );
}
