// SPDX-License-Identifier: Apache-2.0
// What one person needs to see of a call: the other party, where it stands, and what can be done.
import type { Call, Connection, Refusal } from '../api/types';
import { hasEnded } from './callState';

export type Verb = 'answer' | 'deflect' | 'hold' | 'retrieve' | 'transfer' | 'drop';
export const verbs: readonly Verb[] = ['answer', 'deflect', 'hold', 'retrieve', 'transfer', 'drop'];

export type Stage =
  | 'incoming' // my phone rings for somebody's call
  | 'pickUp' // my phone rings for a call that I asked for
  | 'calling' // on its way
  | 'ringing' // the other phone rings
  | 'talking'
  | 'held' // by me
  | 'heldByOther'
  | 'queued'
  | 'ended';

export interface CallView {
  id: string;
  requestId: string;
  direction: 'incoming' | 'outgoing';
  stage: Stage;
  /** Since when the shown duration runs: since the answer, else since the beginning. */
  since: number;
  ended: number;
  answered: boolean;
  confirmed: boolean;
  cause: Connection['cause'];
  other: Party | undefined;
  /** Of each verb: undefined when it is possible now, else why not. An empty reason: the server gave none. */
  refusals: Record<Verb, Refusal | '' | undefined>;
}

export interface Party {
  name: string;
  number: string;
}

// The API drops what CSTA clears.
const driverVerb: Record<Verb, string> = {
  answer: 'answer',
  deflect: 'deflect',
  hold: 'hold',
  retrieve: 'retrieve',
  transfer: 'transfer',
  drop: 'clear',
};

export function viewOf(call: Call, userId: string): CallView {
  const own = ownConnection(call, userId);
  const others = call.connections.filter((connection) => connection !== own);
  // A party that is still there tells more than one that has left.
  const other = others.find((connection) => connection.state !== 'null') ?? others[0];
  const direction = own?.role === 'terminating' ? 'incoming' : 'outgoing';
  return {
    id: call.id,
    requestId: call.requestId,
    direction,
    stage: stageOf(call, direction, own, other),
    since: call.answered || call.created,
    ended: call.ended,
    answered: call.answered > 0,
    confirmed: own?.confirmed ?? true,
    cause: endCause(own, other),
    other: other && { name: other.user?.name ?? other.name, number: other.number },
    refusals: {
      answer: refusal(own, 'answer'),
      deflect: refusal(own, 'deflect'),
      hold: refusal(own, 'hold'),
      retrieve: refusal(own, 'retrieve'),
      transfer: refusal(own, 'transfer'),
      drop: refusal(own, 'drop'),
    },
  };
}

// When somebody calls their own number both connections are theirs; the one that can do something is meant.
function ownConnection(call: Call, userId: string): Connection | undefined {
  const own = call.connections.filter((connection) => connection.user?.id === userId);
  return own.find((connection) => connection.verbs.length > 0) ?? own[0];
}

function stageOf(
  call: Call,
  direction: CallView['direction'],
  own: Connection | undefined,
  other: Connection | undefined,
): Stage {
  if (hasEnded(call) || own?.state === 'null' || own?.state === 'failed') return 'ended';
  if (own?.state === 'held') return 'held';
  if (own?.state === 'alerting') return direction === 'incoming' ? 'incoming' : 'pickUp';
  if (own?.state === 'queued' || other?.state === 'queued') return 'queued';
  if (other?.state === 'held') return 'heldByOther';
  if (other?.state === 'alerting') return 'ringing';
  if (other?.state === 'connected' && own?.state === 'connected') return 'talking';
  return direction === 'outgoing' && own?.state === 'initiated' && call.requestId !== ''
    ? 'pickUp'
    : 'calling';
}

// The side on which something went wrong says why.
function endCause(own: Connection | undefined, other: Connection | undefined): Connection['cause'] {
  return [own, other].find((connection) => connection && connection.cause !== 'normal')?.cause ?? 'normal';
}

function refusal(own: Connection | undefined, verb: Verb): Refusal | '' | undefined {
  const name = driverVerb[verb];
  if (own?.verbs.includes(name)) return undefined;
  return own?.refused[name] ?? '';
}

/** Whether the event that confirms a command has come. */
export function isConfirmed(verb: Verb, view: CallView | undefined): boolean {
  if (!view || view.stage === 'ended') return true;
  if (verb === 'answer') return view.stage !== 'incoming' && view.stage !== 'pickUp';
  if (verb === 'hold') return view.stage === 'held';
  if (verb === 'retrieve') return view.stage !== 'held';
  return false;
}
