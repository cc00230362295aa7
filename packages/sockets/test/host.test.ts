/** The Host itself: what it asks for, its clock, its getters. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { describe, expect, test } from 'vitest';
import { Host } from '../src/host.ts';
import { connected, drain, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { entropy, World } from './world.ts';

describe('options out of range are a RangeError that says what is wrong', () => {
  const good = { address: '10.0.0.1', mtuBytes: 1500, entropy: entropy(1) };

  test('entropy: 32 bytes or more', () => {
    expect(() => new Host({ ...good, entropy: new Uint8Array(31) })).toThrow(
      new RangeError('entropy must have 32 bytes or more'),
    );
    expect(new Host({ ...good, entropy: new Uint8Array(32) }).address).toBe('10.0.0.1');
    expect(() => new Host({ ...good, entropy: new Uint8Array(64) })).not.toThrow();
  });

  test('all 32 bytes count: another one anywhere changes ports or sequence numbers', () => {
    const seen = new Set<string>();
    for (let i = -1; i < 32; i++) {
      const bytes = entropy(1);
      if (i >= 0) bytes[i] = (bytes[i] as number) ^ 1;
      const host = new Host({ ...good, entropy: bytes });
      host.sys.connect(host.sys.socket(), '10.0.0.2', 80);
      const view = viewOf(host, 3);
      seen.add(`${view.local.port} ${view.tcp?.iss}`);
    }
    expect(seen.size).toBe(33);
  });

  test('a setting that does not exist is not ignored', () => {
    const settings = { congestionControl: 'bbr' } as object;
    expect(() => new Host({ ...good, settings })).toThrow(new RangeError('there is no setting congestionControl'));
  });

  test('mtuBytes: 68 to 65535 (RFC 791 §3.2)', () => {
    for (const mtuBytes of [67, 65_536, Number.NaN, -1]) {
      expect(() => new Host({ ...good, mtuBytes })).toThrow(`mtuBytes must be 68 to 65535, not ${mtuBytes}`);
    }
    for (const mtuBytes of [68, 65_535]) expect(() => new Host({ ...good, mtuBytes })).not.toThrow();
  });

  test('address: one that a host can have', () => {
    for (const address of ['', '10.0.0', 'localhost', '1:2:3', '10.0.0.1/24']) {
      expect(() => new Host({ ...good, address })).toThrow(`not an IP address: ${address}`);
    }
    for (const address of ['0.0.0.0', '::', 'ff02::1']) {
      expect(() => new Host({ ...good, address })).toThrow(`not an address of one host: ${address}`);
    }
  });
});

describe('the clock', () => {
  test('never goes back: every way to hand in an earlier time is refused', () => {
    const host = new World().host(0);
    const batch = new PacketBatch({ capacityPackets: 1 });
    host.advance(5);
    host.advance(5);
    for (const call of [
      () => host.advance(4.999),
      () => host.handleTimeout(4),
      () => host.handlePackets(4, batch),
      () => host.pollTransmit(4, batch),
      () => host.advance(Number.NaN),
    ]) {
      expect(call).toThrow('time never goes backwards');
    }
  });

  test('may begin anywhere, such as at the time since 1970', () => {
    const world = new World();
    world.run(1.8e12);
    const { server, client, s, c } = connected(world);
    client.sys.write(c, pattern(1000));
    world.run(10);
    expect(drain(server, s).bytes).toEqual(pattern(1000));
  });

  test('handleTimeout before anything is due does nothing', () => {
    const world = new World();
    const host = world.host(0);
    host.sys.connect(host.sys.socket(), '10.0.0.2', 80);
    world.passes = () => false;
    world.settle();
    expect(host.pollDeadlineMs()).toBe(1000);
    host.handleTimeout(999.999);
    expect(host.wantsTransmit()).toBe(false);
    expect(host.pollDeadlineMs()).toBe(1000);
    host.handleTimeout(1000);
    expect(host.wantsTransmit()).toBe(true);
  });
});

describe('getters', () => {
  test('counters() is a copy of named numbers, all at zero in the beginning', () => {
    const host = new World().host(0);
    const counters = host.counters();
    expect(Object.keys(counters).length).toBeGreaterThan(30);
    expect(Object.values(counters).every((value) => value === 0)).toBe(true);
    expect(counters).not.toBe(host.counters());
    const { server, client } = connected(new World());
    expect(client.counters()).toMatchObject({ activeOpens: 1, passiveOpens: 0, received: 1, sent: 2 });
    expect(server.counters()).toMatchObject({ activeOpens: 0, passiveOpens: 1, received: 2, sent: 1 });
  });

  test('sockets() tells the numbers of a connection as both ends see them', () => {
    const world = new World({ delayMs: 25 });
    const { server, client, s, c } = connected(world);
    client.sys.write(c, pattern(3000));
    world.run(100);
    const [there, here] = [viewOf(server, s), viewOf(client, c)];
    expect(there).toMatchObject({ recvQueueBytes: 3000, sendQueueBytes: 0, queue: '', backlogSegs: 0 });
    expect(here).toMatchObject({ local: there.remote, remote: there.local });
    expect(here.tcp).toMatchObject({
      iss: there.tcp?.irs,
      irs: there.tcp?.iss,
      sndNxt: there.tcp?.rcvNxt,
      sndUna: ((there.tcp?.irs ?? 0) + 3001) >>> 0,
      srttMs: 50,
      rtoMs: 250,
      mssBytes: 1448,
      retransmits: 0,
      sndScale: there.tcp?.rcvScale,
      timestamps: true,
      sack: true,
    });
    expect(here.tcp?.cwndBytes).toBeGreaterThanOrEqual(14_480);
    expect(here.tcp?.sndWndBytes).toBeLessThanOrEqual(there.tcp?.rcvWndBytes ?? 0);
  });

  test('bufferBytes() is what connections hold, and 0 when nothing waits', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    expect([server.bufferBytes(), client.bufferBytes()]).toEqual([0, 0]);
    client.sys.write(c, pattern(3000));
    expect(client.bufferBytes()).toBeGreaterThanOrEqual(3000);
    world.settle();
    expect(client.bufferBytes()).toBe(0);
    expect(server.bufferBytes()).toBeGreaterThanOrEqual(3000);
    drain(server, s);
    expect(server.bufferBytes()).toBe(0);
  });
});
