/** `node:net` over IPv6, and over both families at once: the same things Node shows of them. */

import { once } from 'node:events';
import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { expect, onTestFinished, test } from 'vitest';
import { createStack, type Socket, type Stack } from '../src/net.ts';

/** Two stacks with an address of each family. */
function makePair(): { server: Stack; client: Stack } {
  const [a, b] = createMemoryLinkPair();
  const server = createStack({ link: a, address: '10.0.0.1', moreAddresses: ['fd00::1/64'] });
  const client = createStack({ link: b, address: '10.0.0.2', moreAddresses: ['fd00::2/64'] });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { server, client };
}

test.each([
  ['fd00::1', 'IPv6', 'fd00::2', 'fd00::2'],
  ['10.0.0.1', 'IPv4', '10.0.0.2', '::ffff:10.0.0.2'],
])(
  'a server without a host listens on ::, and takes a call to %s as Node shows it',
  async (host, family, own, seen) => {
    const { server, client } = makePair();
    const listener = server.createServer((socket) => socket.end('hello')).listen(80);
    await once(listener, 'listening');
    expect(listener.address()).toEqual({ address: '::', family: 'IPv6', port: 80 });
    const accepted = once(listener, 'connection') as Promise<[Socket]>;
    const near = client.connect({ host, port: 80 });
    near.setEncoding('utf8');
    const data = once(near, 'data');
    const [far] = await accepted;
    expect([near.localAddress, near.localFamily, near.remoteAddress, near.remoteFamily]).toEqual([
      own,
      family,
      host,
      family,
    ]);
    expect([far.remoteAddress, far.remoteFamily, far.remotePort]).toEqual([seen, 'IPv6', near.localPort]);
    expect((await data)[0]).toBe('hello');
    listener.close();
  },
);

test('errors name the IPv6 address as Node does', async () => {
  const { client } = makePair();
  const socket = client.connect({ host: 'fd00::1', port: 81 });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error).toMatchObject({ message: 'connect ECONNREFUSED fd00::1:81', address: 'fd00::1', port: 81 });
});

test('a stack with IPv6 alone; a program calls itself', async () => {
  const [link] = createMemoryLinkPair();
  const stack = createStack({ link, address: 'fd00::1' });
  onTestFinished(() => stack.close());
  const listener = stack.createServer((socket) => socket.end('hello')).listen(80, '::1');
  const near = stack.connect(80, '::1');
  near.setEncoding('utf8');
  await once(near, 'connect');
  expect(near.address()).toMatchObject({ address: '::1', family: 'IPv6' });
  expect((await once(near, 'data'))[0]).toBe('hello');
  expect(link.stats.sentPackets).toBe(0);
  listener.close();
});
