/** The driver turns real Hosts: promise forms of the calls, watchers, one deferred output, an idle that is idle. */

import { AF_INET, POLLIN, SHUT_RD, SHUT_WR } from '@tcpstack/sockets/constants';
import { Host } from '@tcpstack/sockets/host';
import { expect, onTestFinished, test } from 'vitest';
import { captureLink } from '../src/capture-link.ts';
import { Driver, type DriverOptions } from '../src/driver.ts';
import type { Link } from '../src/link.ts';
import { createMemoryLinkPair } from '../src/memory-link.ts';
import { nodeScheduler, type Scheduler } from '../src/scheduler.ts';
import { until } from './link-compliance.ts';
import { catching } from './uncaught.ts';

const OURS = '10.0.0.1';
const THEIRS = '10.0.0.2';

function drive(link: Link, address: string, options: DriverOptions = {}): Driver {
  const host = new Host({
    address,
    mtuBytes: link.mtuBytes,
    superSegmentBytes: link.superSegmentBytes,
    checksum: link.checksum,
    entropy: new Uint8Array(32).fill(address.length),
  });
  const driver = new Driver(host, link, options);
  onTestFinished(() => driver.close());
  return driver;
}

function makePair(options: DriverOptions = {}): { server: Driver; client: Driver } {
  const [a, b] = createMemoryLinkPair();
  return { server: drive(a, OURS, options), client: drive(b, THEIRS) };
}

function listenOn(driver: Driver, port: number): number {
  const fd = driver.sys.socket();
  expect(driver.sys.bind(fd, '0.0.0.0', port)).toBe(0);
  expect(driver.sys.listen(fd, 16)).toBe(0);
  return fd;
}

/** A connection: its descriptor at both ends. */
async function connect(
  server: Driver,
  client: Driver,
  listener: number,
  port: number,
): Promise<{ near: number; far: number }> {
  const near = client.sys.socket();
  const accepted = server.accept(listener);
  await client.connect(near, OURS, port);
  return { near, far: await accepted };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test('the blocking calls as promises: accept, connect, write, read, end of stream', async () => {
  const { server, client } = makePair();
  const { near, far } = await connect(server, client, listenOn(server, 80), 80);
  expect(await client.write(near, bytes('.hello.'), 1, 6)).toBe(5);
  const into = new Uint8Array(100);
  expect(await server.read(far, into, 10, 100)).toBe(5);
  expect(new TextDecoder().decode(into.subarray(10, 15))).toBe('hello');
  client.sys.shutdown(near, SHUT_WR);
  expect(await server.read(far, into)).toBe(0);
});

test('write resolves only when all bytes are in the send queue, however many they are', async () => {
  const { server, client } = makePair();
  const { near, far } = await connect(server, client, listenOn(server, 80), 80);
  const size = 20_000_000;
  let written = false;
  const writing = client.write(near, new Uint8Array(size).fill(7)).then((count) => {
    written = true;
    return count;
  });
  const into = new Uint8Array(256 * 1024);
  await server.read(far, into);
  expect(written).toBe(false);
  let received = 0;
  while (received < size - into.length * 2) received += await server.read(far, into);
  expect(await writing).toBe(size);
});

test('calls of one kind that wait on one descriptor are served in order', async () => {
  const { server, client } = makePair();
  const listener = listenOn(server, 80);
  const accepts = [server.accept(listener), server.accept(listener), server.accept(listener)];
  const ports: number[] = [];
  for (let i = 0; i < 3; i++) {
    const fd = client.sys.socket();
    await client.connect(fd, OURS, 80);
    const name = client.sys.getsockname(fd);
    ports.push(typeof name === 'number' ? name : name.port);
  }
  const fds = await Promise.all(accepts);
  expect(fds.map((fd) => server.sys.getpeername(fd))).toEqual(
    ports.map((port) => ({ family: AF_INET, address: THEIRS, port })),
  );
});

test('a refused connect rejects with an error in the shape of Node', async () => {
  const { client } = makePair();
  await expect(client.connect(client.sys.socket(), OURS, 81)).rejects.toMatchObject({
    message: 'connect ECONNREFUSED 10.0.0.1:81',
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: OURS,
    port: 81,
  });
});

test('a bad descriptor rejects at once', async () => {
  const { client } = makePair();
  await expect(client.read(99, new Uint8Array(1))).rejects.toMatchObject({ message: 'read EBADF', code: 'EBADF' });
});

test('closing a descriptor rejects what waits on it', async () => {
  const { server, client } = makePair();
  const { far } = await connect(server, client, listenOn(server, 80), 80);
  const reading = server.read(far, new Uint8Array(1));
  server.closeFd(far);
  await expect(reading).rejects.toMatchObject({ code: 'EBADF' });
});

test('close rejects what waits, and what comes after, and closing twice is fine', async () => {
  const { server } = makePair();
  const waiting = server.accept(listenOn(server, 80));
  const closed = server.close();
  await expect(waiting).rejects.toMatchObject({ code: 'ECONNABORTED', syscall: 'accept' });
  await closed;
  await expect(server.read(0, new Uint8Array(1))).rejects.toMatchObject({ code: 'ECONNABORTED' });
  await server.close();
});

test('an answer given in a promise reaction travels with the acknowledgment: one packet, not two', async () => {
  const [a, b] = createMemoryLinkPair();
  let packetsOut = 0;
  const server = drive(
    captureLink(a, ({ direction }) => {
      if (direction === 'out') packetsOut++;
    }),
    OURS,
  );
  const client = drive(b, THEIRS);
  const { near, far } = await connect(server, client, listenOn(server, 80), 80);
  const into = new Uint8Array(10);
  const answered = (async () => {
    await server.read(far, into);
    await null;
    await server.write(far, bytes('pong'));
  })();
  const before = packetsOut;
  await client.write(near, bytes('ping'));
  expect(await client.read(near, into)).toBe(4);
  await answered;
  expect(packetsOut - before).toBe(1);
});

/** Node's scheduler, with a count of what was asked of it. */
function counting(): { scheduler: Scheduler; defers: number; timers: number } {
  const counts = {
    defers: 0,
    timers: 0,
    scheduler: {
      ...nodeScheduler,
      defer: (run: () => void) => {
        counts.defers++;
        nodeScheduler.defer(run);
      },
      setTimer: (run: () => void, delayMs: number) => {
        counts.timers++;
        return nodeScheduler.setTimer(run, delayMs);
      },
    },
  };
  return counts;
}

test('idle is idle: an open connection without traffic takes no turns', async () => {
  const counts = counting();
  const { server, client } = makePair({ scheduler: counts.scheduler });
  await connect(server, client, listenOn(server, 80), 80);
  await new Promise((resolve) => setTimeout(resolve, 300)); // handshake timers ring
  const before = { ...counts };
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([counts.defers - before.defers, counts.timers - before.timers]).toEqual([0, 0]);
});

test('a bulk transfer re-arms the timer rarely: deadlines that only move later cost nothing', async () => {
  const counts = counting();
  const { server, client } = makePair({ scheduler: counts.scheduler });
  const { near, far } = await connect(server, client, listenOn(server, 80), 80);
  const size = 5_000_000;
  const writing = server.write(far, new Uint8Array(size));
  const into = new Uint8Array(64 * 1024);
  for (let received = 0; received < size; ) received += await client.read(near, into);
  await writing;
  expect(server.link.stats.sentPackets).toBeGreaterThan(3000);
  expect(counts.timers).toBeLessThan(20);
});

test('a deadline keeps its time: a SYN that nobody answers is sent again after a second, not before', async () => {
  const [a, b] = createMemoryLinkPair();
  const sentMs: number[] = [];
  const driver = drive(
    captureLink(a, ({ nowMs }) => sentMs.push(nowMs)),
    OURS,
  );
  b.start(() => {});
  driver.sys.connect(driver.sys.socket(), THEIRS, 80);
  await until(() => sentMs.length === 2, 'the retransmission');
  const waitedMs = (sentMs[1] as number) - (sentMs[0] as number);
  expect(waitedMs).toBeGreaterThanOrEqual(1000);
  expect(waitedMs).toBeLessThan(1200);
});

test.each(['a packet', 'a call of ours'])(
  'a watcher that throws loses nothing: the others are told of %s too',
  async (cause) => {
    // Without timers, so that nothing but the driver's own care brings the next turn.
    const { server, client } = makePair({
      scheduler: { ...nodeScheduler, setTimer: () => null, clearTimer: () => {} },
    });
    const listener = listenOn(server, 80);
    const first = await connect(server, client, listener, 80);
    const second = await connect(server, client, listener, 80);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const told: string[] = [];
    server.watch(first.far, () => {
      told.push('first');
      throw new Error('from a watcher');
    });
    server.watch(second.far, () => told.push('second'));
    await catching(async (caught) => {
      for (const { near, far } of [first, second]) {
        if (cause === 'a packet') client.sys.write(near, bytes('a'));
        else server.sys.shutdown(far, SHUT_RD);
      }
      await until(() => told.length === 2, 'both watchers');
      expect(told).toEqual(['first', 'second']);
      expect(caught.length).toBe(1);
    });
  },
);

test('an event of a closed descriptor is not told to a new socket that got its number', async () => {
  const { server, client } = makePair();
  const listener = listenOn(server, 80);
  const first = await connect(server, client, listener, 80);
  const second = await connect(server, client, listener, 80);
  const stale: number[] = [];
  let swapped = 0;
  const swap = (other: number) => (revents: number) => {
    if ((revents & POLLIN) === 0) return;
    swapped++;
    server.closeFd(other);
    expect(server.sys.socket()).toBe(other);
    server.watch(other, (bits) => stale.push(bits));
  };
  server.watch(first.far, swap(second.far));
  server.watch(second.far, swap(first.far));
  client.sys.write(first.near, bytes('a'));
  client.sys.write(second.near, bytes('b'));
  await until(() => swapped > 0, 'the first event');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([swapped, stale]).toEqual([1, []]);
});

test('the observer is called after each step of a turn, in order', async () => {
  const steps: string[] = [];
  const { server, client } = makePair({
    observer: {
      onPacketsHandled: () => steps.push('packets'),
      onReady: () => steps.push('ready'),
      onTransmitted: () => steps.push('transmitted'),
    },
  });
  await connect(server, client, listenOn(server, 80), 80);
  await until(() => steps.includes('ready'), 'the accept');
  expect(steps.slice(0, 2)).toEqual(['packets', 'transmitted']); // SYN, SYN-ACK
  expect(steps.slice(2, 4)).toEqual(['packets', 'ready']); // ACK, accept
});
