// SPDX-License-Identifier: Apache-2.0
// What is wrong now.
import { Card, CardBody, CardHeader, CardTitle } from '@patternfly/react-core';
import { CheckCircleIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';

import type { Alarm } from '../api/types';
import { Moment } from '../ui/moment';
import { Notice } from '../ui/notice';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { useOpenAlarms } from './useAdmin';

const alarmLook = { warning: 'warning', major: 'danger', critical: 'danger' } as const;

export function AlarmsCard() {
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
