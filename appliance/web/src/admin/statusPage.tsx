// SPDX-License-Identifier: Apache-2.0
// The appliance at a glance: figures, open alarms, and the servers that it works with.
import {
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  PageSection,
  Title,
} from '@patternfly/react-core';
import { CheckCircleIcon } from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Alarm } from '../api/types';
import { formatNumber } from '../format/time';
import { useMay } from '../session/session';
import { Moment } from '../ui/moment';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { usePageTitle } from '../ui/useTitle';
import { ServersCard } from './serversCard';
import { useOpenAlarms, useStatus } from './useAdmin';
import { Notice } from '../ui/notice';

export default function StatusPage() {
  const { t } = useTranslation();
  const mayChange = useMay('changeSystem');
  usePageTitle(t('admin.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('admin.title')}</Title>
        {!mayChange && <Notice isInline isPlain variant="info" title={t('admin.readOnly')} />}
      </PageSection>
      <PageSection isFilled aria-label={t('admin.title')} className="jf-stack">
        <Figures />
        <Alarms />
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

const alarmLook = { warning: 'warning', major: 'danger', critical: 'danger' } as const;

function Alarms() {
  const { t } = useTranslation();
  const { data, error, refetch } = useOpenAlarms();
  return (
    <Card>
      <CardHeader>
        <CardTitle component="h2">{t('admin.alarms.title')}</CardTitle>
      </CardHeader>
      <CardBody className="jf-stack">
        {data?.alarms.map((alarm) => (
          <AlarmLine key={alarm.id} alarm={alarm} />
        ))}
        {data?.alarms.length === 0 && (
          <span className="jf-fine">
            <CheckCircleIcon /> {t('admin.alarms.none')}
          </span>
        )}
        {!data &&
          (error ? (
            <ProblemState error={error} onRetry={() => void refetch()} />
          ) : (
            <SkeletonRows count={1} />
          ))}
      </CardBody>
    </Card>
  );
}

function AlarmLine({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  return (
    <Notice
      isInline
      variant={alarmLook[alarm.severity]}
      title={`${t(`admin.alarms.severity.${alarm.severity}`)} · ${alarm.subject}`}
    >
      {alarm.text}{' '}
      <span className="jf-quiet jf-small">
        <Moment time={alarm.raised} /> · {alarm.code}
      </span>
    </Notice>
  );
}
