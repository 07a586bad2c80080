// SPDX-License-Identifier: Apache-2.0
// Who did what, when and from where, and the alarms that are up (SEC-011).
import {
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  EmptyState,
  Label,
  PageSection,
  Title,
} from '@patternfly/react-core';
import { ClipboardListIcon } from '@patternfly/react-icons';
import { ExpandableRowContent, Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { AuditEntry } from '../api/types';
import { useMay } from '../session/session';
import { Moment } from '../ui/moment';
import { Notice } from '../ui/notice';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { usePageTitle } from '../ui/useTitle';
import { AlarmsCard } from './alarmsCard';
import { useAuditPages } from './useAdmin';

export default function AuditPage() {
  const { t } = useTranslation();
  const mayChange = useMay('changeSystem');
  usePageTitle(t('admin.audit.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('admin.audit.title')}</Title>
        {!mayChange && <Notice isInline isPlain variant="info" title={t('admin.readOnly')} />}
      </PageSection>
      <PageSection isFilled aria-label={t('admin.audit.title')} className="jf-stack">
        <AlarmsCard />
        <Card>
          <CardHeader>
            <CardTitle component="h2">{t('admin.audit.entries')}</CardTitle>
          </CardHeader>
          <CardBody className="jf-flush">
            <Entries />
          </CardBody>
        </Card>
      </PageSection>
    </>
  );
}

function Entries() {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useAuditPages();
  if (!data) {
    return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <SkeletonRows count={8} />;
  }
  const entries = data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) {
    return (
      <EmptyState
        variant="xs"
        icon={ClipboardListIcon}
        headingLevel="h3"
        titleText={t('admin.audit.emptyTitle')}
      />
    );
  }
  return (
    <>
      <Table aria-label={t('admin.audit.entries')} variant="compact" gridBreakPoint="grid-md" isExpandable>
        <Thead>
          <Tr>
            <Th screenReaderText={t('admin.audit.difference')} />
            <Th>{t('admin.audit.time')}</Th>
            <Th>{t('admin.audit.who')}</Th>
            <Th>{t('admin.audit.action')}</Th>
            <Th>{t('admin.audit.object')}</Th>
          </Tr>
        </Thead>
        {entries.map((entry, index) => (
          <EntryRow key={entry.id} entry={entry} index={index} />
        ))}
      </Table>
      {hasNextPage && (
        <div className="jf-more">
          <Button
            variant="secondary"
            isLoading={isFetchingNextPage}
            spinnerAriaLabel={t('app.working')}
            onClick={() => void fetchNextPage()}
          >
            {t('log.more')}
          </Button>
        </div>
      )}
    </>
  );
}

/** What the server refused: for lack of rights, a wrong password, or because it is full. */
function wasRefused(action: string): boolean {
  return /\.(refused|failed|noRole|disabled|capacity)$/.test(action);
}

function EntryRow({ entry, index }: { entry: AuditEntry; index: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const parts = (['before', 'after'] as const).filter((part) => entry[part] !== '');
  return (
    <Tbody isExpanded={open}>
      <Tr data-action={entry.action}>
        <Td
          {...(parts.length > 0 && {
            expand: {
              rowIndex: index,
              isExpanded: open,
              onToggle: () => setOpen(!open),
              expandId: 'audit',
            },
          })}
        />
        <Td dataLabel={t('admin.audit.time')} modifier="nowrap">
          <Moment time={entry.time} />
        </Td>
        <Td dataLabel={t('admin.audit.who')}>
          <span className="jf-who-text">
            <strong>{entry.who}</strong>
            {entry.address && <span className="jf-quiet jf-small">{entry.address}</span>}
          </span>
        </Td>
        <Td dataLabel={t('admin.audit.action')}>
          <Label isCompact {...(wasRefused(entry.action) ? { status: 'warning' } : { color: 'grey' })}>
            {entry.action}
          </Label>
        </Td>
        <Td dataLabel={t('admin.audit.object')} modifier="breakWord">
          {entry.object}
        </Td>
      </Tr>
      {parts.length > 0 && (
        <Tr isExpanded={open}>
          <Td />
          <Td colSpan={4}>
            <ExpandableRowContent>
              {parts.map((part) => (
                <div key={part}>
                  <strong className="jf-small">{t(`admin.audit.${part}`)}</strong>
                  <pre className="jf-document">{readable(entry[part])}</pre>
                </div>
              ))}
            </ExpandableRowContent>
          </Td>
        </Tr>
      )}
    </Tbody>
  );
}

function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
