// SPDX-License-Identifier: Apache-2.0
// Making calls and the verbs on them, for every page: what is under way, and what became of it.
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import { useTranslation } from 'react-i18next';

import { api, bodyOf } from '../api/client';
import { serverNow } from '../format/clock';
import { useProblemText } from '../ui/problemText';
import { useToasts } from '../ui/toasts';
import { isConfirmed, type CallView, type Verb } from './callView';
import { useCallViews } from './useCalls';

// A command that no event has confirmed by then is said to be unanswered.
const confirmationMs = 15_000;

/** Those that need to know whereto. */
export type SendingVerb = 'deflect' | 'transfer';

interface Commands {
  /** The verb that is under way on this call. */
  pending: (call: string) => Verb | undefined;
  /** The number for which a call is being asked. */
  dialling: string | undefined;
  command: (view: CallView, verb: Exclude<Verb, SendingVerb>) => void;
  deflect: (view: CallView, to: string) => void;
  transfer: (view: CallView, target: { to: string } | { otherCall: string }) => void;
  makeCall: (number: string, party: string) => void;
  /** The party that was asked for, of a call whose far end has not yet appeared. */
  wanted: (view: CallView) => string | undefined;
}

interface Dialled {
  requestId: string;
  call: string | undefined;
  party: string;
}

interface Pending {
  verb: Verb;
  requestId: string;
}

const CommandsContext = createContext<Commands | undefined>(undefined);

export function CommandProvider({ children }: { children: ReactNode }) {
  const commands = usePendingCommands();
  const calling = useMakeCall();
  const value = useMemo<Commands>(() => ({ ...commands, ...calling }), [commands, calling]);
  return <CommandsContext value={value}>{children}</CommandsContext>;
}

function usePendingCommands(): Pick<Commands, 'pending' | 'command' | SendingVerb> {
  const { t } = useTranslation();
  const { toast } = useToasts();
  const problemText = useProblemText();
  const views = useCallViews();
  const [commands, setCommands] = useState<Readonly<Record<string, Pending>>>({});

  // A command is over when the state that it asked for has come by an event.
  const open = Object.entries(commands).filter(
    ([id, { verb }]) =>
      !isConfirmed(
        verb,
        views?.find((view) => view.id === id),
      ),
  );
  if (open.length < Object.keys(commands).length) setCommands(Object.fromEntries(open));

  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  }, [commands]);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const running = timers.current;
    return () => running.forEach(clearTimeout);
  }, []);

  /** Ends the wait for a command; false when it is over already. */
  const forget = useCallback((id: string, requestId: string) => {
    if (latest.current[id]?.requestId !== requestId) return false;
    setCommands((current) => Object.fromEntries(Object.entries(current).filter(([call]) => call !== id)));
    return true;
  }, []);

  const follow = useCallback(
    ({ id }: CallView, verb: Verb, ask: (requestId: string) => Promise<unknown>) => {
      const requestId = newId();
      const title = t(`calls.refusedTitle.${verb}`);
      setCommands((current) => ({ ...current, [id]: { verb, requestId } }));
      ask(requestId).then(
        () => {
          const timer = setTimeout(() => {
            timers.current.delete(timer);
            if (forget(id, requestId)) toast({ variant: 'warning', title, body: t('calls.unanswered') });
          }, confirmationMs);
          timers.current.add(timer);
        },
        (error: unknown) => {
          // When the call has ended by itself in between, nothing needs to be said.
          if (forget(id, requestId)) toast({ variant: 'danger', title, body: problemText(error) });
        },
      );
    },
    [forget, problemText, t, toast],
  );
  const command = useCallback<Commands['command']>(
    (view, verb) => {
      const params = { path: { call: view.id } };
      follow(view, verb, (requestId) =>
        bodyOf(api.POST(`/api/v1/calls/{call}/${verb}`, { params, body: { requestId } })),
      );
    },
    [follow],
  );
  const transfer = useCallback<Commands['transfer']>(
    (view, target) => {
      const params = { path: { call: view.id } };
      follow(view, 'transfer', (requestId) =>
        bodyOf(api.POST('/api/v1/calls/{call}/transfer', { params, body: { ...target, requestId } })),
      );
    },
    [follow],
  );
  const deflect = useCallback<Commands['deflect']>(
    (view, to) => {
      const params = { path: { call: view.id } };
      follow(view, 'deflect', (requestId) =>
        bodyOf(api.POST('/api/v1/calls/{call}/deflect', { params, body: { to, requestId } })),
      );
    },
    [follow],
  );
  return useMemo(
    () => ({ pending: (id) => commands[id]?.verb, command, deflect, transfer }),
    [command, commands, deflect, transfer],
  );
}

function useMakeCall(): Pick<Commands, 'dialling' | 'makeCall' | 'wanted'> {
  const { t } = useTranslation();
  const { toast } = useToasts();
  const problemText = useProblemText();
  const [dialling, setDialling] = useState<string>();
  const [dialled, setDialled] = useState<Dialled>();

  const makeCall = useCallback(
    (number: string, party: string) => {
      const requestId = newId();
      setDialling(number);
      setDialled({ requestId, call: undefined, party });
      bodyOf(api.POST('/api/v1/calls', { body: { to: number, requestId } }))
        .then(
          ({ call }) => {
            setDialled((current) => (current?.requestId === requestId ? { ...current, call } : current));
            toast({
              variant: 'info',
              title: t('dial.startedTitle', { party }),
              body: t('dial.startedBody', { party }),
            });
          },
          (error: unknown) => {
            toast({ variant: 'danger', title: t('dial.failedTitle', { party }), body: problemText(error) });
          },
        )
        .finally(() => setDialling((current) => (current === number ? undefined : current)));
    },
    [problemText, t, toast],
  );
  return useMemo(
    () => ({
      dialling,
      makeCall,
      wanted: (view) =>
        dialled && (view.id === dialled.call || view.requestId === dialled.requestId)
          ? dialled.party
          : undefined,
    }),
    [dialled, dialling, makeCall],
  );
}

export function useCommands(): Commands {
  const commands = useContext(CommandsContext);
  if (!commands) throw new Error('useCommands outside of CommandProvider');
  return commands;
}

// Of the kind that the API takes, in pages served over plain HTTP on loopback too (no crypto.randomUUID there).
function newId(): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `web-${serverNow().toString(36)}-${[...random].map((part) => part.toString(36)).join('')}`;
}
