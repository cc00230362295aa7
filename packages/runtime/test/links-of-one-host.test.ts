/** One Host over several links, and over none. */

import { AF_INET6 } from '@tcpstack/sockets/constants';
import { Host, type HostOptions } from '@tcpstack/sockets/host';
import { expect, onTestFinished, test } from 'vitest';
import { Driver } from '../src/driver.ts';
import type { Link } from '../src/link.ts';
import { createMemoryLinkPair } from '../src/memory-link.ts';

function drive(links: readonly Link[], options: Omit<HostOptions, 'entropy'>): Driver {
  const driver = new Driver(new Host({ ...options, entropy: new Uint8Array(32).fill(links.length) }), links);
  onTestFinished(() => driver.close());
  return driver;
}

/** What comes back from an echo of these bytes at `address`. */
async function echoed(from: Driver, at: Driver, listener: number, domain: number, address: string): Promise<number[]> {
  const c = from.sys.socket(domain);
  const accepted = at.accept(listener);
  await from.connect(c, address, 80);
  const s = await accepted;
  await from.write(c, Uint8Array.of(1, 2, 3));
  const into = new Uint8Array(10);
  const got = await at.read(s, into);
  await at.write(s, into, 0, got);
  const back = new Uint8Array(10);
  return [...back.subarray(0, await from.read(c, back))];
}

function listenOn(driver: Driver): number {
  const fd = driver.sys.socket(AF_INET6);
  expect(driver.sys.bind(fd, '::', 80)).toBe(0);
  expect(driver.sys.listen(fd, 16)).toBe(0);
  return fd;
}

test('a Host in the middle of two networks is reached over both, in both families, each by its own interface', async () => {
  const [[a, b], [c, d]] = [createMemoryLinkPair(), createMemoryLinkPair()];
  const middle = drive([a, c], {
    interfaces: [
      { name: 'left', mtuBytes: 1500, addresses: ['10.1.0.1/24'] },
      { name: 'right', mtuBytes: 9000, addresses: ['fd00:2::1/64'] },
    ],
  });
  const left = drive([b], { address: '10.1.0.2', mtuBytes: 1500 });
  const right = drive([d], { address: 'fd00:2::2', mtuBytes: 9000 });
  const listener = listenOn(middle);
  expect(await echoed(left, middle, listener, 2, '10.1.0.1')).toEqual([1, 2, 3]);
  expect(await echoed(right, middle, listener, AF_INET6, 'fd00:2::1')).toEqual([1, 2, 3]);
  expect([b.stats.sentPackets > 0, d.stats.sentPackets > 0]).toEqual([true, true]);
  expect(middle.host.counters()).toMatchObject({ notForUs: 0, martians: 0 });
});

test('a Host talks to itself without any packet on a link, and without waiting for a timer', async () => {
  const [link] = createMemoryLinkPair();
  const alone = drive([link], { address: '10.1.0.1', mtuBytes: 1500 });
  const listener = listenOn(alone);
  const began = alone.nowMs();
  for (let i = 0; i < 5; i++) expect(await echoed(alone, alone, listener, AF_INET6, '::1')).toEqual([1, 2, 3]);
  expect(link.stats.sentPackets).toBe(0);
  // A timer has whole milliseconds, and each connection takes 6 turns at least.
  expect(alone.nowMs() - began).toBeLessThan(1000);
});
