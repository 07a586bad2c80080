// SPDX-License-Identifier: Apache-2.0
// The live calls as views of the person who is signed in.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import { keys } from '../api/keys';
import { serverNow } from '../format/clock';
import { useSession } from '../session/session';
import { endFor, prune, type CallState } from './callState';
import { viewOf, type CallView } from './callView';

// How long an ended call stays to be read.
const farewellMs = 6_000;

function useCallState(): CallState | undefined {
  // Filled by the event stream alone, which also fetches the snapshot.
  return useQuery<CallState>({
    queryKey: keys.calls,
    queryFn: () => Promise.reject(new Error('filled by the event stream')),
    enabled: false,
    staleTime: Infinity,
    gcTime: Infinity,
  }).data;
}

/** undefined until the first snapshot. */
export function useCallViews(): CallView[] | undefined {
  const state = useCallState();
  const userId = useSession().user.id;
  return useMemo(() => state?.calls.map((call) => viewOf(call, userId)), [state, userId]);
}

/** Takes ended calls away after their time; used once, by the shell. */
export function useFarewell(): void {
  const client = useQueryClient();
  const state = useCallState();
  const userId = useSession().user.id;
  const someEnded = state?.calls.some((call) => endFor(call, userId) > 0) ?? false;
  useEffect(() => {
    if (!someEnded) return;
    const timer = setInterval(() => {
      client.setQueryData<CallState>(
        keys.calls,
        (current) => current && prune(current, serverNow() - farewellMs, userId),
      );
    }, 1_000);
    return () => clearInterval(timer);
  }, [client, someEnded, userId]);
}

/** The server's time, anew each second while it matters. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
