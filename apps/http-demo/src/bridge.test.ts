import { once } from 'node:events';
import net from 'node:net';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import type { Socket } from '@tcpstack/net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBridge } from './bridge.ts';
import { type Serving, serveSite } from './serving.ts';

const { client, server, serverLink } = createEmbedded();
const toSite = createBridge({ connect: client.connect, host: SERVER_ADDRESS, port: 80 });
const toEcho = createBridge({ connect: client.connect, host: SERVER_ADDRESS, port: 7 });
const toNobody = createBridge({ connect: client.connect, host: SERVER_ADDRESS, port: 9 });
let site: Serving;

beforeAll(async () => {
  site = await serveSite(server, serverLink, { port: 80 });
  const echo = server.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(7, SERVER_ADDRESS, resolve));
  for (const bridge of [toSite, toEcho, toNobody]) await once(bridge.server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  for (const bridge of [toSite, toEcho, toNobody]) {
    bridge.destroy();
    bridge.server.close();
  }
  await Promise.all([site.close(), client.close()]);
});

function portOf({ server: listener }: { server: net.Server }): number {
  return (listener.address() as net.AddressInfo).port;
}

describe('the bridge', () => {
  it("lets fetch over the operating system's sockets see a page that crossed our TCP", async () => {
    const response = await fetch(`http://127.0.0.1:${portOf(toSite)}/`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('10.77.0.1:'); // the peer that our stack sees
  });

  it('carries a half-close: what was sent before the end still comes back after it', async () => {
    const socket = net.connect({ port: portOf(toEcho), host: '127.0.0.1', allowHalfOpen: true });
    const sent = Buffer.alloc(300_000, 'half-close ');
    socket.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it('resets outside what is refused inside', async () => {
    const socket = net.connect(portOf(toNobody), '127.0.0.1');
    const [error] = await once(socket, 'error');
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  });

  it('resets inside what breaks outside', async () => {
    const accepted = new Promise<Socket>((resolve) => {
      server.createServer(resolve).listen(8, SERVER_ADDRESS);
    });
    const bridge = createBridge({ connect: client.connect, host: SERVER_ADDRESS, port: 8 });
    await once(bridge.server.listen(0, '127.0.0.1'), 'listening');
    const socket = net.connect(portOf(bridge), '127.0.0.1');
    socket.write('x');
    const inside = await accepted;
    await once(inside, 'data');
    socket.resetAndDestroy();
    const [error] = await once(inside, 'error');
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNRESET');
    bridge.server.close();
  });
});
