import { once } from 'node:events';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { AF_INET, SOCK_DGRAM } from '@tcpstack/sockets/constants';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askByDatagram, askToTheEnd, connectTo, hangUp } from '../client.ts';
import { AllServices, type ServingEvent } from '../serve-all.ts';
import { characterAt, PATTERN_BYTES } from './chargen.ts';

const { client, server } = createEmbedded();
const events: ServingEvent[] = [];
const services = new AllServices(server, {
  ports: { echo: 7, discard: 9, chargen: 19 },
  udp: true,
  onEvent: (event) => events.push(event),
});

beforeAll(() => services.start());
afterAll(() => client.close());

describe('echo (RFC 862)', () => {
  it('sends back all that came before the peer ended, and then ends too', async () => {
    const sent = Buffer.alloc(300_000, 'half-close ');
    expect((await askToTheEnd(await connectTo(client, SERVER_ADDRESS, 7), sent)).equals(sent)).toBe(true);
  });

  it('sends back a datagram, also an empty one', async () => {
    for (const sent of ['', 'hello']) {
      expect((await askByDatagram(client, SERVER_ADDRESS, 7, Buffer.from(sent))).toString()).toBe(sent);
    }
  });

  it('does not answer a datagram from the port of a service: two that answer each other never stop', async () => {
    const { driver } = client;
    const fd = driver.sys.socket(AF_INET, SOCK_DGRAM);
    driver.sys.bind(fd, '0.0.0.0', 19);
    driver.sys.sendto(fd, Buffer.from('loop'), 0, 4, 0, { address: SERVER_ADDRESS, port: 7 });
    // One that is answered, sent after it: had the first been answered, its answer had come before this one.
    await askByDatagram(client, SERVER_ADDRESS, 7, Buffer.from('x'));
    expect(await driver.poll([{ fd, events: 1, revents: 0 }], 0)).toBe(0);
    driver.closeFd(fd);
  });
});

describe('discard (RFC 863)', () => {
  it('takes everything, answers nothing, and ends when the peer does', async () => {
    const answer = await askToTheEnd(await connectTo(client, SERVER_ADDRESS, 9), Buffer.alloc(500_000));
    expect(answer).toHaveLength(0);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'closed', service: 'discard', receivedBytes: 500_000, sentBytes: 0 }),
    );
  });
});

describe('chargen (RFC 864)', () => {
  it('has 72 characters a line, each line begun one character further in the ring of 95', () => {
    const line = (n: number): string =>
      Array.from({ length: 74 }, (_, i) => String.fromCharCode(characterAt(n * 74 + i))).join('');
    expect(line(0)).toBe(`${' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg'}\r\n`);
    expect(line(1).slice(0, 71)).toBe(line(0).slice(1, 72));
    expect(line(94)[0]).toBe('~');
    expect(line(95)).toBe(line(0));
    expect(PATTERN_BYTES).toBe(95 * 74);
  });

  it('generates until the peer ends, and throws away what comes', async () => {
    const socket = await connectTo(client, SERVER_ADDRESS, 19);
    const answer = await ask(socket, Buffer.from('not listened to'), 3 * PATTERN_BYTES);
    expect(answer.every((byte, position) => byte === characterAt(position))).toBe(true);
    await hangUp(socket);
  });

  it('answers a datagram with 0 to 512 characters, not always as many', async () => {
    const lengths = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const answer = await askByDatagram(client, SERVER_ADDRESS, 19, Buffer.from('ignored'));
      expect(answer.length).toBeLessThanOrEqual(512);
      expect(answer.every((byte, position) => byte === characterAt(position))).toBe(true);
      lengths.add(answer.length);
    }
    expect(lengths.size).toBeGreaterThan(1);
  });
});

it('ends every connection in order when it is stopped, and says what was done', async () => {
  const talkers = await Promise.all([7, 9, 19].map((port) => connectTo(client, SERVER_ADDRESS, port)));
  await ask(talkers[2] as (typeof talkers)[0], Buffer.alloc(0), 1);
  const ends = talkers.map(async (socket) => {
    const ended = once(socket, 'end');
    await ended.finally(() => socket.resume().end());
  });
  for (const socket of talkers) socket.resume();
  await services.stop('SIGTERM');
  await Promise.all(ends);
  expect(server.host.sockets().filter(({ state }) => state !== 'TIME-WAIT')).toEqual([]);
  const last = events.at(-1);
  const totals = last?.type === 'stopped' ? last.totals : [];
  expect(totals.map(({ service, connections }) => [service, connections])).toEqual([
    ['echo', 2],
    ['discard', 2],
    ['chargen', 2],
  ]);
  expect(totals[0]).toMatchObject({
    receivedBytes: 300_000,
    sentBytes: 300_000,
    datagramsReceived: 4,
    datagramsSent: 3,
  });
});
