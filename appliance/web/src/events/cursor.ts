// SPDX-License-Identifier: Apache-2.0
// A place in the server's event log, "EPOCH:SEQUENCE". The epoch changes with the database behind it.

export interface Cursor {
  epoch: string;
  sequence: number;
}

export function parseCursor(text: string | null | undefined): Cursor | undefined {
  const match = /^([^:]+):(\d{1,15})$/.exec(text ?? '');
  return match?.[1] && match[2] ? { epoch: match[1], sequence: Number(match[2]) } : undefined;
}

/** True when what stands at `candidate` is already contained in `seen`: the same log, and not behind it. */
export function isCovered(candidate: string, seen: string | undefined): boolean {
  const a = parseCursor(candidate);
  const b = parseCursor(seen);
  return a !== undefined && b !== undefined && a.epoch === b.epoch && a.sequence <= b.sequence;
}

export function sameEpoch(left: string, right: string): boolean {
  const a = parseCursor(left);
  const b = parseCursor(right);
  return a !== undefined && b !== undefined && a.epoch === b.epoch;
}
