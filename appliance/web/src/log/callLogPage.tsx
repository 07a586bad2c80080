// SPDX-License-Identifier: Apache-2.0
// The whole call log, with a filter that stands in the address.
import {
  Button,
  Card,
  CardBody,
  EmptyState,
  EmptyStateBody,
  PageSection,
  Title,
  ToggleGroup,
  ToggleGroupItem,
} from '@patternfly/react-core';
import { HistoryIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { usePageTitle } from '../ui/useTitle';
import { LogList } from './logList';
import { asLogFilter, logFilters, useLogPages, type LogFilter } from './useLog';

export function CallLogPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const filter = asLogFilter(parameters.get('show'));
  usePageTitle(t('log.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('log.title')}</Title>
        <ToggleGroup aria-label={t('log.filter')}>
          {logFilters.map((one) => (
            <ToggleGroupItem
              key={one}
              text={t(`log.${one}`)}
              buttonId={`log-${one}`}
              isSelected={one === filter}
              onChange={() => setParameters(one === 'all' ? {} : { show: one }, { replace: true })}
            />
          ))}
        </ToggleGroup>
      </PageSection>
      <PageSection isFilled aria-label={t('log.title')}>
        <Card>
          <CardBody className="jf-flush">
            <Entries filter={filter} />
          </CardBody>
        </Card>
      </PageSection>
    </>
  );
}

function Entries({ filter }: { filter: LogFilter }) {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useLogPages(filter);
  if (!data) {
    return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <SkeletonRows count={8} />;
  }
  const entries = data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) {
    const filtered = filter !== 'all';
    return (
      <EmptyState
        variant="sm"
        icon={HistoryIcon}
        headingLevel="h2"
        titleText={t(filtered ? 'log.emptyFilterTitle' : 'log.emptyTitle')}
      >
        <EmptyStateBody>{t(filtered ? 'log.emptyFilterBody' : 'log.emptyBody')}</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <>
      <LogList entries={entries} label={t('log.table')} />
      <div className="jf-more">
        {hasNextPage ? (
          <Button
            variant="secondary"
            isLoading={isFetchingNextPage}
            spinnerAriaLabel={t('app.working')}
            onClick={() => void fetchNextPage()}
          >
            {t('log.more')}
          </Button>
        ) : (
          <span className="jf-quiet jf-small">{t('log.end')}</span>
        )}
      </div>
    </>
  );
}
