// SPDX-License-Identifier: Apache-2.0
// Calls for unit tests: Alice (the reader) and Bob.
import type { Call, Connection } from '../api/types';

export const alice = 'id-alice';

export function connection(login: 'alice' | 'bob', change: Partial<Connection> = {}): Connection {
  const number = login === 'alice' ? '1001' : '1002';
  return {
    device: `sip:${number}@site.test`,
    number,
    name: '',
    role: login === 'alice' ? 'originating' : 'terminating',
    state: 'connected',
    served: true,
    confirmed: true,
    cause: 'normal',
    since: 0,
    answered: 0,
    verbs: ['hold', 'transfer', 'clear'],
    refused: { retrieve: 'notOnHold' },
    user: { id: `id-${login}`, name: login === 'alice' ? 'Alice Archer' : 'Bob Baker' },
    ...change,
  };
}

export function call(change: Partial<Call> = {}): Call {
  return {
    id: 'c1',
    requestId: '',
    created: 1_000,
    answered: 0,
    ended: 0,
    server: 'head-office',
    connections: [connection('alice'), connection('bob')],
    ...change,
  };
}
