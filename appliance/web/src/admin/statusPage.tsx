// SPDX-License-Identifier: Apache-2.0
// The appliance at a glance: figures, open alarms, and the servers that it works with.
import {
  Card,
  CardBody,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  PageSection,
  Title,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { formatNumber } from '../format/time';
import { Moment } from '../ui/moment';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { usePageTitle } from '../ui/useTitle';
import { AlarmsCard } from './alarmsCard';
import { ServersCard } from './serversCard';
import { useStatus } from './useAdmin';

export default function StatusPage() {
  const { t } = useTranslation();
  usePageTitle(t('admin.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('admin.title')}</Title>
      </PageSection>
      <PageSection isFilled aria-label={t('admin.title')} className="jf-stack">
        <Figures />
        <AlarmsCard />
        <ServersCard />
      </PageSection>
    </>
  );
}

function Figures() {
  const { t, i18n } = useTranslation();
  const { data, error, refetch } = useStatus();
  if (!data) {
    return (
      <Card>
        <CardBody>
          {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <SkeletonRows count={2} />}
        </CardBody>
      </Card>
    );
  }
  const ofLimit = (value: number, limit: number) => t('admin.facts.ofLimit', { value, limit });
  return (
    <Card>
      <CardBody>
        <DescriptionList
          isCompact
          columnModifier={{ default: '2Col', md: '3Col', xl: '3Col' }}
          className="jf-facts"
        >
          <Fact name={t('admin.facts.calls')}>{formatNumber(data.liveCalls, i18n.language)}</Fact>
          <Fact name={t('admin.facts.active')}>{ofLimit(data.activeUsers, data.activeUsersLimit)}</Fact>
          <Fact name={t('admin.facts.users')}>
            {ofLimit(data.administeredUsers, data.administeredUsersLimit)}
          </Fact>
          <Fact name={t('admin.facts.clients')}>{formatNumber(data.eventReaders, i18n.language)}</Fact>
          <Fact name={t('admin.facts.started')}>
            <Moment time={data.started} />
          </Fact>
          <Fact name={t('admin.facts.version')}>{data.version}</Fact>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{name}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
