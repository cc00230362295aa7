/** How fast a connection may send: SO_MAX_PACING_RATE and the setting `pacing`. */

import { describe, expect, test } from 'vitest';
import { SO_MAX_PACING_RATE, SOL_SOCKET } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, listening, type Pair, said } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

const UNLIMITED = 0xffff_ffff;
const set = (host: Host, fd: number, rate: number) =>
  said(host.sys.setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, rate));
const get = (host: Host, fd: number) => host.sys.getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE);

/** Bytes a second at which the client's payload left, from the first segment to the last. */
function measured(world: World, { client, server, s, c }: Pair, totalBytes: number, ms: number): number {
  world.log.length = 0;
  expect(client.sys.write(c, pattern(totalBytes))).toBe(totalBytes);
  world.run(ms);
  expect(drain(server, s).bytes.length).toBe(totalBytes);
  const sent = world.sentBy(1).filter(({ payloadBytes }) => payloadBytes > 0);
  const [first, last] = [sent[0], sent.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was sent');
  const payload = sent.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0) - last.payloadBytes;
  return (payload * 1000) / (last.sentAtMs - first.sentAtMs);
}

describe('SO_MAX_PACING_RATE', () => {
  test.each([50_000, 1_000_000])('a connection sends %i bytes a second, and 5 percent more at most', (rate) => {
    const world = new World({ delayMs: 5 });
    const pair = connected(world);
    set(pair.client, pair.c, rate);
    const seen = measured(world, pair, rate / 2, 1000);
    expect(seen / rate).toBeGreaterThan(0.95);
    expect(seen / rate).toBeLessThan(1.05);
  });

  test('can be set before connect(), and on a listener for what it accepts', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    set(server, listener, 7000);
    const c = client.sys.socket();
    set(client, c, 5000);
    client.sys.connect(c, server.address, 80);
    world.settle();
    expect(get(server, server.sys.accept(listener))).toBe(7000);
    const rates: number[] = [];
    for (const host of world.hosts) host.eachConnection(({ pace }) => rates.push(pace.maxBytesPerMs));
    expect(rates).toEqual([7, 5]);
  });

  test('a higher one holds at once: what the lower one would still wait for is not owed', () => {
    const world = new World();
    const pair = connected(world);
    const { client, server, s, c } = pair;
    set(client, c, 1);
    client.sys.write(c, pattern(20_000));
    world.run(1000);
    expect(drain(server, s).bytes.length).toBeLessThan(20_000);
    set(client, c, UNLIMITED);
    world.run(0);
    expect(drain(server, s).end).toBe('EAGAIN');
    expect(server.sys.write(s, pattern(1))).toBe(1);
    expect(world.sentBy(1).reduce((sum, { payloadBytes }) => sum + payloadBytes, 0)).toBe(20_000);
  });

  test('is unlimited by default and with -1, which reads as 0xffffffff; 0 is not waited for, as in Linux', () => {
    const world = new World();
    const pair = connected(world);
    const { client, c } = pair;
    expect(get(client, c)).toBe(UNLIMITED);
    for (const [rate, reads] of [
      [5000, 5000],
      [-1, UNLIMITED],
      [0, 0],
    ] as const) {
      expect([set(client, c, rate), get(client, c)]).toEqual([0, reads]);
    }
    client.sys.write(c, pattern(10_000));
    world.run(0);
    expect(drain(pair.server, pair.s).bytes.length).toBe(10_000);
    expect(set(client, c, 1.5)).toBe('EINVAL');
    expect(said(client.sys.setsockopt(c, SOL_SOCKET, SO_MAX_PACING_RATE, '5000'))).toBe('EINVAL');
  });
});

describe('the settings of a Host', () => {
  const firstWindow = (pacing: boolean): number => {
    const world = new World({ delayMs: 20, settings: { pacing } });
    const { client, c } = connected(world);
    client.sys.write(c, pattern(10 * 1448));
    world.run(39);
    const times = world.sentBy(1).map(({ sentAtMs }) => sentAtMs);
    return (times.at(-1) as number) - (times[0] as number);
  };

  test('with `pacing` the first window leaves over half a round trip, without it at once', () => {
    expect(firstWindow(false)).toBe(0);
    expect(firstWindow(true)).toBeGreaterThan(10);
  });

  test('`lossDetection` says how loss is inferred where the peer has SACK; the default is by time (RFC 8985)', () => {
    const used = (settings: object): string[] => {
      const world = new World({ settings });
      listening(world.host(0));
      connecting(world.host(1), world.host(0));
      world.settle();
      const seen: string[] = [];
      for (const host of world.hosts) host.eachConnection(({ recovery }) => seen.push(recovery.detection));
      return seen;
    };
    expect(used({})).toEqual(['rack', 'rack']);
    expect(used({ lossDetection: 'sack' })).toEqual(['sack', 'sack']);
  });
});
