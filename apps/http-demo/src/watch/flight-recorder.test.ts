import { once } from 'node:events';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { createStack, type Socket } from '@tcpstack/net';
import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { expect, it } from 'vitest';
import { contentOf } from './content.ts';
import { FlightRecorder } from './flight-recorder.ts';

async function talk(
  address: string,
  pair: Pick<ReturnType<typeof createEmbedded>, 'client' | 'server'>,
  messages: number,
) {
  const { client, server } = pair;
  server.createServer((socket) => socket.pipe(socket)).listen(7);
  const socket = client.connect({ host: address, port: 7, noDelay: true });
  await once(socket, 'connect');
  for (let i = 0; i < messages; i++) {
    socket.write(`message ${i}`);
    await once(socket, 'data');
  }
  return socket;
}

async function end(socket: Socket, { client, server }: Pick<ReturnType<typeof createEmbedded>, 'client' | 'server'>) {
  socket.resume().end();
  await once(socket, 'close');
  await Promise.all([client.close(), server.close()]);
}

it('keeps the first twelve segments and the latest twelve of a connection, in order, and counts the others', async () => {
  const recorder = new FlightRecorder();
  const pair = createEmbedded({ watch: (host, link) => (host === 'server' ? recorder.watch(link) : link) });
  const socket = await talk(SERVER_ADDRESS, pair, 40);
  const log = recorder.segmentsOf(7, socket.localAddress ?? '', socket.localPort ?? 0);
  expect([log?.first.length, log?.latest.length]).toEqual([12, 12]);
  expect(log?.omitted).toBeGreaterThan(40);
  const times = [...(log?.first ?? []), ...(log?.latest ?? [])].map(({ timeMs }) => timeMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(log?.first.slice(0, 3).map(({ flags }) => flags.join())).toEqual(['SYN', 'ACK,SYN', 'ACK,PSH']);
  const sent = log?.latest.filter(({ direction, payloadBytes }) => direction === 'in' && payloadBytes > 0);
  expect(sent?.at(-1)?.seqRelative).toBe(1 + 'message 0'.length * 10 + 'message 10'.length * 29);
  expect(recorder.segmentsOf(7, socket.localAddress ?? '', 1)).toBeNull();
  await end(socket, pair);
});

it('knows connections over IPv6, and those that share their ports with one of another address', async () => {
  const recorder = new FlightRecorder();
  const [near, far] = createMemoryLinkPair();
  const pair = {
    client: createStack({ link: near, address: '10.0.0.1', moreAddresses: ['fd00::1/64'] }),
    server: createStack({ link: recorder.watch(far), address: '10.0.0.2', moreAddresses: ['fd00::2/64'] }),
  };
  pair.server.createServer((socket) => socket.pipe(socket)).listen(7);
  const one = pair.client.connect({ host: '10.0.0.2', port: 7, localAddress: '10.0.0.1', localPort: 4000 });
  await once(one, 'connect');
  const two = pair.client.connect({ host: 'fd00::2', port: 7, localAddress: 'fd00::1', localPort: 4000 });
  await once(two, 'connect');
  two.write('x');
  await once(two, 'data');
  one.write('four');
  await once(one, 'data');
  const bytesOf = (address: string) =>
    recorder.segmentsOf(7, address, 4000)?.first.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);
  expect([bytesOf('10.0.0.1'), bytesOf('fd00::1')]).toEqual([8, 2]); // there and back
  one.destroy();
  await end(two, pair);
});

it('begins anew with a new connection of the same name', async () => {
  const recorder = new FlightRecorder();
  const pair = createEmbedded({ watch: (host, link) => (host === 'client' ? recorder.watch(link) : link) });
  pair.server.createServer((socket) => socket.end()).listen(7);
  const initials: (number | undefined)[] = [];
  for (let i = 0; i < 2; i++) {
    const socket = pair.client.connect({ host: SERVER_ADDRESS, port: 7, localPort: 4000 });
    await once(socket, 'connect');
    const log = recorder.segmentsOf(4000, SERVER_ADDRESS, 7);
    initials.push(log?.first[0]?.seq);
    expect(log?.first[0]).toMatchObject({ flags: ['SYN'], direction: 'out', timeMs: 0 });
    socket.resetAndDestroy();
    await once(socket, 'close');
    await new Promise(setImmediate);
  }
  expect(initials[0]).not.toBe(initials[1]);
  await Promise.all([pair.client.close(), pair.server.close()]);
});

it.each([
  ['GET /a/b HTTP/1.1\r\nHost: x', 'GET /a/b'],
  ['HTTP/1.1 200 OK\r\nDate', 'HTTP/1.1 200 OK'],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP/2 preface'],
  ['\x16\x03\x01\x02\x00\x01\x00', 'TLS ClientHello'],
  ['\x16\x03\x03\x00\x7a\x02\x00', 'TLS ServerHello'],
  ['\x17\x03\x03\x00\x10....', 'TLS data'],
  ['hello', ''],
  ['', ''],
])('calls %j "%s"', (payload, name) => {
  expect(contentOf(Buffer.from(payload, 'latin1'))).toBe(name);
});
