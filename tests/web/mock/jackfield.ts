// SPDX-License-Identifier: Apache-2.0
// A stand-in that serves the built pages and answers like Jackfield, for what a real one does not do on demand: to be
// full, to refuse, to be slow, to forget cursors, to vanish. What the pages do with real calls is shown against a real
// Jackfield only.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { WebSocketServer, type WebSocket } from 'ws';

import { session, syncRun, userOf } from './documents';
import { people, personOf, search, type MockPerson } from './people';

const dist = fileURLToPath(new URL('../../../appliance/web/dist', import.meta.url));
const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

type State = 'null' | 'initiated' | 'alerting' | 'connected' | 'held';
type Verb = 'hold' | 'retrieve' | 'clear';

export interface MockConnection {
  person: MockPerson;
  role: 'originating' | 'terminating';
  state: State;
  cause?: string;
}

export interface MockCall {
  id: string;
  requestId: string;
  created: number;
  answered: number;
  ended: number;
  connections: MockConnection[];
}

interface Frame {
  sequence: number;
  text: string;
}

/** What the next request of this kind is answered with instead. */
export interface Refusal {
  status: number;
  code: string;
  detail: string;
  retryAfter?: number;
}

export class MockJackfield {
  /** By "METHOD /path"; each is used until it is removed. */
  readonly refusals = new Map<string, Refusal>();
  /** Accept commands and never say that they happened. */
  silent = false;
  /** Cursors before this one have been forgotten: 410. */
  oldest = 0;
  /** How often the live calls were read: a page that lost its place has to. */
  snapshots = 0;
  /** The cursors with which event streams were opened, in order. */
  readonly cursors: (string | null)[] = [];
  readonly log: Record<string, unknown>[] = [];
  readonly runs: Record<string, unknown>[] = [];
  readonly alarms: Record<string, unknown>[] = [];
  readonly servers: Record<string, unknown>[] = [];
  readonly audit: Record<string, unknown>[] = [];
  calls: MockCall[] = [];

  private readonly frames: Frame[] = [];
  private readonly sockets = new Set<WebSocket>();
  private readonly webSockets = new WebSocketServer({ noServer: true });
  private server: Server | undefined;
  private port = 0;
  private epoch = 'e1';
  private sequence = 0;
  private readonly signedIn = new Set<string>();

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    server.on('upgrade', (request, socket, head) => {
      const cursor = new URL(request.url ?? '', this.url).searchParams.get('cursor');
      const refusal = this.cursorProblem(cursor, this.userOf(request));
      if (refusal !== undefined) {
        socket.end(`HTTP/1.1 ${String(refusal)} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      this.webSockets.handleUpgrade(request, socket, head, (webSocket) => this.greet(webSocket, cursor));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  /** As when the process dies: every connection is cut, nothing listens. */
  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.sockets.clear();
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get streams(): number {
    return this.sockets.size;
  }

  /** Ends the event streams, as a restart or a slow line does. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate();
    this.sockets.clear();
  }

  /** A database of its own kind: no cursor of the old one means anything. */
  forgetEverything(): void {
    this.epoch = `e${String(Number(this.epoch.slice(1)) + 1)}`;
    this.frames.length = 0;
    this.sequence = 0;
  }

  forgetEvents(): void {
    this.frames.length = 0;
    this.oldest = this.sequence;
  }

  emit(type: string, data: unknown): void {
    this.sequence += 1;
    const cursor = `${this.epoch}:${String(this.sequence)}`;
    const text = JSON.stringify({ cursor, type, time: Date.now(), data });
    this.frames.push({ sequence: this.sequence, text });
    for (const socket of this.sockets) socket.send(text);
  }

  /** Sends the last frame once more, as a faulty network element might. */
  repeatLastFrame(): void {
    const last = this.frames.at(-1);
    if (last) for (const socket of this.sockets) socket.send(last.text);
  }

  /** A call between two people, from and to by login; an event tells of it. */
  call(from: string, to: string, states: [State, State], ageMs = 0, requestId = ''): MockCall {
    const created = Date.now() - ageMs;
    const call: MockCall = {
      id: `call-${String(this.calls.length + 1)}-${String(created)}`,
      requestId,
      created,
      answered: states.every((state) => state === 'connected' || state === 'held') ? created : 0,
      ended: 0,
      connections: [
        { person: personOf(from), role: 'originating', state: states[0] },
        { person: personOf(to), role: 'terminating', state: states[1] },
      ],
    };
    this.calls.push(call);
    this.tell(call);
    return call;
  }

  change(call: MockCall, from: State, to: State, cause = 'normal'): void {
    const [first, second] = call.connections;
    if (first) first.state = from;
    if (second) Object.assign(second, { state: to, cause });
    if (from === 'connected' && to === 'connected' && call.answered === 0) call.answered = Date.now();
    if (from === 'null' && to === 'null') {
      call.ended = Date.now();
      this.calls = this.calls.filter((one) => one !== call);
    }
    this.tell(call);
  }

  addLog(entry: {
    direction: 'incoming' | 'outgoing';
    other: string;
    missed?: boolean;
    ageMs?: number;
    durationMs?: number;
    cause?: string;
    announce?: boolean;
  }): void {
    const other = personOf(entry.other);
    const started = Date.now() - (entry.ageMs ?? 0);
    const row = {
      id: this.log.length + 1,
      userId: '',
      call: `call-${String(this.log.length)}`,
      direction: entry.direction,
      missed: entry.missed ?? false,
      number: other.extension,
      name: other.name,
      personId: other.id,
      started,
      answered: entry.durationMs ? started + 4000 : 0,
      ended: started + 4000 + (entry.durationMs ?? 0),
      cause: entry.cause ?? (entry.missed ? 'noAnswer' : 'normal'),
    };
    this.log.unshift(row);
    if (entry.announce) this.emit('contactLog', row);
  }

  private tell(call: MockCall): void {
    this.emit('call', { event: 'snapshot', device: '', cause: 'normal', source: 'device', confirmed: true, call: this.callDocument(call) });
  }

  private callDocument(call: MockCall): Record<string, unknown> {
    const connections = call.connections.map(({ person, role, state, cause }) => {
      const verbs: Verb[] =
        state === 'connected' ? ['hold', 'clear'] : state === 'held' ? ['retrieve', 'clear'] : state === 'null' ? [] : ['clear'];
      const refused: Partial<Record<Verb, 'notAnswered' | 'notOnHold'>> = {};
      if (!verbs.includes('hold')) refused.hold = 'notAnswered';
      if (!verbs.includes('retrieve')) refused.retrieve = 'notOnHold';
      return {
        device: `sip:${person.extension}@jackfield.test`,
        number: person.extension,
        name: person.name,
        role,
        state,
        served: true,
        confirmed: true,
        cause: cause ?? 'normal',
        since: call.created,
        answered: call.answered,
        verbs,
        refused,
        user: { id: person.id, name: person.name },
      };
    });
    const { id, requestId, created, answered, ended } = call;
    return { id, requestId, created, answered, ended, connections, server: 'head-office' };
  }

  private userOf(request: IncomingMessage): MockPerson | undefined {
    const login = /(?:^|; )jackfield_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    return login !== undefined && this.signedIn.has(login) ? personOf(login) : undefined;
  }

  private cursorProblem(cursor: string | null, user: MockPerson | undefined): number | undefined {
    if (!user) return 401;
    if (cursor === null) return undefined;
    const [epoch, sequence] = cursor.split(':');
    return epoch !== this.epoch || Number(sequence) < this.oldest ? 410 : undefined;
  }

  private greet(socket: WebSocket, cursor: string | null): void {
    this.cursors.push(cursor);
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.send(JSON.stringify({ type: 'hello', cursor: `${this.epoch}:${String(this.sequence)}` }));
    const after = cursor === null ? this.sequence : Number(cursor.split(':')[1]);
    for (const frame of this.frames) if (frame.sequence > after) socket.send(frame.text);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    if (!url.pathname.startsWith('/api/')) {
      serveFile(url.pathname, response);
      return;
    }
    const body = await readBody(request);
    const path = url.pathname.slice('/api/v1'.length);
    const route = `${request.method ?? ''} ${path.replace(/^\/calls\/[^/]+/, '/calls/{call}')}`;
    const refusal = this.refusals.get(route);
    if (refusal) {
      problem(response, refusal);
      return;
    }
    const user = this.userOf(request);
    if (route === 'POST /session') this.signIn(body, response);
    else if (user) this.route(route, path, url, body, response, user);
    else problem(response, { status: 401, code: 'auth.session', detail: 'Not signed in.' });
  }

  private signIn(body: Record<string, string>, response: ServerResponse): void {
    const user = people.find((one) => one.login === body.login && body.password === 'secret');
    if (!user) {
      problem(response, { status: 401, code: 'auth.credentials', detail: 'Login or password is wrong.' });
      return;
    }
    this.signedIn.add(user.login);
    response.setHeader('Set-Cookie', `jackfield_session=${user.login}; Path=/; HttpOnly; SameSite=Strict`);
    json(response, 200, session(user));
  }

  private route(
    route: string,
    path: string,
    url: URL,
    body: Record<string, string>,
    response: ServerResponse,
    user: MockPerson,
  ): void {
    const limit = Number(url.searchParams.get('limit') ?? 50);
    switch (route) {
      case 'GET /session':
        json(response, 200, session(user));
        return;
      case 'DELETE /session':
        this.signedIn.delete(user.login);
        this.cut();
        response.writeHead(204).end();
        return;
      case 'GET /calls': {
        this.snapshots += 1;
        const calls = this.calls.map((call) => this.callDocument(call));
        json(response, 200, { calls, cursor: `${this.epoch}:${String(this.sequence)}` });
        return;
      }
      case 'POST /calls':
        this.make(body, response, user);
        return;
      case 'POST /calls/{call}/hold':
      case 'POST /calls/{call}/retrieve':
      case 'POST /calls/{call}/drop':
        this.command(path, response, user);
        return;
      case 'GET /contact-log':
        json(response, 200, this.logPage(url, limit));
        return;
      case 'GET /directory': {
        const found = search(url.searchParams.get('search') ?? '');
        const offset = Number(url.searchParams.get('offset') ?? 0);
        json(response, 200, { entries: found.slice(offset, offset + limit), total: found.length });
        return;
      }
      case 'GET /events': {
        const status = this.cursorProblem(url.searchParams.get('cursor'), user) ?? 426;
        problem(response, { status, code: status === 410 ? 'events.cursor.gone' : 'http.upgrade', detail: 'See code.' });
        return;
      }
      default:
        this.administration(route, url, limit, response);
    }
  }

  private administration(route: string, url: URL, limit: number, response: ServerResponse): void {
    switch (route) {
      case 'GET /admin/users': {
        const found = search(url.searchParams.get('search') ?? '');
        const offset = Number(url.searchParams.get('offset') ?? 0);
        json(response, 200, { entries: found.slice(offset, offset + limit).map(userOf), total: found.length });
        return;
      }
      case 'GET /admin/audit':
        json(response, 200, { entries: this.audit.slice(0, limit), next: 0 });
        return;
      case 'GET /admin/status':
        json(response, 200, {
          version: '0.1.0',
          started: Date.now() - 93_600_000,
          uptimeMs: 93_600_000,
          servers: this.servers.map(({ handle, kind, state, reason, since }) => ({ handle, kind, state, reason, since })),
          sessions: 19,
          activeUsers: 17,
          activeUsersLimit: 2000,
          users: people.length,
          administeredUsers: people.length,
          administeredUsersLimit: 4000,
          liveCalls: this.calls.length,
          eventReaders: this.sockets.size,
          openAlarms: this.alarms.length,
        });
        return;
      case 'GET /admin/servers':
        json(response, 200, { servers: this.servers });
        return;
      case 'GET /admin/alarms':
        json(response, 200, { alarms: this.alarms });
        return;
      case 'GET /admin/directory-sync':
        json(response, 200, { runs: this.runs });
        return;
      case 'POST /admin/directory-sync': {
        const run = syncRun(this.runs.length + 1, 'running', 0);
        this.runs.unshift(run);
        json(response, 202, run);
        this.emit('sync', run);
        return;
      }
      default:
        problem(response, { status: 404, code: 'http.notFound', detail: `The stand-in has no ${route}.` });
    }
  }

  private make(body: Record<string, string>, response: ServerResponse, user: MockPerson): void {
    const to = people.find(({ extension, numbers }) =>
      [extension, ...numbers.map((number) => number.value)].includes(body.to ?? ''),
    );
    if (!to) {
      problem(response, { status: 422, code: 'call.to', detail: `There is no number ${body.to ?? ''}.` });
      return;
    }
    const call = this.call(user.login, to.login, ['alerting', 'initiated'], 0, body.requestId ?? '');
    json(response, 202, { call: call.id, requestId: call.requestId });
  }

  private command(path: string, response: ServerResponse, user: MockPerson): void {
    const [, , id, verb] = path.split('/');
    const call = this.calls.find((one) => one.id === id);
    if (!call) {
      problem(response, { status: 404, code: 'call.unknown', detail: 'This call has ended.' });
      return;
    }
    json(response, 202, { call: call.id, requestId: 'r' });
    if (this.silent) return;
    const own = call.connections.find(({ person }) => person === user);
    if (verb === 'drop') this.change(call, 'null', 'null');
    else if (own) {
      own.state = verb === 'hold' ? 'held' : 'connected';
      this.tell(call);
    }
  }

  private logPage(url: URL, limit: number): Record<string, unknown> {
    const before = Number(url.searchParams.get('before') ?? Infinity);
    const direction = url.searchParams.get('direction');
    const missed = url.searchParams.get('missed');
    const rows = this.log.filter(
      (row) =>
        Number(row.id) < before &&
        (direction === null || row.direction === direction) &&
        (missed === null || String(row.missed) === missed),
    );
    const entries = rows.slice(0, limit);
    return { entries, next: rows.length > limit ? entries.at(-1)?.id : 0 };
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, { status, code, detail, retryAfter }: Refusal): void {
  response
    .writeHead(status, {
      'Content-Type': 'application/problem+json',
      ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    })
    .end(JSON.stringify({ type: `urn:jackfield:problem:${code}`, title: code, status, detail, code }));
}

async function readBody(request: IncomingMessage): Promise<Record<string, string>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>);
}

// With the strict policy under which the pages have to work.
function serveFile(path: string, response: ServerResponse): void {
  const asked = join(dist, normalize(path));
  const file = existsSync(asked) && statSync(asked).isFile() ? asked : join(dist, 'index.html');
  response
    .writeHead(200, {
      'Content-Type': mediaTypes[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    })
    .end(readFileSync(file));
}
