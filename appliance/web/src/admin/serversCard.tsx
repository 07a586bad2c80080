// SPDX-License-Identifier: Apache-2.0
// The configured servers: how each one is, why, and what was exchanged with it.
import {
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  EmptyState,
  EmptyStateBody,
  Label,
  type LabelProps,
} from '@patternfly/react-core';
import { LockIcon, ServerIcon } from '@patternfly/react-icons';
import { ExpandableRowContent, Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Server } from '../api/types';
import { formatNumber } from '../format/time';
import { Moment } from '../ui/moment';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { useServers } from './useAdmin';

const looks: Record<Server['state'], Pick<LabelProps, 'status' | 'color'>> = {
  connected: { status: 'success' },
  started: { color: 'blue' },
  starting: { color: 'blue' },
  idle: { color: 'grey' },
  suspended: { status: 'warning' },
  down: { status: 'danger' },
};
const channels = ['client', 'system', 'admin'] as const;
const figures = ['received', 'failed', 'timedOut', 'outstanding'] as const;

export function ServersCard() {
  const { t } = useTranslation();
  const { data, error, refetch } = useServers();
  return (
    <Card>
      <CardHeader>
        <CardTitle component="h2">{t('admin.servers.title')}</CardTitle>
      </CardHeader>
      <CardBody className="jf-flush">
        {!data &&
          (error ? (
            <ProblemState error={error} onRetry={() => void refetch()} />
          ) : (
            <SkeletonRows count={3} />
          ))}
        {data?.servers.length === 0 && (
          <EmptyState
            variant="xs"
            icon={ServerIcon}
            headingLevel="h3"
            titleText={t('admin.servers.emptyTitle')}
          >
            <EmptyStateBody>{t('admin.servers.emptyBody')}</EmptyStateBody>
          </EmptyState>
        )}
        {data && data.servers.length > 0 && <Servers servers={data.servers} />}
      </CardBody>
    </Card>
  );
}

function Servers({ servers }: { servers: readonly Server[] }) {
  const { t } = useTranslation();
  return (
    <Table aria-label={t('admin.servers.table')} variant="compact" gridBreakPoint="grid-md" isExpandable>
      <Thead>
        <Tr>
          <Th screenReaderText={t('admin.servers.messages')} />
          <Th>{t('admin.servers.handle')}</Th>
          <Th>{t('admin.servers.type')}</Th>
          <Th>{t('admin.servers.state')}</Th>
          <Th>{t('admin.servers.since')}</Th>
          <Th className="jf-right">{t('admin.servers.messages')}</Th>
        </Tr>
      </Thead>
      {servers.map((server, index) => (
        <ServerRow key={server.handle} server={server} index={index} />
      ))}
    </Table>
  );
}

function ServerRow({ server, index }: { server: Server; index: number }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const total = channels.reduce((sum, channel) => sum + server.counters[channel].received, 0);
  return (
    <Tbody isExpanded={open}>
      <Tr data-server={server.handle} data-state={server.state}>
        <Td
          expand={{ rowIndex: index, isExpanded: open, onToggle: () => setOpen(!open), expandId: 'server' }}
        />
        <Td dataLabel={t('admin.servers.handle')}>
          <span className="jf-who-text">
            <strong>{server.handle}</strong>
            {server.description && <span className="jf-quiet jf-small">{server.description}</span>}
          </span>
        </Td>
        <Td dataLabel={t('admin.servers.type')}>{server.type}</Td>
        <Td dataLabel={t('admin.servers.state')}>
          <div className="jf-state">
            <Label isCompact {...looks[server.state]}>
              {t(`admin.servers.states.${server.state}`)}
            </Label>
            {server.reason && <span className="jf-small">{server.reason}</span>}
          </div>
        </Td>
        <Td dataLabel={t('admin.servers.since')}>{server.since > 0 && <Moment time={server.since} />}</Td>
        <Td dataLabel={t('admin.servers.messages')} className="jf-right jf-number">
          {formatNumber(total, i18n.language)}
        </Td>
      </Tr>
      <Tr isExpanded={open}>
        <Td />
        <Td colSpan={5}>
          <ExpandableRowContent>
            <Traffic server={server} />
            <Confinement server={server} />
          </ExpandableRowContent>
        </Td>
      </Tr>
    </Tbody>
  );
}

// What holds the plugin's own process back; what should and does not is a warning with its reason.
function Confinement({ server }: { server: Server }) {
  const { t } = useTranslation();
  if (server.confinement.length === 0) return null;
  return (
    <div className="jf-confinement">
      <span className="jf-small">{t('admin.servers.confinement')}</span>
      {server.confinement.map(({ name, holds, reason }) => (
        <span key={name} data-measure={name}>
          <Label isCompact {...(holds ? { icon: <LockIcon /> } : { status: 'warning' })}>
            {t(`admin.servers.measures.${name}`)}
          </Label>
          {!holds && <span className="jf-small"> {t('admin.servers.notHeld', { reason })}</span>}
          {holds && name === 'resources' && (
            <span className="jf-small">
              {' '}
              {t('admin.servers.memory', { used: server.memoryMb, limit: server.memoryLimitMb })}
            </span>
          )}
        </span>
      ))}
    </div>
  );
}

function Traffic({ server }: { server: Server }) {
  const { t, i18n } = useTranslation();
  const label = t('admin.servers.counters', { handle: server.handle });
  return (
    <Table
      aria-label={label}
      variant="compact"
      borders={false}
      gridBreakPoint=""
      isNested
      className="jf-traffic"
    >
      <Thead>
        <Tr>
          <Th>{t('admin.servers.channel')}</Th>
          {figures.map((figure) => (
            <Th key={figure} className="jf-right">
              {t(`admin.servers.figures.${figure}`)}
            </Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {channels.map((channel) => (
          <Tr key={channel}>
            <Td>{t(`admin.servers.channels.${channel}`)}</Td>
            {figures.map((figure) => (
              <Td key={figure} className="jf-right jf-number">
                {formatNumber(server.counters[channel][figure], i18n.language)}
              </Td>
            ))}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
