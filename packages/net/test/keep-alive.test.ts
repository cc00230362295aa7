/** `setKeepAlive` and the options `keepAlive` of sockets and servers reach the stack. */

import { IPPROTO_TCP } from '@tcpstack/sockets/constants';
import { expect, test, vi } from 'vitest';
import type { Stack } from '../src/net.ts';
import { connected, listening, makePair } from './pair.ts';

/** Seconds, by the numbers of the kernel's options. */
const IDLE = 4;
const INTERVAL = 5;

const probes = (stack: Stack) => stack.host.counters()['keepAliveProbes'] ?? 0;

async function untilProbed(stack: Stack): Promise<void> {
  await vi.waitFor(() => expect(probes(stack)).toBeGreaterThan(0), { timeout: 10_000, interval: 20 });
}

test('setKeepAlive: an idle socket asks its peer after the initial delay', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const { near, far } = await connected(pair, server, 80);
  near.setKeepAlive(true, 1000);
  await untilProbed(pair.client);
  expect(probes(pair.server)).toBe(0);
  near.destroy();
  far.destroy();
});

test('so do sockets that a server makes with the option keepAlive, but not after setKeepAlive(false)', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ keepAlive: true, keepAliveInitialDelay: 1000 }), 80);
  const first = await connected(pair, server, 80);
  first.far.setKeepAlive(false);
  // Opened later, so the first would have asked before the second.
  const second = await connected(pair, server, 80);
  await untilProbed(pair.server);
  expect(probes(pair.server)).toBe(1);
  expect(probes(pair.client)).toBe(0);
  for (const { near, far } of [first, second]) {
    near.destroy();
    far.destroy();
  }
});

test('an initial delay that is no number leaves the times of the stack', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const { near } = await connected(pair, server, 80);
  const fd = near._handle?.fd as number;
  near.setKeepAlive(true, Number.NaN).setKeepAlive(true, 'soon' as unknown as number);
  const option = (name: number) => pair.client.driver.sys.getsockopt(fd, IPPROTO_TCP, name);
  expect([option(IDLE), option(INTERVAL)]).toEqual([7200, 75]);
  near.setKeepAlive(true, 5500);
  expect([option(IDLE), option(INTERVAL)]).toEqual([5, 1]);
});
