/** All services of one stack, over TCP and UDP: started together, told of as events, ended in order. */

import { closeInOrder } from '@tcpstack/app-kit/orderly';
import { roundMs } from '@tcpstack/app-kit/say';
import type { Stack } from '@tcpstack/net';
import { CHARGEN } from './services/chargen.ts';
import { type DatagramServer, serveDatagrams } from './services/datagrams.ts';
import { DISCARD } from './services/discard.ts';
import { ECHO } from './services/echo.ts';
import type { Service, ServiceName } from './services/service.ts';
import { type StreamServer, serveStreams } from './services/streams.ts';

export const SERVICES: readonly Service[] = [ECHO, DISCARD, CHARGEN];

/** What a service did in all. */
export interface Totals {
  readonly service: ServiceName;
  readonly connections: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly datagramsReceived: number;
  readonly datagramsSent: number;
}

/** One line of `--json` while serving. Times are milliseconds since the beginning. */
export type ServingEvent = { readonly timeMs: number } & (
  | {
      readonly type: 'listening';
      readonly service: ServiceName;
      readonly address: string;
      readonly port: number;
      readonly transports: readonly ('tcp' | 'udp')[];
    }
  | { readonly type: 'connected'; readonly service: ServiceName; readonly remote: string }
  | {
      readonly type: 'closed';
      readonly service: ServiceName;
      readonly remote: string;
      readonly receivedBytes: number;
      readonly sentBytes: number;
    }
  | { readonly type: 'stopping'; readonly signal: NodeJS.Signals }
  | { readonly type: 'stopped'; readonly totals: readonly Totals[] }
);

/** An event before it has its time. */
type Untimed<E> = E extends unknown ? Omit<E, 'timeMs'> : never;

export interface ServeOptions {
  /** 0 leaves a service out. */
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly udp: boolean;
  readonly onEvent: (event: ServingEvent) => void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How long peers may take to end their side once we are told to stop. */
const GRACE_MS = 2000;

export class AllServices {
  readonly #stack: Stack;
  readonly #options: ServeOptions;
  readonly #startMs = performance.now();
  readonly #streams: StreamServer[] = [];
  readonly #datagrams = new Map<ServiceName, DatagramServer>();
  readonly #totals = new Map<ServiceName, Mutable<Totals>>();

  constructor(stack: Stack, options: ServeOptions) {
    this.#stack = stack;
    this.#options = options;
  }

  /** Resolves when all listen. */
  async start(): Promise<void> {
    for (const service of SERVICES) {
      const port = this.#options.ports[service.name];
      if (port > 0) await this.#startOne(service, port);
    }
  }

  /** Lets connections end, tells what was done, and stops the stack. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#say({ type: 'stopping', signal });
    for (const server of this.#streams) server.end();
    for (const [name, { received, sent }] of this.#datagrams) {
      Object.assign(this.#totalsOf(name), { datagramsReceived: received, datagramsSent: sent });
    }
    for (const server of this.#datagrams.values()) server.close();
    await closeInOrder(this.#stack, GRACE_MS);
    this.#say({ type: 'stopped', totals: [...this.#totals.values()] });
  }

  async #startOne(service: Service, port: number): Promise<void> {
    const { name } = service;
    const totals = this.#totalsOf(name);
    const server = await serveStreams(this.#stack, service, port, {
      onConnected: (remote) => {
        totals.connections++;
        this.#say({ type: 'connected', service: name, remote });
      },
      onClosed: (remote, receivedBytes, sentBytes) => {
        totals.receivedBytes += receivedBytes;
        totals.sentBytes += sentBytes;
        this.#say({ type: 'closed', service: name, remote, receivedBytes, sentBytes });
      },
    });
    this.#streams.push(server);
    if (this.#options.udp) this.#datagrams.set(name, serveDatagrams(this.#stack, service, port));
    const { address } = this.#stack.host;
    const transports = this.#options.udp ? (['tcp', 'udp'] as const) : (['tcp'] as const);
    this.#say({ type: 'listening', service: name, address, port, transports });
  }

  #totalsOf(service: ServiceName): Mutable<Totals> {
    let totals = this.#totals.get(service);
    if (totals === undefined) {
      totals = { service, connections: 0, receivedBytes: 0, sentBytes: 0, datagramsReceived: 0, datagramsSent: 0 };
      this.#totals.set(service, totals);
    }
    return totals;
  }

  #say(event: Untimed<ServingEvent>): void {
    this.#options.onEvent({ timeMs: roundMs(performance.now() - this.#startMs), ...event } as ServingEvent);
  }
}
