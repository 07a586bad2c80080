// SPDX-License-Identifier: Apache-2.0
// The client of the event stream: takes a snapshot, keeps one WebSocket open, hands every later event on exactly once
// and in order, and catches up by its cursor after any interruption. Knows nothing of React, so that each rule has a
// test of its own.
//
// A browser hides the HTTP status of a refused WebSocket. After a connection that never opened, `probe` asks the same
// address by plain HTTP why.
import { isCovered, sameEpoch } from './cursor';

export interface EventFrame {
  cursor: string;
  type: string;
  time: number;
  data: unknown;
}

export type StreamState =
  | 'connecting' // the first connection, or a new one on its way
  | 'connected'
  | 'waiting' // the server is away; the next attempt is scheduled
  | 'stopped';

/** Why a connection did not open. `none`: the server sees no obstacle, so the next attempt may succeed. */
export type Obstacle = 'away' | 'gone' | 'signedOut' | 'none';

export interface Socket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  close(): void;
}

export interface StreamOptions {
  connect: (cursor: string | undefined) => Socket;
  probe: (cursor: string | undefined) => Promise<Obstacle>;
  /** Fetches everything anew; the answer is the cursor to go on from, undefined for "from now on". */
  snapshot: () => Promise<string | undefined>;
  onEvent: (frame: EventFrame) => void;
  onState: (state: StreamState) => void;
  onSignedOut: () => void;
  /** Called with each cursor up to which everything was handled. */
  remember?: (cursor: string) => void;
  random?: () => number;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;
// A connection that does not even say hello for this long is given up.
const helloTimeoutMs = 10_000;
// The server says that nothing is in the way, and yet it does not open: take a snapshot instead of trying for ever.
const unexplainedUntilSnapshot = 3;
// Close code of a session that has ended (RFC 6455: policy violation).
const policyViolation = 1008;

export class EventStream {
  private readonly options: StreamOptions;
  private cursor: string | undefined;
  // A snapshot has to be taken before the next connection.
  private stale = true;
  private running = false;
  private socket: Socket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private unexplained = 0;
  // Of the current attempt; what arrives for an older one is void.
  private generation = 0;

  constructor(options: StreamOptions) {
    this.options = options;
  }

  start(): void {
    this.running = true;
    this.attempt();
  }

  stop(): void {
    this.running = false;
    this.abandon();
    this.options.onState('stopped');
  }

  /** The network is back or the person asked: do not wait for the timer. */
  retryNow(): void {
    if (this.running && this.timer !== undefined && this.socket === undefined) {
      this.attempts = 0;
      this.attempt();
    }
  }

  /** The network is known to be gone; the browser itself would notice only after minutes. */
  interrupt(): void {
    if (this.running && this.socket) {
      this.abandon();
      this.retryLater();
    }
  }

  private attempt(): void {
    this.abandon();
    this.options.onState('connecting');
    if (this.stale) void this.takeSnapshot();
    else this.open();
  }

  private abandon(): void {
    this.generation += 1;
    clearTimeout(this.timer);
    this.timer = undefined;
    const socket = this.socket;
    this.socket = undefined;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
  }

  private async takeSnapshot(): Promise<void> {
    const generation = this.generation;
    let cursor: string | undefined;
    try {
      cursor = await this.options.snapshot();
    } catch {
      if (generation === this.generation) this.retryLater();
      return;
    }
    if (generation !== this.generation) return;
    this.stale = false;
    this.unexplained = 0;
    this.cursor = cursor;
    if (cursor !== undefined) this.options.remember?.(cursor);
    this.open();
  }

  private open(): void {
    const generation = this.generation;
    let greeted = false;
    const socket = this.options.connect(this.cursor);
    this.socket = socket;
    this.timer = setTimeout(() => {
      this.abandon();
      this.retryLater();
    }, helloTimeoutMs);
    socket.onmessage = (event) => {
      if (generation !== this.generation) return;
      const frame = parseFrame(event.data);
      if (!frame) return;
      if (this.cursor !== undefined && !sameEpoch(frame.cursor, this.cursor)) {
        // Another log than the one we know: its numbers mean nothing to us.
        this.startOver();
        return;
      }
      if (!greeted) {
        greeted = true;
        this.greeted();
      }
      this.receive(frame);
    };
    socket.onclose = (event) => {
      if (generation !== this.generation) return;
      this.abandon();
      if (greeted && event.code !== policyViolation) this.retryLater();
      else void this.explain();
    };
  }

  private greeted(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.attempts = 0;
    this.unexplained = 0;
    this.options.onState('connected');
  }

  private receive(frame: EventFrame): void {
    if (frame.type === 'hello') {
      if (this.cursor === undefined) this.advance(frame.cursor);
      return;
    }
    if (isCovered(frame.cursor, this.cursor)) return;
    try {
      this.options.onEvent(frame);
    } catch {
      // An event that cannot be applied must not be passed over in silence: what it changed comes with a snapshot.
      this.startOver();
      return;
    }
    this.advance(frame.cursor);
  }

  private advance(cursor: string): void {
    this.cursor = cursor;
    this.options.remember?.(cursor);
  }

  private async explain(): Promise<void> {
    const generation = this.generation;
    const obstacle = await this.options.probe(this.cursor).catch((): Obstacle => 'away');
    if (generation !== this.generation) return;
    if (obstacle === 'signedOut') {
      this.stop();
      this.options.onSignedOut();
      return;
    }
    this.unexplained = obstacle === 'none' ? this.unexplained + 1 : 0;
    if (obstacle === 'gone' || this.unexplained >= unexplainedUntilSnapshot) this.startOver();
    else this.retryLater();
  }

  // At once the first time; a server that refuses even a new cursor is not asked in a tight loop.
  private startOver(): void {
    this.abandon();
    this.stale = true;
    if (this.attempts > 0) {
      this.retryLater();
      return;
    }
    this.attempts = 1;
    this.attempt();
  }

  // Doubling delays, each drawn from its upper half, so that thousands of browsers do not come back as one.
  private retryLater(): void {
    const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** this.attempts);
    const delay = ceiling * (0.5 + (this.options.random ?? Math.random)() / 2);
    this.attempts += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.attempt(), delay);
    this.options.onState('waiting');
  }
}

function parseFrame(data: unknown): EventFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame = JSON.parse(data) as Partial<EventFrame> | null;
    if (!frame || typeof frame.cursor !== 'string' || typeof frame.type !== 'string') return undefined;
    return { cursor: frame.cursor, type: frame.type, time: frame.time ?? 0, data: frame.data };
  } catch {
    return undefined;
  }
}
