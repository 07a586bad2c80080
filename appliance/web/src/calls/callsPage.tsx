// SPDX-License-Identifier: Apache-2.0
// The first page: what is going on at my phone, a field to call from, and what was last.
import {
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  EmptyState,
  EmptyStateBody,
  PageSection,
  Skeleton,
  Title,
} from '@patternfly/react-core';
import { PhoneIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { LogList } from '../log/logList';
import { useLogPages } from '../log/useLog';
import { useSession } from '../session/session';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { usePageTitle } from '../ui/useTitle';
import { CallCard } from './callCard';
import { Dialer } from './dialer';
import { useCallViews } from './useCalls';

const recentCount = 6;

export function CallsPage() {
  const { t } = useTranslation();
  const { user } = useSession();
  usePageTitle(t('calls.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('calls.title')}</Title>
        {user.extension && <Dialer />}
      </PageSection>
      <PageSection isFilled={false} aria-label={t('calls.live')}>
        {user.extension ? <LiveCalls /> : <NoPhone />}
      </PageSection>
      <PageSection isFilled aria-label={t('calls.recent')}>
        <RecentCalls />
      </PageSection>
    </>
  );
}

function LiveCalls() {
  const { t } = useTranslation();
  const views = useCallViews();
  if (!views) {
    return (
      <Card className="jf-quiet-card">
        <CardBody>
          <Skeleton width="40%" screenreaderText={t('app.loading')} />
        </CardBody>
      </Card>
    );
  }
  if (views.length === 0) {
    return (
      <Card className="jf-quiet-card">
        <EmptyState variant="xs" icon={PhoneIcon} titleText={t('calls.emptyTitle')} headingLevel="h2">
          <EmptyStateBody>{t('calls.emptyBody')}</EmptyStateBody>
        </EmptyState>
      </Card>
    );
  }
  const live = views.filter((view) => view.stage !== 'ended').length;
  return (
    <>
      <h2 className="pf-v6-screen-reader" aria-live="polite">
        {t('calls.count', { count: live })}
      </h2>
      <div className="jf-calls">
        {views.map((view) => (
          <CallCard key={view.id} view={view} />
        ))}
      </div>
    </>
  );
}

function NoPhone() {
  const { t } = useTranslation();
  return (
    <Card className="jf-quiet-card">
      <EmptyState variant="xs" status="info" titleText={t('calls.noPhoneTitle')} headingLevel="h2">
        <EmptyStateBody>{t('calls.noPhoneBody')}</EmptyStateBody>
      </EmptyState>
    </Card>
  );
}

function RecentCalls() {
  const { t } = useTranslation();
  const { data, error, refetch } = useLogPages('all');
  const entries = data?.pages[0]?.entries.slice(0, recentCount);
  if (entries?.length === 0) return null;
  return (
    <Card>
      <CardHeader actions={{ actions: <Link to="/log">{t('calls.recentAll')}</Link>, hasNoOffset: true }}>
        <CardTitle component="h2">{t('calls.recent')}</CardTitle>
      </CardHeader>
      <CardBody className="jf-flush">
        {entries ? (
          <LogList entries={entries} label={t('calls.recent')} />
        ) : error ? (
          <ProblemState error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonRows count={4} />
        )}
      </CardBody>
    </Card>
  );
}
