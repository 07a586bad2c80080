// SPDX-License-Identifier: Apache-2.0
// Rows of the call log. A name is a button that calls it.
import { Button } from '@patternfly/react-core';
import { PhoneIcon, RhUiArrowDownLeftIcon, RhUiArrowUpRightIcon } from '@patternfly/react-icons';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useTranslation } from 'react-i18next';

import type { ContactLogEntry } from '../api/types';
import { useCommands } from '../calls/commands';
import { Duration } from '../ui/duration';
import { Moment } from '../ui/moment';

type Kind = 'incoming' | 'outgoing' | 'missed';

function kindOf(entry: ContactLogEntry): Kind {
  return entry.missed ? 'missed' : entry.direction;
}

export function LogList({ entries, label }: { entries: readonly ContactLogEntry[]; label: string }) {
  const { t } = useTranslation();
  return (
    <Table aria-label={label} variant="compact" gridBreakPoint="grid-md" className="jf-log" borders={false}>
      <Thead>
        <Tr>
          <Th>{t('log.who')}</Th>
          <Th>{t('log.when')}</Th>
          <Th className="jf-right">{t('log.duration')}</Th>
          <Th screenReaderText={t('log.actions')} />
        </Tr>
      </Thead>
      <Tbody>
        {entries.map((entry) => (
          <LogRow key={entry.id} entry={entry} />
        ))}
      </Tbody>
    </Table>
  );
}

function LogRow({ entry }: { entry: ContactLogEntry }) {
  const { t } = useTranslation();
  const kind = kindOf(entry);
  const party = entry.name || entry.number || t('calls.unknown');
  return (
    <Tr data-kind={kind} className={`jf-log-row jf-log-${kind}`}>
      <Td dataLabel={t('log.who')} className="jf-log-who">
        <span className="jf-who">
          <span className="jf-kind" title={t(`log.${kind}`)}>
            {kind === 'outgoing' ? <RhUiArrowUpRightIcon /> : <RhUiArrowDownLeftIcon />}
            <span className="pf-v6-screen-reader">{t(`log.${kind}`)}</span>
          </span>
          <span className="jf-who-text">
            <Party entry={entry} party={party} />
            {entry.name && <span className="jf-quiet jf-small jf-number">{entry.number}</span>}
          </span>
        </span>
      </Td>
      <Td dataLabel={t('log.when')} className="jf-log-when">
        <Moment time={entry.started} />
      </Td>
      <Td dataLabel={t('log.duration')} className="jf-log-duration jf-right">
        <Outcome entry={entry} kind={kind} />
      </Td>
      <Td className="jf-log-call" isActionCell>
        {entry.number && <CallIcon entry={entry} party={party} />}
      </Td>
    </Tr>
  );
}

function Party({ entry, party }: { entry: ContactLogEntry; party: string }) {
  const { t } = useTranslation();
  const { makeCall } = useCommands();
  if (!entry.number) return <span>{party}</span>;
  return (
    <Button
      variant="link"
      isInline
      className="jf-party"
      aria-label={t('log.callNumber', { party, number: entry.number })}
      onClick={() => makeCall(entry.number, party)}
    >
      {party}
    </Button>
  );
}

// For the mouse and the finger; the keyboard and screen readers have the name beside it.
function CallIcon({ entry, party }: { entry: ContactLogEntry; party: string }) {
  const { t } = useTranslation();
  const { makeCall, dialling } = useCommands();
  return (
    <Button
      variant="plain"
      size="sm"
      icon={<PhoneIcon />}
      tabIndex={-1}
      aria-label={t('log.call', { party })}
      isLoading={dialling === entry.number}
      spinnerAriaLabel={t('app.working')}
      onClick={() => makeCall(entry.number, party)}
    />
  );
}

function Outcome({ entry, kind }: { entry: ContactLogEntry; kind: Kind }) {
  const { t } = useTranslation();
  if (entry.answered > 0) return <Duration ms={entry.ended - entry.answered} />;
  if (kind === 'missed') return <span className="jf-missed">{t('log.missed')}</span>;
  const cause = t(`calls.cause.${entry.cause as 'busy'}`, { defaultValue: '' });
  const text = entry.cause === 'normal' || !cause ? t('log.notAnswered') : cause;
  return <span className="jf-quiet">{text}</span>;
}
