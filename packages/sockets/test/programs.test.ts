/** Random programs of socket calls on two hosts over a bad network: nothing throws, nothing is mixed up, nothing leaks. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import type { SocketView } from '../src/views.ts';
import { expectNothingLeft } from './calls.ts';
import { holds } from './holds.ts';
import { World } from './world.ts';

/** One step: which call, by which host, on which descriptor, with which number. */
const step = fc.record({
  call: fc.constantFrom(
    ...[
      'socket',
      'bind',
      'listen',
      'accept',
      'accept',
      'connect',
      'connect',
      'read',
      'read',
      'read',
      'write',
      'write',
      'write',
    ],
    ...['shutdown', 'close', 'setsockopt', 'getsockopt', 'poll', 'ready', 'run', 'run', 'run'],
  ),
  host: fc.nat(1),
  fd: fc.integer({ min: 3, max: 8 }),
  n: fc.nat(20_000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const PORTS = [80, 81, 4000, 0];
const OPTIONS = [
  [1, 2],
  [1, 4],
  [1, 7],
  [1, 8],
  [1, 13],
  [6, 1],
  [6, 2],
] as const;

/** Two hosts, and of each stream (named by its first sequence number) how far it was written and read. */
class Program {
  readonly world: World;
  readonly #written = new Map<number, number>();
  readonly #read = new Map<number, number>();
  readonly #into = new Uint8Array(20_000);
  readonly #pairs = new Int32Array(4);

  constructor(seed: number, lossPercent: number) {
    this.world = new World({
      seed,
      delayMs: seed % 3,
      capacityPackets: 1 + (seed % 5),
      settings: { timeWaitMs: 1000 },
    });
    let state = seed + 1;
    this.world.passes = () => {
      state = (state * 48271) % 2147483647;
      return state % 100 >= lossPercent;
    };
    // Something to begin with, or most programs would never connect.
    for (const { sys, address } of this.world.hosts) {
      sys.bind(sys.socket(), '0.0.0.0', 80);
      sys.listen(3, 2);
      sys.connect(sys.socket(), address === '10.0.0.1' ? '10.0.0.2' : '10.0.0.1', 80);
    }
    this.world.run(seed % 3000);
    for (const { sys } of this.world.hosts) sys.accept(3);
  }

  take({ call, host: i, fd, n }: Step): void {
    const { world } = this;
    const host = world.host(i);
    const { sys } = host;
    const port = PORTS[n % PORTS.length] as number;
    const [level, name] = OPTIONS[n % OPTIONS.length] as (typeof OPTIONS)[number];
    switch (call) {
      case 'socket':
        sys.socket();
        break;
      case 'bind':
        sys.bind(fd, '0.0.0.0', port);
        break;
      case 'listen':
        sys.listen(fd, n % 4);
        break;
      case 'accept':
        sys.accept(fd);
        break;
      case 'connect':
        sys.connect(fd, world.host(1 - i).address, port);
        break;
      case 'read':
        this.#readFrom(host, fd, n);
        break;
      case 'write':
        this.#writeTo(host, fd, n);
        break;
      case 'shutdown':
        sys.shutdown(fd, n % 3);
        break;
      case 'close':
        sys.close(fd);
        break;
      case 'setsockopt':
        sys.setsockopt(fd, level, name, n % 3 === 0 ? 0 : n);
        break;
      case 'getsockopt':
        sys.getsockopt(fd, level, name);
        break;
      case 'poll':
        sys.poll([{ fd, events: n, revents: 0 }]);
        break;
      case 'ready':
        host.pollReady(this.#pairs);
        break;
      default:
        world.run(n % 2 === 0 ? n % 50 : n);
    }
  }

  /** Byte `k` of a stream is told by the stream and by `k`. */
  #writeTo(host: Host, fd: number, n: number): void {
    const stream = tcpOf(host, fd)?.iss ?? 0;
    const from = this.#written.get(stream) ?? 0;
    const taken = host.sys.write(
      fd,
      Uint8Array.from({ length: n }, (_, k) => byteOf(stream, from + k)),
    );
    if (taken > 0) this.#written.set(stream, from + taken);
  }

  #readFrom(host: Host, fd: number, n: number): void {
    const stream = tcpOf(host, fd)?.irs ?? 0;
    const got = host.sys.read(fd, this.#into, 0, n);
    if (got <= 0) return;
    const from = this.#read.get(stream) ?? 0;
    for (let k = 0; k < got; k++) {
      if (this.#into[k] !== byteOf(stream, from + k)) expect.fail(`stream ${stream} is wrong at byte ${from + k}`);
    }
    this.#read.set(stream, from + got);
    expect(from + got, 'what is read was written').toBeLessThanOrEqual(this.#written.get(stream) ?? 0);
  }

  /** What holds after every step. */
  check(): void {
    for (const host of this.world.hosts) {
      const views = host.sockets();
      expectDistinct(views.filter(({ fd }) => fd >= 0).map(({ fd }) => fd));
      expectDistinct(views.filter(({ state, remote }) => state !== 'CLOSED' && remote !== null).map(fourTuple));
      expectDistinct(views.filter(({ state }) => state === 'LISTEN').map(({ local }) => local.port));
      for (const view of views) if (view.fd < 0) expect(view.remote).not.toBeNull();
      const waiting = (queue: string) => views.filter((view) => view.queue === queue).length;
      const sum = (key: 'synQueueLength' | 'acceptQueueLength') => views.reduce((total, view) => total + view[key], 0);
      expect([waiting('syn'), waiting('accept')]).toEqual([sum('synQueueLength'), sum('acceptQueueLength')]);
    }
  }

  /** Every descriptor is closed and the network heals: in the end nothing is left. */
  end(): void {
    this.world.passes = () => true;
    for (const host of this.world.hosts) {
      for (const { fd } of host.sockets()) if (fd >= 0) expect(host.sys.close(fd)).toBe(0);
    }
    this.world.run(1_000_000);
    for (const host of this.world.hosts) expectNothingLeft(host);
  }
}

function tcpOf(host: Host, fd: number) {
  return host.sockets().find((view) => view.fd === fd)?.tcp;
}

function byteOf(stream: number, k: number): number {
  return (stream + k * 7 + (k >> 8)) & 0xff;
}

function fourTuple({ local, remote }: SocketView): string {
  return `${local.address}:${local.port} ${remote?.address}:${remote?.port}`;
}

function expectDistinct(list: readonly (string | number)[]): void {
  expect(new Set(list).size, list.join()).toBe(list.length);
}

test('any program of calls: descriptors, ports and bytes stay apart, and closing everything gives all memory back', () => {
  holds(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 200, size: 'max' }),
      fc.nat(10_000),
      fc.constantFrom(0, 0, 5, 30),
      (steps, seed, lossPercent) => {
        const program = new Program(seed, lossPercent);
        for (const one of steps) {
          program.take(one);
          program.check();
        }
        program.end();
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
