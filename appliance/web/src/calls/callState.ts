// SPDX-License-Identifier: Apache-2.0
// The person's live calls, as a function of a snapshot and the events after it. Every event carries the whole call,
// so that applying one replaces what was there.
import type { Call } from '../api/types';
import { isCovered } from '../events/cursor';

export interface CallState {
  /** In order of their beginning. Calls that have ended stay until pruned, so that the reason can be read. */
  calls: Call[];
  /** Events up to here are contained. */
  cursor: string | undefined;
}

export const noCalls: CallState = { calls: [], cursor: undefined };

export function fromSnapshot(calls: readonly Call[], cursor: string): CallState {
  return { calls: [...calls].sort(byBeginning), cursor };
}

export function applyCall(state: CallState, call: Call, cursor: string): CallState {
  if (isCovered(cursor, state.cursor)) return state;
  const known = state.calls.some((candidate) => candidate.id === call.id);
  // The end of a call that was never shown is of no interest here; the call log has it.
  if (!known && hasEnded(call)) return { ...state, cursor };
  const others = state.calls.filter((candidate) => candidate.id !== call.id);
  return { calls: [...others, call].sort(byBeginning), cursor };
}

/** Without the calls that ended for this person before `time`. */
export function prune(state: CallState, time: number, userId: string): CallState {
  const calls = state.calls.filter((call) => {
    const end = endFor(call, userId);
    return end === 0 || end > time;
  });
  return calls.length === state.calls.length ? state : { ...state, calls };
}

export function hasEnded(call: Call): boolean {
  return call.ended > 0;
}

/** When it ended for this person: as a whole, or by a transfer that goes on without them. 0 while it lasts. */
export function endFor(call: Call, userId: string): number {
  if (hasEnded(call)) return call.ended;
  const own = call.connections.filter((connection) => connection.user?.id === userId);
  const left = own.length > 0 && own.every(({ state, cause }) => state === 'null' && cause === 'redirected');
  return left ? Math.max(...own.map(({ since }) => since)) : 0;
}

function byBeginning(left: Call, right: Call): number {
  return left.created - right.created || left.id.localeCompare(right.id);
}
