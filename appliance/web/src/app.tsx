// SPDX-License-Identifier: Apache-2.0
// What surrounds every page, and which page stands at which address.
import { Bullseye, Spinner } from '@patternfly/react-core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';

import { asProblem } from './api/problem';
import { CallsPage } from './calls/callsPage';
import { CommandProvider } from './calls/commands';
import { DirectoryPage } from './directory/directoryPage';
import { EventProvider } from './events/eventProvider';
import { CallLogPage } from './log/callLogPage';
import { SessionProvider, useMay, useSessionControl } from './session/session';
import { SignInPage } from './session/signInPage';
import { ErrorBoundary } from './shell/errorBoundary';
import { NotFoundPage } from './shell/notFoundPage';
import { Shell } from './shell/shell';
import { ProblemState } from './ui/problemState';
import { ToastProvider } from './ui/toasts';

const AuditPage = lazy(() => import('./admin/auditPage'));
const StatusPage = lazy(() => import('./admin/statusPage'));
const SyncPage = lazy(() => import('./admin/syncPage'));
const UsersPage = lazy(() => import('./admin/usersPage'));

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Only what may pass by itself is tried again: no answer, or a server that is starting.
      retry: (failures, error) =>
        failures < 3 && (asProblem(error).isAway || asProblem(error).status === 503),
      staleTime: 30_000,
    },
    mutations: { retry: false },
  },
});

export function App() {
  return (
    <ErrorBoundary>
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <SessionProvider>
            <ToastProvider>
              <Gate />
            </ToastProvider>
          </SessionProvider>
        </BrowserRouter>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <Bullseye className="jf-loading">
      <Spinner aria-label={t('app.loading')} />
    </Bullseye>
  );
}

/** The sign-in page stands at every address, so that one comes back to where one wanted to go. */
function Gate() {
  const { session, error, retry } = useSessionControl();
  if (session) {
    return (
      <EventProvider key={session.user.id}>
        <CommandProvider>
          <Pages />
        </CommandProvider>
      </EventProvider>
    );
  }
  if (session === null) return <SignInPage />;
  if (error) {
    return (
      <Bullseye className="jf-loading">
        <ProblemState error={error} onRetry={retry} />
      </Bullseye>
    );
  }
  return <Loading />;
}

function Pages() {
  const mayCall = useMay('ownCalls');
  const maySearch = useMay('directory');
  const mayView = useMay('viewSystem');
  const mayMonitor = useMay('monitor');
  const home = mayCall ? '/calls' : mayView ? '/admin' : '/directory';
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route element={<Shell />}>
          <Route index element={<Navigate to={home} replace />} />
          {mayCall && <Route path="calls" element={<CallsPage />} />}
          {mayCall && <Route path="log" element={<CallLogPage />} />}
          {maySearch && <Route path="directory" element={<DirectoryPage />} />}
          {mayView && (
            <Route
              path="admin"
              element={mayMonitor ? <StatusPage /> : <Navigate to="/admin/users" replace />}
            />
          )}
          {mayMonitor && <Route path="admin/directory-sync" element={<SyncPage />} />}
          {mayView && <Route path="admin/users" element={<UsersPage />} />}
          {mayView && <Route path="admin/audit" element={<AuditPage />} />}
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </Suspense>
  );
}
