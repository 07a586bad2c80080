// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';

import { applyCall, fromSnapshot, noCalls, prune } from './callState';
import { alice, call, connection } from './testCalls';

describe('callState', () => {
  it('puts calls in the order in which they began', () => {
    const state = fromSnapshot([call({ id: 'late', created: 9 }), call({ id: 'early', created: 1 })], 'e:1');
    const next = applyCall(state, call({ id: 'middle', created: 5 }), 'e:2');
    expect(next.calls.map(({ id }) => id)).toEqual(['early', 'middle', 'late']);
  });

  it('replaces a call by the one that an event carries', () => {
    const state = applyCall(fromSnapshot([call()], 'e:1'), call({ answered: 5 }), 'e:2');
    expect(state.calls).toEqual([call({ answered: 5 })]);
  });

  it('does not go back to what the snapshot has already left behind', () => {
    const state = fromSnapshot([call({ answered: 5 })], 'e:10');
    expect(applyCall(state, call({ answered: 0 }), 'e:9')).toBe(state);
    expect(applyCall(state, call({ answered: 0 }), 'e:10')).toBe(state);
  });

  it('does not bring back a call whose end was missed but is in the snapshot', () => {
    const state = fromSnapshot([], 'e:10');
    expect(applyCall(state, call(), 'e:8').calls).toEqual([]);
  });

  it('shows the end of a call that was shown and ignores that of another', () => {
    const ended = call({ ended: 7_000 });
    expect(applyCall(fromSnapshot([call()], 'e:1'), ended, 'e:2').calls).toEqual([ended]);
    expect(applyCall(noCalls, ended, 'e:2').calls).toEqual([]);
  });

  it('takes ended calls away after their time and leaves the others', () => {
    const live = call({ id: 'live' });
    const state = fromSnapshot([live, call({ id: 'gone', ended: 5_000 })], 'e:1');
    expect(prune(state, 4_999, alice)).toBe(state);
    expect(prune(state, 5_000, alice).calls).toEqual([live]);
  });

  it('takes a call away that goes on without the reader, after a transfer', () => {
    const left = connection('alice', { state: 'null', cause: 'redirected', since: 5_000 });
    const state = fromSnapshot([call({ connections: [left, connection('bob')] })], 'e:1');
    expect(prune(state, 4_999, alice)).toBe(state);
    expect(prune(state, 5_000, alice).calls).toEqual([]);
    expect(prune(state, 5_000, 'id-bob')).toBe(state);
  });
});
