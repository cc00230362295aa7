/** `setKeepAlive` and the options `keepAlive` of sockets and servers reach the stack. */

import { expect, test, vi } from 'vitest';
import type { Stack } from '../src/net.ts';
import { connected, listening, makePair } from './pair.ts';

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
