// SPDX-License-Identifier: Apache-2.0
// Who is signed in. One query holds the session; any request that is refused as not signed in empties it, which leads
// to a clean sign-in page from wherever the person was.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  type ReactNode,
  useRef,
} from 'react';

import { api, bodyOf, setCsrfToken, whenUnauthenticated } from '../api/client';
import { asProblem } from '../api/problem';
import type { Permission, Session } from '../api/types';
import { clearCursor } from '../events/cursorMemory';

const sessionKey = ['session'];
// The open page in front of a person is use of the session, even when they only watch.
const keepAliveMs = 10 * 60_000;

/** Why the sign-in page is shown. */
export type SignedOutBecause = 'never' | 'expired' | 'logoff';

interface SessionControl {
  session: Session | null | undefined;
  error: unknown;
  because: SignedOutBecause;
  retry: () => void;
  signIn: (login: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
  expire: () => void;
}

const SessionContext = createContext<SessionControl | undefined>(undefined);

async function loadSession(): Promise<Session | null> {
  const answer = await api.GET('/api/v1/session');
  if (answer.response.status === 401) return null;
  const session = await bodyOf(Promise.resolve(answer));
  setCsrfToken(session.csrfToken);
  return session;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [because, setBecause] = useState<SignedOutBecause>('never');
  const query = useQuery({
    queryKey: sessionKey,
    queryFn: loadSession,
    staleTime: Infinity,
    refetchInterval: (state) => (state.state.data ? keepAliveMs : false),
  });

  // While a Logoff is on its way the server closes the event stream first: that is no session that expired.
  const signingOff = useRef(false);
  const leave = useCallback(
    (reason: SignedOutBecause) => {
      const wasSignedIn = Boolean(client.getQueryData<Session | null>(sessionKey));
      setCsrfToken('');
      clearCursor();
      client.setQueryData(sessionKey, null);
      client.removeQueries({ predicate: (other) => other.queryKey[0] !== sessionKey[0] });
      if (wasSignedIn) setBecause(signingOff.current ? 'logoff' : reason);
    },
    [client],
  );
  const expire = useCallback(() => leave('expired'), [leave]);

  useEffect(() => {
    whenUnauthenticated(expire);
    return () => whenUnauthenticated(undefined);
  }, [expire]);

  const signIn = useCallback(
    async (login: string, password: string) => {
      const session = await bodyOf(api.POST('/api/v1/session', { body: { login, password } }));
      setCsrfToken(session.csrfToken);
      setBecause('never');
      client.setQueryData(sessionKey, session);
    },
    [client],
  );

  const signOut = useCallback(async () => {
    signingOff.current = true;
    try {
      await bodyOf(api.DELETE('/api/v1/session'));
    } catch (error) {
      // A session that is no longer known has ended, which is what was asked for.
      if (asProblem(error).status !== 401) throw error;
    } finally {
      signingOff.current = false;
    }
    leave('logoff');
  }, [leave]);

  const { refetch } = query;
  const control = useMemo<SessionControl>(
    () => ({
      session: query.data,
      error: query.error,
      because,
      retry: () => void refetch(),
      signIn,
      signOut,
      expire,
    }),
    [query.data, query.error, because, refetch, signIn, signOut, expire],
  );
  return <SessionContext value={control}>{children}</SessionContext>;
}

export function useSessionControl(): SessionControl {
  const control = useContext(SessionContext);
  if (!control) throw new Error('useSessionControl outside of SessionProvider');
  return control;
}

/** Below the shell, where somebody is signed in. */
export function useSession(): Session {
  const { session } = useSessionControl();
  if (!session) throw new Error('useSession where nobody is signed in');
  return session;
}

export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}
