// SPDX-License-Identifier: Apache-2.0
// The last synchronisations, newest first, with the reasons for what was skipped.
import { ExpandableSection, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useTranslation } from 'react-i18next';

import type { SyncRun } from '../api/types';
import { formatNumber } from '../format/time';
import { Duration } from '../ui/duration';
import { Moment } from '../ui/moment';

const looks = { running: 'info', done: 'success', failed: 'danger', refused: 'warning' } as const;
const figures = ['seen', 'added', 'changed', 'removed'] as const;

export function SyncRuns({ runs }: { runs: readonly SyncRun[] }) {
  const { t } = useTranslation();
  return (
    <Table aria-label={t('admin.sync.table')} variant="compact" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          <Th modifier="nowrap">{t('admin.sync.when')}</Th>
          <Th>{t('admin.sync.directory')}</Th>
          <Th>{t('admin.sync.mode')}</Th>
          <Th>{t('admin.sync.result')}</Th>
          {figures.map((figure) => (
            <Th key={figure} modifier="nowrap" className="jf-right">
              {t(`admin.sync.${figure}`)}
            </Th>
          ))}
          <Th modifier="nowrap" className="jf-right">
            {t('admin.sync.took')}
          </Th>
        </Tr>
      </Thead>
      <Tbody>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </Tbody>
    </Table>
  );
}

function RunRow({ run }: { run: SyncRun }) {
  const { t, i18n } = useTranslation();
  return (
    <Tr data-run={run.id} data-state={run.state}>
      <Td dataLabel={t('admin.sync.when')} modifier="nowrap">
        <Moment time={run.started} />
      </Td>
      <Td dataLabel={t('admin.sync.directory')} modifier="nowrap">
        {run.directory}
      </Td>
      <Td dataLabel={t('admin.sync.mode')} modifier="nowrap">
        {t(`admin.sync.${run.mode}`)}
      </Td>
      <Td dataLabel={t('admin.sync.result')}>
        <div className="jf-state">
          <Label isCompact status={looks[run.state]}>
            {t(`admin.sync.states.${run.state}`)}
          </Label>
          {run.text && run.state !== 'done' && <span className="jf-small">{run.text}</span>}
          {run.skipped > 0 && (
            <ExpandableSection
              toggleText={t('admin.sync.skippedShow', { count: run.skipped })}
              className="jf-small"
            >
              <ul className="jf-reasons">
                {run.skippedReasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            </ExpandableSection>
          )}
        </div>
      </Td>
      {figures.map((figure) => (
        <Td key={figure} dataLabel={t(`admin.sync.${figure}`)} className="jf-right jf-number">
          {formatNumber(run[figure], i18n.language)}
        </Td>
      ))}
      <Td dataLabel={t('admin.sync.took')} className="jf-right">
        {run.ended > 0 && <Duration ms={run.ended - run.started} />}
      </Td>
    </Tr>
  );
}
