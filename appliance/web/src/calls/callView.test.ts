// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';

import type { Call } from '../api/types';
import { isConfirmed, viewOf } from './callView';
import { alice, call, connection } from './testCalls';

const view = (change: Partial<Call> = {}) => viewOf(call(change), alice);
const outgoing = (own: string, other: string) =>
  view({
    connections: [
      connection('alice', { state: own as 'null' }),
      connection('bob', { state: other as 'null' }),
    ],
  });
const incoming = (own: string, other: string) =>
  view({
    connections: [
      connection('bob', { state: other as 'null', role: 'originating' }),
      connection('alice', { state: own as 'null', role: 'terminating' }),
    ],
  });

describe('viewOf', () => {
  it('finds the reader by the id of the session, whichever side they are on', () => {
    expect(outgoing('connected', 'connected').direction).toBe('outgoing');
    expect(incoming('connected', 'connected').direction).toBe('incoming');
    expect(incoming('connected', 'connected').other).toEqual({ name: 'Bob Baker', number: '1002' });
  });

  it('names the other party from the directory, else as signalled', () => {
    const stranger = connection('bob', { name: 'Reception' });
    delete stranger.user;
    expect(view({ connections: [connection('alice'), stranger] }).other?.name).toBe('Reception');
    expect(view().other?.name).toBe('Bob Baker');
  });

  it.each([
    ['initiated', 'null', 'calling'],
    ['connected', 'initiated', 'calling'],
    ['connected', 'alerting', 'ringing'],
    ['connected', 'connected', 'talking'],
    ['held', 'connected', 'held'],
    ['connected', 'held', 'heldByOther'],
    ['held', 'held', 'held'],
    ['connected', 'queued', 'queued'],
    ['alerting', 'initiated', 'pickUp'],
    ['null', 'connected', 'ended'],
    ['failed', 'null', 'ended'],
  ])('an outgoing call with own state %s and other state %s is %s', (own, other, stage) => {
    expect(outgoing(own, other).stage).toBe(stage);
  });

  it('an incoming call that rings is announced as one', () => {
    expect(incoming('alerting', 'initiated').stage).toBe('incoming');
  });

  it('asks to pick up while the phone rings for a call that was asked for here', () => {
    const own = connection('alice', { state: 'initiated' });
    expect(view({ requestId: 'web-1', connections: [own] }).stage).toBe('pickUp');
    expect(view({ connections: [own] }).stage).toBe('calling');
  });

  it('says why a call ended, by the side on which it went wrong', () => {
    const connections = [
      connection('alice', { state: 'null' }),
      connection('bob', { state: 'null', cause: 'busy' }),
    ];
    expect(view({ ended: 9_000, connections })).toMatchObject({ stage: 'ended', cause: 'busy' });
  });

  it('runs from the answer, and before it from the beginning', () => {
    expect(view({ created: 1_000, answered: 0 }).since).toBe(1_000);
    expect(view({ created: 1_000, answered: 4_000 }).since).toBe(4_000);
  });

  it('offers what the server says is possible and gives its reason for the rest', () => {
    expect(view().refusals).toEqual({
      answer: '',
      deflect: '',
      hold: undefined,
      retrieve: 'notOnHold',
      transfer: undefined,
      drop: undefined,
    });
    const none = view({ connections: [connection('alice', { verbs: [], refused: {} }), connection('bob')] });
    expect(none.refusals).toEqual({
      answer: '',
      deflect: '',
      hold: '',
      retrieve: '',
      transfer: '',
      drop: '',
    });
  });

  it('takes the connection with verbs when somebody calls their own number', () => {
    const idle = connection('alice', { verbs: [], refused: {} });
    const active = connection('alice', { role: 'terminating', state: 'alerting', verbs: ['clear'] });
    expect(view({ connections: [idle, active] }).direction).toBe('incoming');
  });
});

describe('isConfirmed', () => {
  it('is true only when the event with the asked state has come', () => {
    expect(isConfirmed('hold', outgoing('connected', 'connected'))).toBe(false);
    expect(isConfirmed('hold', outgoing('held', 'connected'))).toBe(true);
    expect(isConfirmed('retrieve', outgoing('held', 'connected'))).toBe(false);
    expect(isConfirmed('retrieve', outgoing('connected', 'connected'))).toBe(true);
    expect(isConfirmed('drop', outgoing('connected', 'connected'))).toBe(false);
  });

  it('is over for a call that has ended or is gone', () => {
    expect(isConfirmed('drop', view({ ended: 1 }))).toBe(true);
    expect(isConfirmed('hold', undefined)).toBe(true);
  });
});
