// SPDX-License-Identifier: Apache-2.0
// Everybody, found as one types; each number is a button that calls it.
import {
  Button,
  Card,
  CardBody,
  EmptyState,
  EmptyStateBody,
  PageSection,
  SearchInput,
  Title,
} from '@patternfly/react-core';
import { PhoneIcon, SearchIcon, UsersIcon } from '@patternfly/react-icons';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Person } from '../api/types';
import { useCommands } from '../calls/commands';
import { useMay, useSession } from '../session/session';
import { initials } from '../ui/initials';
import { ProblemState } from '../ui/problemState';
import { SkeletonRows } from '../ui/skeletonRows';
import { useDebounced } from '../ui/useDebounced';
import { usePageTitle } from '../ui/useTitle';
import { numbersOf } from './numbers';
import { longestSearch, useDirectoryPages } from './useDirectory';

const searchPauseMs = 250;

export function DirectoryPage() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const search = useDebounced(text.trim(), searchPauseMs);
  usePageTitle(t('directory.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('directory.title')}</Title>
        <SearchInput
          className="jf-search"
          aria-label={t('directory.search')}
          placeholder={t('directory.placeholder')}
          value={text}
          onChange={(_event, value) => setText(value.slice(0, longestSearch))}
          onClear={() => setText('')}
          resetButtonLabel={t('directory.clear')}
        />
      </PageSection>
      <PageSection isFilled aria-label={t('directory.title')}>
        <Card>
          <CardBody className="jf-flush">
            <People search={search} />
          </CardBody>
        </Card>
      </PageSection>
    </>
  );
}

function People({ search }: { search: string }) {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isPlaceholderData } =
    useDirectoryPages(search);
  if (!data) {
    return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <SkeletonRows count={8} />;
  }
  const people = data.pages.flatMap((page) => page.entries);
  if (people.length === 0) {
    return (
      <EmptyState
        variant="sm"
        icon={search ? SearchIcon : UsersIcon}
        headingLevel="h2"
        titleText={t(search ? 'directory.emptyTitle' : 'directory.noneTitle')}
      >
        <EmptyStateBody>{t(search ? 'directory.emptyBody' : 'directory.noneBody')}</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <div className={isPlaceholderData ? 'jf-stale' : ''} aria-busy={isPlaceholderData}>
      <p className="jf-count jf-quiet jf-small" role="status">
        {t('directory.count', { count: data.pages[0]?.total ?? 0 })}
      </p>
      <Table
        aria-label={t('directory.table')}
        variant="compact"
        gridBreakPoint="grid-md"
        className="jf-people"
        borders={false}
      >
        <Thead>
          <Tr>
            <Th>{t('directory.name')}</Th>
            <Th>{t('directory.numbers')}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {people.map((person) => (
            <PersonRow key={person.id} person={person} />
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

function PersonRow({ person }: { person: Person }) {
  const { t } = useTranslation();
  const about = [person.title, person.department, person.location].filter(Boolean);
  return (
    <Tr>
      <Td dataLabel={t('directory.name')}>
        <span className="jf-who">
          <span className="jf-avatar jf-avatar-small" aria-hidden="true">
            {initials(person.name)}
          </span>
          <span className="jf-who-text">
            <span className="jf-person-name">{person.name}</span>
            {about.length > 0 && <span className="jf-quiet jf-small">{about.join(' · ')}</span>}
          </span>
        </span>
      </Td>
      <Td dataLabel={t('directory.numbers')}>
        <Numbers person={person} />
      </Td>
    </Tr>
  );
}

function Numbers({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { makeCall, dialling } = useCommands();
  const { user } = useSession();
  const mayCall = useMay('ownCalls') && user.extension !== '' && user.id !== person.id;
  const numbers = numbersOf(person);
  if (numbers.length === 0) return <span className="jf-quiet">{t('directory.noNumbers')}</span>;
  return (
    <ul className="jf-numbers">
      {numbers.map(({ kind, value }) => (
        <li key={value}>
          {mayCall ? (
            <Button
              variant="tertiary"
              size="sm"
              icon={<PhoneIcon />}
              isLoading={dialling === value}
              spinnerAriaLabel={t('app.working')}
              isAriaDisabled={dialling !== undefined}
              aria-label={t('directory.call', {
                name: person.name,
                kind: t(`directory.kind.${kind}`),
                number: value,
              })}
              onClick={() => makeCall(value, person.name)}
            >
              <span className="jf-quiet">{t(`directory.kind.${kind}`)}</span>{' '}
              <span className="jf-number">{value}</span>
            </Button>
          ) : (
            <span>
              <span className="jf-quiet">{t(`directory.kind.${kind}`)}</span>{' '}
              <span className="jf-number">{value}</span>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
