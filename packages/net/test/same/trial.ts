/** One run of a case in one world: what it may use, and the log that it writes. */

import type { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ListenOptions, Server, ServerOpts, Socket, SocketConstructorOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { show } from './show.ts';

export type Net = typeof import('node:net');

/** One line of a log, and who wrote it: "client", "server". */
export interface Line {
  readonly who: string;
  readonly text: string;
}

/** Both ends of a connection. */
export interface Ends {
  readonly server: Server;
  readonly near: Socket;
  readonly far: Socket;
  readonly port: number;
}

export const SERVER_EVENTS = ['listening', 'connection', 'drop', 'error', 'close'];
/** All but 'data', 'readable', 'pause' and 'resume', to listen to which changes or clutters what happens. */
export const SOCKET_EVENTS = [
  ...['lookup', 'connectionAttempt', 'connectionAttemptFailed', 'connectionAttemptTimeout', 'connect', 'ready'],
  ...['end', 'finish', 'drain', 'timeout', 'error', 'close'],
];
/** A case that waits longer than this waits in vain, and its log says so. */
const WAIT_MS = 5000;
/** Facts in one line of a log. */
const FACTS_MAX = 8;

export class Trial {
  readonly net: Net;
  readonly lines: Line[] = [];
  readonly #ports = new Map<number, string>();
  readonly #endings: (() => unknown)[] = [];

  constructor(net: Net) {
    this.net = net;
  }

  /** A line of the log: words as they are, then values as text. */
  log(who: string, words: string, ...values: unknown[]): void {
    this.lines.push({ who, text: [words, ...values.map(show)].join(' ') });
  }

  /** Logs what a call gives or throws; gives it on. */
  attempt<T>(who: string, words: string, call: () => T): T | undefined {
    try {
      const result = call();
      this.log(who, `${words} gives`, result);
      return result;
    } catch (error) {
      this.log(who, `${words} throws`, error);
      return undefined;
    }
  }

  /** Logs named properties of something: few of them in one line, many in one each. */
  look(who: string, words: string, thing: object, ...names: string[]): void {
    const values = thing as unknown as Record<string, unknown>;
    const facts = names.map((name) => `${name} ${show(values[name])}`);
    const lines = facts.length > FACTS_MAX ? facts : [facts.join(', ')];
    for (const line of lines) this.log(who, `${words}: ${line}`);
  }

  /** Logs each of these events with its arguments, from now on. */
  watch<E extends EventEmitter>(who: string, emitter: E, events: readonly string[]): E {
    for (const event of events) emitter.on(event, (...values) => this.log(who, `'${event}'`, ...values));
    return emitter;
  }

  /** A server that is watched, and closed in the end with all its sockets. */
  server(options?: ServerOpts, who = 'server'): Server {
    return this.keep(this.watch(who, this.net.createServer(options), SERVER_EVENTS));
  }

  /** A socket that is watched, and destroyed in the end. */
  socket(options?: SocketConstructorOpts, who = 'client'): Socket {
    return this.keepSocket(this.watch(who, new this.net.Socket(options), SOCKET_EVENTS));
  }

  keep(server: Server): Server {
    server.on('connection', (socket: Socket) => this.keepSocket(socket));
    this.#endings.push(() => server.close());
    return server;
  }

  keepSocket(socket: Socket): Socket {
    // An error that nobody hears would end the process; who compares errors watches them.
    socket.on('error', () => {});
    this.#endings.push(() => socket.destroy());
    return socket;
  }

  /** Done when the case is over. */
  finally(ending: () => unknown): void {
    this.#endings.push(ending);
  }

  /** Starts to listen, by default on a free port of 127.0.0.1, which is called PORT from now on. Gives the port. */
  async listen(
    server: Server,
    options: ListenOptions = { port: 0, host: '127.0.0.1' },
    name = 'PORT',
  ): Promise<number> {
    server.listen(options);
    await this.event(server, 'listening');
    return this.namePort(server, name);
  }

  /** Calls the server's port by a name. */
  namePort(server: Server, name = 'PORT'): number {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#ports.set(port, name);
    return port;
  }

  /** Calls a port by a name wherever it appears, before and after. */
  name(port: number | undefined, name: string): void {
    if (port !== undefined) this.#ports.set(port, name);
  }

  /** A port of 127.0.0.1 that nobody listens on; called PORT. */
  async freePort(host = '127.0.0.1', name = 'PORT'): Promise<number> {
    const server = this.net.createServer().listen(0, host);
    await this.event(server, 'listening');
    const port = this.namePort(server, name);
    server.close();
    await this.event(server, 'close');
    return port;
  }

  /** Resolves at the next event of this name, with its arguments, whatever else happens. */
  event(emitter: EventEmitter, event: string): Promise<unknown[]> {
    return this.wait(`'${event}'`, (done) => emitter.once(event, (...values) => done(values)));
  }

  /** Resolves when `start`'s argument is called; says so in the log when that takes too long. */
  wait<T = void>(what: string, start: (done: (value: T) => void) => unknown): Promise<T> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.log('case', `waited in vain for ${what}`);
        resolve(undefined as T);
      }, WAIT_MS);
      this.#endings.push(() => clearTimeout(timer));
      start((value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
  }

  /** A watched server and client, connected. Both ends are named in the log "accepted" and "client". */
  async pair(
    serverOptions: ServerOpts = {},
    clientOptions: SocketConstructorOpts & { host?: string } = {},
  ): Promise<Ends> {
    const { host = '127.0.0.1', ...options } = clientOptions;
    const server = this.keep(this.net.createServer(serverOptions));
    const port = await this.listen(server, { port: 0, host });
    const near = this.socket(options);
    const accepted = this.event(server, 'connection') as Promise<[Socket]>;
    const connected = this.event(near, 'connect');
    server.once('connection', (socket: Socket) => this.watch('accepted', socket, SOCKET_EVENTS));
    near.connect(port, host);
    await connected;
    const [far] = await accepted;
    this.name(near.localPort, 'CLIENT');
    return { server, near, far, port };
  }

  /** A directory of this case, for unix sockets. */
  directory(): string {
    const path = mkdtempSync(join(tmpdir(), 'same-'));
    this.#endings.push(() => rmSync(path, { recursive: true }));
    return path;
  }

  /** The log with ports by their names: those that nobody named are all the same. */
  text(): Line[] {
    return this.lines.map(({ who, text }) => ({ who, text: this.#withoutPorts(text) }));
  }

  /** Closes what the case left open. */
  end(): void {
    for (const ending of this.#endings.reverse()) ending();
  }

  #withoutPorts(text: string): string {
    const named = text.replace(/\b\d{4,5}\b/g, (digits) => this.#ports.get(Number(digits)) ?? digits);
    return named
      .replace(/(\w*port:? "?)\d{4,5}\b/gi, '$1SOME')
      .replace(/((?:\d+\.\d+\.\d+\.\d+|::1?|fd00::\d)\]?:)\d{4,5}\b/g, '$1SOME');
  }
}

/** Collects what arrives, and logs it as one text at 'end', however it was cut. */
export function collect(trial: Trial, who: string, socket: Socket): () => string {
  let text = '';
  socket.on('data', (chunk: Buffer | string) => {
    text += chunk.toString('latin1');
  });
  socket.on('end', () => trial.log(who, 'received', text));
  return () => text;
}
