/** Stacks on a link of Ethernet frames. */

import { once } from 'node:events';
import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createStack, type Stack } from '../src/net.ts';

/** Two stacks on one wire; the second sees everybody else behind the first. */
function pair(checksum: 'software' | 'offload' | 'trusted'): [Stack, Stack] {
  const superSegmentBytes = checksum === 'software' ? 0 : 65_535;
  const [a, b] = createMemoryLinkPair({ carries: 'ethernet', checksum, superSegmentBytes });
  const server = createStack({ link: a, address: '10.0.0.1', prefixBits: 24, moreAddresses: ['192.0.2.1/32'] });
  const routes = [{ to: '0.0.0.0/0', via: '10.0.0.1' }];
  const client = createStack({ link: b, address: '10.0.0.2', prefixBits: 24, routes });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return [server, client];
}

describe.each(['software', 'offload', 'trusted'] as const)('with checksums by %s', (checksum) => {
  test.each(['10.0.0.1', '192.0.2.1'])('a stream of a megabyte to %s comes back whole', async (address) => {
    const [server, client] = pair(checksum);
    const listener = server.createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => listener.listen(80, address, resolve));
    const sent = Buffer.from(Uint8Array.from({ length: 1_000_000 }, (_, i) => i * 31 + (i >> 8)));
    const socket = client.connect(80, address);
    socket.end(sent);
    const parts: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => parts.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
    expect(client.host.counters()).toMatchObject({ arpSent: expect.any(Number), arpBad: 0, noNextHop: 0 });
  });
});

test('a link of frames needs to know its subnet', () => {
  const [link] = createMemoryLinkPair({ carries: 'ethernet' });
  expect(() => createStack({ link, address: '10.0.0.1' })).toThrow('prefixBits');
});

test('an address that nobody has is EHOSTUNREACH', async () => {
  const [, client] = pair('software');
  const socket = client.connect(80, '10.0.0.99');
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'EHOSTUNREACH', address: '10.0.0.99', port: 80 });
}, 10_000);
