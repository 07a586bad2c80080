// SPDX-License-Identifier: Apache-2.0
// Who uses Jackfield, in which roles, with which telephony (SEC-011).
import {
  Button,
  Card,
  CardBody,
  EmptyState,
  EmptyStateBody,
  Label,
  LabelGroup,
  PageSection,
  SearchInput,
  Title,
} from '@patternfly/react-core';
import { SearchIcon, UsersIcon } from '@patternfly/react-icons';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { User } from '../api/types';
import { longestSearch } from '../directory/useDirectory';
import { useMay } from '../session/session';
import { Notice } from '../ui/notice';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { useDebounced } from '../ui/useDebounced';
import { usePageTitle } from '../ui/useTitle';
import { useUserPages } from './useAdmin';

const searchPauseMs = 250;

export default function UsersPage() {
  const { t } = useTranslation();
  const mayChange = useMay('changeSystem');
  const [text, setText] = useState('');
  const search = useDebounced(text.trim(), searchPauseMs);
  usePageTitle(t('admin.users.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('admin.users.title')}</Title>
        <SearchInput
          className="jf-search"
          aria-label={t('admin.users.search')}
          placeholder={t('admin.users.placeholder')}
          value={text}
          onChange={(_event, value) => setText(value.slice(0, longestSearch))}
          onClear={() => setText('')}
          resetButtonLabel={t('directory.clear')}
        />
      </PageSection>
      <PageSection isFilled aria-label={t('admin.users.title')} className="jf-stack">
        {!mayChange && <Notice isInline isPlain variant="info" title={t('admin.readOnly')} />}
        <Notice isInline isPlain variant="info" title={t('admin.users.groups')} />
        <Card>
          <CardBody className="jf-flush">
            <Users search={search} />
          </CardBody>
        </Card>
      </PageSection>
    </>
  );
}

function Users({ search }: { search: string }) {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isPlaceholderData } =
    useUserPages(search);
  if (!data) {
    return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <SkeletonRows count={8} />;
  }
  const users = data.pages.flatMap((page) => page.entries);
  if (users.length === 0) {
    return (
      <EmptyState
        variant="sm"
        icon={search ? SearchIcon : UsersIcon}
        headingLevel="h2"
        titleText={t(search ? 'directory.emptyTitle' : 'admin.users.noneTitle')}
      >
        <EmptyStateBody>{t(search ? 'directory.emptyBody' : 'admin.users.noneBody')}</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <div className={isPlaceholderData ? 'jf-stale' : ''} aria-busy={isPlaceholderData}>
      <p className="jf-count jf-quiet jf-small" role="status">
        {t('directory.count', { count: data.pages[0]?.total ?? 0 })}
      </p>
      <Table aria-label={t('admin.users.table')} variant="compact" gridBreakPoint="grid-md">
        <Thead>
          <Tr>
            <Th>{t('admin.users.user')}</Th>
            <Th>{t('admin.users.roles')}</Th>
            <Th>{t('admin.users.extension')}</Th>
            <Th>{t('admin.users.telephony')}</Th>
            <Th>{t('admin.users.directory')}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {users.map((user) => (
            <UserRow key={user.person.id} user={user} />
          ))}
        </Tbody>
      </Table>
      {hasNextPage && (
        <div className="jf-more">
          <Button
            variant="secondary"
            isLoading={isFetchingNextPage}
            spinnerAriaLabel={t('app.working')}
            onClick={() => void fetchNextPage()}
          >
            {t('directory.more')}
          </Button>
        </div>
      )}
    </div>
  );
}

function UserRow({ user }: { user: User }) {
  const { t } = useTranslation();
  const { person } = user;
  return (
    <Tr data-user={person.login}>
      <Td dataLabel={t('admin.users.user')}>
        <span className="jf-who-text">
          <span className="jf-person-name">{person.name}</span>
          <span className="jf-quiet jf-small">{person.login}</span>
        </span>
      </Td>
      <Td dataLabel={t('admin.users.roles')}>
        <LabelGroup aria-label={t('admin.users.rolesOf', { name: person.name })}>
          {person.roles.map((role) => (
            <Label key={role} isCompact color={role === 'user' ? 'grey' : 'blue'}>
              {t(`admin.users.role.${role}`)}
            </Label>
          ))}
          {!user.enabled && (
            <Label isCompact status="warning">
              {t('admin.users.disabled')}
            </Label>
          )}
        </LabelGroup>
      </Td>
      <Td dataLabel={t('admin.users.extension')} className="jf-number">
        {user.extension || '–'}
      </Td>
      <Td dataLabel={t('admin.users.telephony')}>{user.telephonyServer || '–'}</Td>
      <Td dataLabel={t('admin.users.directory')}>{user.directory}</Td>
    </Tr>
  );
}
