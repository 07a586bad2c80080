// SPDX-License-Identifier: Apache-2.0
// Directory synchronisation: start one, watch it, and see what the last ones did.
import {
  AlertActionLink,
  Button,
  Card,
  CardBody,
  EmptyState,
  EmptyStateBody,
  FormSelect,
  FormSelectOption,
  PageSection,
  Progress,
  Title,
} from '@patternfly/react-core';
import { SyncAltIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { SyncRun } from '../api/types';
import { ProblemState } from '../ui/problemState';
import { useProblemText } from '../ui/problemText';
import { SkeletonRows } from '../ui/skeletonRows';
import { usePageTitle } from '../ui/useTitle';
import { SyncRuns } from './syncRuns';
import { useServers, useStartSync, useSyncRuns } from './useAdmin';
import { Notice } from '../ui/notice';

export default function SyncPage() {
  const { t } = useTranslation();
  usePageTitle(t('admin.sync.title'));
  return (
    <>
      <PageSection className="jf-page-head">
        <Title headingLevel="h1">{t('admin.sync.title')}</Title>
      </PageSection>
      <PageSection isFilled aria-label={t('admin.sync.title')} className="jf-stack">
        <StartSync />
        <LastRuns />
      </PageSection>
    </>
  );
}

function StartSync() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const runs = useSyncRuns().data?.runs;
  const directories = useServers().data?.servers.filter((server) => server.kind === 'directory');
  const start = useStartSync();
  const [mode, setMode] = useState<SyncRun['mode']>('incremental');
  const [chosen, setChosen] = useState<string>();
  const server = chosen ?? directories?.[0]?.handle;
  const running = runs?.find((run) => run.state === 'running');
  // What the newest run of this directory was refused for can be allowed.
  const newest = runs?.find((run) => run.directory === server);
  const refused = newest?.state === 'refused' ? newest : undefined;
  if (directories?.length === 0)
    return <Notice isInline variant="info" title={t('admin.sync.noDirectory')} />;
  return (
    <Card>
      <CardBody className="jf-stack">
        <form
          className="jf-sync-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (server) start.mutate({ mode, server, confirmRemovals: false });
          }}
        >
          {directories && directories.length > 1 && (
            <FormSelect
              aria-label={t('admin.sync.server')}
              value={server ?? ''}
              onChange={(_event, value) => setChosen(value)}
            >
              {directories.map(({ handle }) => (
                <FormSelectOption key={handle} value={handle} label={handle} />
              ))}
            </FormSelect>
          )}
          <FormSelect
            aria-label={t('admin.sync.mode')}
            value={mode}
            onChange={(_event, value) => setMode(value === 'full' ? 'full' : 'incremental')}
          >
            <FormSelectOption value="incremental" label={t('admin.sync.incremental')} />
            <FormSelectOption value="full" label={t('admin.sync.full')} />
          </FormSelect>
          <Button
            type="submit"
            icon={<SyncAltIcon />}
            isLoading={start.isPending}
            spinnerAriaLabel={t('app.working')}
            isDisabled={!server || start.isPending || running !== undefined}
          >
            {t('admin.sync.run')}
          </Button>
        </form>
        {running && (
          <Progress
            aria-label={t('admin.sync.running', { seen: running.seen })}
            title={t('admin.sync.running', { seen: running.seen })}
            value={share(running, runs)}
            measureLocation="none"
          />
        )}
        {start.error && (
          <Notice isInline variant="danger" title={t('admin.sync.failedTitle')}>
            {problemText(start.error)}
          </Notice>
        )}
        {refused && !running && (
          <Notice
            isInline
            variant="warning"
            title={t('admin.sync.allowTitle')}
            actionLinks={
              <AlertActionLink
                onClick={() =>
                  start.mutate({ mode: refused.mode, server: refused.directory, confirmRemovals: true })
                }
              >
                {t('admin.sync.allow')}
              </AlertActionLink>
            }
          >
            {refused.text}
          </Notice>
        )}
      </CardBody>
    </Card>
  );
}

/** How far a run is, by what the last one of its kind has read; a directory does not say how much there is. */
function share(running: SyncRun, runs: readonly SyncRun[] | undefined): number {
  const last = runs?.find(
    (run) => run.state === 'done' && run.directory === running.directory && run.mode === running.mode,
  );
  return last && last.seen > 0 ? Math.min(99, Math.round((100 * running.seen) / last.seen)) : 0;
}

function LastRuns() {
  const { t } = useTranslation();
  const { data, error, refetch } = useSyncRuns();
  return (
    <Card>
      <CardBody className="jf-flush">
        {!data &&
          (error ? (
            <ProblemState error={error} onRetry={() => void refetch()} />
          ) : (
            <SkeletonRows count={4} />
          ))}
        {data?.runs.length === 0 && (
          <EmptyState
            variant="xs"
            icon={SyncAltIcon}
            headingLevel="h2"
            titleText={t('admin.sync.emptyTitle')}
          >
            <EmptyStateBody>{t('admin.sync.emptyBody')}</EmptyStateBody>
          </EmptyState>
        )}
        {data && data.runs.length > 0 && <SyncRuns runs={data.runs} />}
      </CardBody>
    </Card>
  );
}
