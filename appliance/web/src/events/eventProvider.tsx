// SPDX-License-Identifier: Apache-2.0
// Connects the event stream to the page: calls go into the query cache, everything else makes what is shown reload.
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';

import { api, bodyOf } from '../api/client';
import type { CallEvent, ContactLogEntry } from '../api/types';
import { applyCall, fromSnapshot, noCalls, type CallState } from '../calls/callState';
import { keys } from '../api/keys';
import { useSession, useSessionControl } from '../session/session';
import { isCovered } from './cursor';
import { recallCursor, rememberCursor } from './cursorMemory';
import { EventStream, type EventFrame, type Obstacle, type Socket, type StreamState } from './eventStream';

type LogListener = (entry: ContactLogEntry) => void;

interface Events {
  state: StreamState;
  retryNow: () => void;
  /** Each new row of the call log, once. */
  onLogEntry: (listener: LogListener) => () => void;
}

const EventsContext = createContext<Events | undefined>(undefined);

const eventsPath = '/api/v1/events';

function address(cursor: string | undefined): string {
  return cursor === undefined ? eventsPath : `${eventsPath}?cursor=${encodeURIComponent(cursor)}`;
}

function connect(cursor: string | undefined): Socket {
  const url = new URL(address(cursor), window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const webSocket = new WebSocket(url);
  const socket: Socket = { onmessage: null, onclose: null, close: () => webSocket.close() };
  webSocket.onmessage = (event: MessageEvent<unknown>) => socket.onmessage?.(event);
  webSocket.onclose = (event) => socket.onclose?.(event);
  return socket;
}

async function probe(cursor: string | undefined): Promise<Obstacle> {
  const { status } = await fetch(address(cursor), { credentials: 'same-origin', cache: 'no-store' });
  if (status === 410) return 'gone';
  if (status === 401) return 'signedOut';
  return status >= 500 ? 'away' : 'none';
}

// What a frame makes out of date. A call's end changes the figures of the status page too.
const affected: Record<string, readonly (readonly string[])[]> = {
  contactLog: [keys.contactLog],
  alarm: [keys.alarms, keys.status],
  server: [keys.status, keys.servers],
  sync: [keys.syncRuns, keys.directory],
};

function handle(client: QueryClient, frame: EventFrame): void {
  if (frame.type === 'call') {
    const { call } = frame.data as CallEvent;
    client.setQueryData<CallState>(keys.calls, (state) => applyCall(state ?? noCalls, call, frame.cursor));
  }
  for (const queryKey of affected[frame.type] ?? []) void client.invalidateQueries({ queryKey });
}

export function EventProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { expire } = useSessionControl();
  const session = useSession();
  const userId = session.user.id;
  const ownCalls = session.permissions.includes('ownCalls');
  const [state, setState] = useState<StreamState>('connecting');
  const stream = useRef<EventStream>(undefined);
  const listeners = useRef(new Set<LogListener>());

  useEffect(() => {
    let recalled = recallCursor(userId);
    let first = true;
    const current = new EventStream({
      connect,
      probe,
      snapshot: async () => {
        // Lists that were read before the snapshot may have missed what led to it.
        if (!first) void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
        first = false;
        if (!ownCalls) return undefined;
        const { calls, cursor } = await bodyOf(api.GET('/api/v1/calls'));
        client.setQueryData<CallState>(keys.calls, fromSnapshot(calls, cursor));
        // After a reload the stream goes on where the page had stopped; the snapshot has what it shows of calls.
        const from = recalled !== undefined && isCovered(recalled, cursor) ? recalled : cursor;
        recalled = undefined;
        return from;
      },
      onEvent: (frame) => {
        handle(client, frame);
        if (frame.type === 'contactLog') {
          for (const listener of listeners.current) listener(frame.data as ContactLogEntry);
        }
      },
      onState: setState,
      onSignedOut: expire,
      remember: (cursor) => rememberCursor(userId, cursor),
    });
    stream.current = current;
    const online = () => current.retryNow();
    const offline = () => current.interrupt();
    const visible = () => {
      if (document.visibilityState === 'visible') current.retryNow();
    };
    window.addEventListener('online', online);
    window.addEventListener('offline', offline);
    document.addEventListener('visibilitychange', visible);
    current.start();
    return () => {
      window.removeEventListener('online', online);
      window.removeEventListener('offline', offline);
      document.removeEventListener('visibilitychange', visible);
      current.stop();
    };
  }, [client, expire, ownCalls, userId]);

  const events = useMemo<Events>(
    () => ({
      state,
      retryNow: () => stream.current?.retryNow(),
      onLogEntry: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <EventsContext value={events}>{children}</EventsContext>;
}

export function useEvents(): Events {
  const events = useContext(EventsContext);
  if (!events) throw new Error('useEvents outside of EventProvider');
  return events;
}
