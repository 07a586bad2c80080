// SPDX-License-Identifier: Apache-2.0
// The promises of the event stream's client: nothing lost, nothing twice, in order, and back by itself.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { EventStream, type EventFrame, type Obstacle, type Socket, type StreamState } from './eventStream';

class FakeSocket implements Socket {
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  closed = false;
  readonly cursor: string | undefined;

  constructor(cursor: string | undefined) {
    this.cursor = cursor;
  }

  close(): void {
    this.closed = true;
  }

  send(frame: object | string): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  hello(cursor: string): void {
    this.send({ type: 'hello', cursor });
  }

  event(cursor: string, data: unknown = cursor): void {
    this.send({ type: 'call', cursor, time: 1, data });
  }

  fail(code = 1006): void {
    this.onclose?.({ code });
  }
}

function make(options: { snapshots?: (string | undefined | Error)[]; obstacles?: Obstacle[] } = {}) {
  const sockets: FakeSocket[] = [];
  const events: string[] = [];
  const states: StreamState[] = [];
  const remembered: string[] = [];
  const snapshots = options.snapshots ?? ['e:10'];
  const obstacles = options.obstacles ?? [];
  const signedOut = vi.fn();
  const snapshot = vi.fn(() => {
    const next = snapshots.length > 1 ? snapshots.shift() : snapshots[0];
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
  const onEvent = vi.fn((frame: EventFrame) => {
    events.push(frame.cursor);
  });
  const stream = new EventStream({
    connect: (cursor) => {
      const socket = new FakeSocket(cursor);
      sockets.push(socket);
      return socket;
    },
    probe: () => Promise.resolve(obstacles.shift() ?? 'away'),
    snapshot,
    onEvent,
    onState: (state) => states.push(state),
    onSignedOut: signedOut,
    remember: (cursor) => remembered.push(cursor),
    random: () => 1,
  });
  const last = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  };
  return { stream, sockets, events, states, remembered, signedOut, snapshot, onEvent, last };
}

// Lets promises that are already resolved run on.
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('EventStream', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('takes a snapshot first and connects with its cursor', async () => {
    const { stream, last, states } = make();
    stream.start();
    await settle();
    expect(last().cursor).toBe('e:10');
    last().hello('e:10');
    expect(states).toEqual(['connecting', 'connected']);
  });

  it('hands events on in order and remembers each only after it was handled', async () => {
    const { stream, last, events, remembered, onEvent } = make();
    stream.start();
    await settle();
    last().hello('e:12');
    onEvent.mockImplementationOnce((frame) => {
      expect(remembered).not.toContain(frame.cursor);
      events.push(frame.cursor);
    });
    last().event('e:11');
    last().event('e:12');
    expect(events).toEqual(['e:11', 'e:12']);
    expect(remembered).toEqual(['e:10', 'e:11', 'e:12']);
  });

  it('does not pass over what hello says is there before it has come', async () => {
    const { stream, last, events } = make();
    stream.start();
    await settle();
    last().hello('e:15');
    last().event('e:11');
    expect(events).toEqual(['e:11']);
  });

  it('drops an event that was handled before, and one from behind', async () => {
    const { stream, last, events } = make();
    stream.start();
    await settle();
    last().hello('e:10');
    last().event('e:11');
    last().event('e:11');
    last().event('e:9');
    last().event('e:12');
    expect(events).toEqual(['e:11', 'e:12']);
  });

  it('reconnects with the cursor of the last handled event and doubles nothing', async () => {
    const { stream, last, events, sockets, states } = make();
    stream.start();
    await settle();
    last().hello('e:10');
    last().event('e:11');
    last().fail();
    expect(states.at(-1)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    expect(last().cursor).toBe('e:11');
    last().hello('e:13');
    last().event('e:11');
    last().event('e:12');
    last().event('e:13');
    expect(events).toEqual(['e:11', 'e:12', 'e:13']);
    expect(states.at(-1)).toBe('connected');
  });

  it('ignores what a connection says that it has given up', async () => {
    const { stream, sockets, events } = make();
    stream.start();
    await settle();
    const first = sockets[0];
    first?.hello('e:10');
    const handler = first?.onmessage;
    stream.interrupt();
    handler?.({ data: JSON.stringify({ type: 'call', cursor: 'e:11', time: 1, data: {} }) });
    expect(first?.closed).toBe(true);
    expect(events).toEqual([]);
  });

  it('waits twice as long after each failure, up to 15 seconds, and starts over after a success', async () => {
    const { stream, last, sockets } = make();
    stream.start();
    await settle();
    for (const delay of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      const before = sockets.length;
      last().fail();
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(sockets).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().hello('e:10');
    last().fail();
    const before = sockets.length;
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(before + 1);
  });

  it('takes a new snapshot at once when its cursor is too old (410)', async () => {
    const { stream, last, snapshot, events } = make({ snapshots: ['e:10', 'e:900'], obstacles: ['gone'] });
    stream.start();
    await settle();
    last().fail();
    await settle();
    expect(snapshot).toHaveBeenCalledTimes(2);
    expect(last().cursor).toBe('e:900');
    last().hello('e:900');
    last().event('e:900');
    last().event('e:901');
    expect(events).toEqual(['e:901']);
  });

  it('does not hammer a server that refuses every cursor', async () => {
    const { stream, last, sockets } = make({ obstacles: ['gone', 'gone', 'gone'] });
    stream.start();
    await settle();
    last().fail();
    await settle();
    last().fail();
    await settle();
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(3);
  });

  it('takes a new snapshot when the server has another event log than before', async () => {
    const { stream, last, snapshot, events } = make({ snapshots: ['old:10', 'new:2'] });
    stream.start();
    await settle();
    last().hello('new:2');
    await settle();
    expect(snapshot).toHaveBeenCalledTimes(2);
    expect(last().cursor).toBe('new:2');
    last().hello('new:2');
    last().event('new:3');
    expect(events).toEqual(['new:3']);
  });

  it('takes a new snapshot when an event cannot be applied, instead of passing it over', async () => {
    const { stream, last, snapshot, onEvent, remembered } = make({ snapshots: ['e:10', 'e:11'] });
    stream.start();
    await settle();
    last().hello('e:10');
    onEvent.mockImplementationOnce(() => {
      throw new Error('not to be understood');
    });
    last().event('e:11');
    await settle();
    expect(remembered).toEqual(['e:10', 'e:11']);
    expect(snapshot).toHaveBeenCalledTimes(2);
  });

  it('takes a new snapshot when connections fail three times for no reason that the server tells', async () => {
    const { stream, last, snapshot } = make({ obstacles: ['none', 'none', 'none'] });
    stream.start();
    await settle();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      last().fail();
      await vi.advanceTimersByTimeAsync(2_000);
    }
    expect(snapshot).toHaveBeenCalledTimes(2);
  });

  it('tries the snapshot again when the server is away, and opens nothing before it has one', async () => {
    const { stream, sockets, states } = make({ snapshots: [new Error('away'), 'e:10'] });
    stream.start();
    await settle();
    expect(sockets).toHaveLength(0);
    expect(states.at(-1)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(1);
  });

  it('says that the session has ended when the refusal is for that, and stops', async () => {
    const { stream, last, sockets, signedOut } = make({ obstacles: ['signedOut'] });
    stream.start();
    await settle();
    last().fail();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(signedOut).toHaveBeenCalledOnce();
    expect(sockets).toHaveLength(1);
  });

  it('asks why when the server closes for policy (1008)', async () => {
    const { stream, last, signedOut } = make({ obstacles: ['signedOut'] });
    stream.start();
    await settle();
    last().hello('e:10');
    last().fail(1008);
    await settle();
    expect(signedOut).toHaveBeenCalledOnce();
  });

  it('gives up a connection that says nothing', async () => {
    const { stream, sockets } = make();
    stream.start();
    await settle();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sockets[0]?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
  });

  it('tries at once when told that the network is back', async () => {
    const { stream, last, sockets } = make();
    stream.start();
    await settle();
    last().hello('e:10');
    stream.interrupt();
    expect(sockets).toHaveLength(1);
    stream.retryNow();
    expect(sockets).toHaveLength(2);
  });

  it('starts from hello where there is no snapshot to take', async () => {
    const { stream, last } = make({ snapshots: [undefined] });
    stream.start();
    await settle();
    expect(last().cursor).toBeUndefined();
    last().hello('e:7');
    last().fail();
    await vi.advanceTimersByTimeAsync(500);
    expect(last().cursor).toBe('e:7');
  });

  it('survives frames that are none', async () => {
    const { stream, last, events } = make();
    stream.start();
    await settle();
    last().hello('e:10');
    last().send('{');
    last().send('null');
    last().send({ type: 'call' });
    last().event('e:11');
    expect(events).toEqual(['e:11']);
  });

  it('does nothing more after stop', async () => {
    const { stream, last, sockets, states } = make();
    stream.start();
    await settle();
    last().hello('e:10');
    stream.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(sockets[0]?.closed).toBe(true);
    expect(states.at(-1)).toBe('stopped');
  });
});
