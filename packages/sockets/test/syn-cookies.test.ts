/** SYN cookies in a Host (RFC 4987): connections made from the ACK alone, with all that the SYN had agreed to. */

import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../src/host.ts';
import { connecting, drain, expectNothingLeft, listening, said, viewOf } from './calls.ts';
import { pattern, STRANGER, segment } from './packets.ts';
import { World, type WorldOptions } from './world.ts';

function worldOf(server: Partial<Settings>, client: Partial<Settings> = {}, options: WorldOptions = {}): World {
  return new World({ hosts: [{ settings: server }, { settings: client }], ...options });
}

/** SYNs of strangers fill the queue of a listener with a backlog of 7 or less. */
function fillQueue(world: World): void {
  for (let i = 0; i < 8; i++) world.inject(segment({ flags: SYN, from: `10.9.0.${i + 1}` }));
  world.settle();
  world.log.length = 0;
}

describe('a listener whose SYN queue is full', () => {
  test('answers by a cookie, keeps nothing, and the ACK makes the connection with all its options', () => {
    const world = worldOf({}, { ecn: 1 }, { delayMs: 10 });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 4);
    fillQueue(world);
    const c = connecting(client, server);
    world.run(15);
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 8, acceptQueueLength: 0 });
    expect(world.sentBy(0).map(({ tcp }) => tcp?.flags.join())).toEqual(['ECE,ACK,SYN']);
    world.run(30);
    const s = server.sys.accept(listener);
    const [ours, theirs] = [viewOf(server, s).tcp, viewOf(client, c).tcp];
    // A plain handshake of the same two hosts, for comparison.
    const plain = worldOf({}, { ecn: 1 }, { delayMs: 10 });
    const plainListener = listening(plain.host(0), 4);
    const plainClient = connecting(plain.host(1), plain.host(0));
    plain.run(45);
    const plainOurs = viewOf(plain.host(0), plain.host(0).sys.accept(plainListener)).tcp;
    const plainTheirs = viewOf(plain.host(1), plainClient).tcp;
    for (const name of [
      'sndScale',
      'rcvScale',
      'timestamps',
      'sack',
      'ecn',
      'mssBytes',
      'sndWndBytes',
      'rcvWndBytes',
    ] as const) {
      expect([name, ours?.[name]]).toEqual([name, plainOurs?.[name]]);
      expect([name, theirs?.[name]]).toEqual([name, plainTheirs?.[name]]);
    }
    expect(ours).toMatchObject({ iss: theirs?.irs, irs: theirs?.iss, timestamps: true, sack: true, ecn: true });
    expect(server.counters()).toMatchObject({
      synQueueCookies: 1,
      synCookiesSent: 1,
      synCookiesReceived: 1,
      synCookiesFailed: 0,
      passiveOpens: 1,
    });
    client.sys.write(c, pattern(100_000));
    server.sys.write(s, pattern(100_000, 1));
    world.run(500);
    expect(drain(server, s).bytes).toEqual(pattern(100_000));
    expect(drain(client, c).bytes).toEqual(pattern(100_000, 1));
  });

  test('takes data that comes with the ACK', () => {
    const world = worldOf({});
    const listener = listening(world.host(0), 4);
    fillQueue(world);
    world.inject(segment({ flags: SYN, seq: 1000 })).settle();
    const ack = (world.last().tcp?.seq ?? 0) + 1;
    world.inject(segment({ flags: ACK, seq: 1001, ack, payload: pattern(300) })).settle();
    expect(drain(world.host(0), world.host(0).sys.accept(listener)).bytes).toEqual(pattern(300));
  });

  test('agrees to no option where there are no timestamps to remember them in, only to an MSS', () => {
    const world = worldOf({}, { timestamps: false });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 4);
    fillQueue(world);
    connecting(client, server);
    world.settle();
    expect(world.sentBy(0)[0]?.tcp?.options.map(({ kind }) => kind)).toEqual([2]);
    const view = viewOf(server, server.sys.accept(listener)).tcp;
    expect(view).toMatchObject({
      sndScale: 0,
      rcvScale: 0,
      timestamps: false,
      sack: false,
      ecn: false,
      mssBytes: 1460,
    });
  });

  test('ignores the ACK while the accept queue is full, and takes the data that comes again', () => {
    const world = worldOf({}, {}, { delayMs: 5 });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 0);
    fillQueue(world);
    const fds = [connecting(client, server), connecting(client, server)];
    world.run(100);
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 8, acceptQueueLength: 1 });
    expect(server.counters()).toMatchObject({ synCookiesReceived: 2, listenOverflows: 1, listenDrops: 1 });
    client.sys.write(fds[1] as number, pattern(50));
    server.sys.accept(listener);
    world.run(1000);
    expect(drain(server, server.sys.accept(listener)).bytes).toEqual(pattern(50));
  });

  test('answers an ACK without a cookie by a reset, and counts it', () => {
    const world = worldOf({});
    listening(world.host(0), 4);
    fillQueue(world);
    world.inject(segment({ flags: SYN, seq: 1000 })).settle();
    const iss = world.last().tcp?.seq ?? 0;
    world.inject(segment({ flags: ACK, seq: 1001, ack: iss + 100 })).settle();
    expect(world.last()).toMatchObject({ kind: 'RST', to: STRANGER, tcp: { seq: iss + 100 } });
    expect(world.host(0).counters()).toMatchObject({ synCookiesFailed: 1, passiveOpens: 0 });
    // A reset or a SYN-ACK with a good number opens nothing.
    world.inject(segment({ flags: ACK | RST, seq: 1001, ack: iss + 1 }));
    world.inject(segment({ flags: ACK | SYN, seq: 1001, ack: iss + 1 }));
    expect(world.host(0).counters()).toMatchObject({ synCookiesReceived: 0, passiveOpens: 0 });
  });

  test('knows a cookie for a minute or two, then not', () => {
    for (const [waitMs, opens] of [
      [59_000, 1],
      [121_000, 0],
    ] as const) {
      const world = worldOf({});
      listening(world.host(0), 4);
      fillQueue(world);
      world.inject(segment({ flags: SYN, seq: 1000 })).settle();
      const ack = (world.last().tcp?.seq ?? 0) + 1;
      world.run(waitMs);
      world.inject(segment({ flags: ACK, seq: 1001, ack }));
      expect(world.host(0).counters().passiveOpens).toBe(opens);
    }
  });
});

test('a listener that sent no cookie in two minutes looks at no ACK for one', () => {
  const world = worldOf({});
  listening(world.host(0), 100);
  world.inject(segment({ flags: ACK, seq: 1001, ack: 77 })).settle();
  expect(world.last().kind).toBe('RST');
  expect(world.host(0).counters()).toMatchObject({ synCookiesFailed: 0, listenAcks: 1 });
});

describe('the setting synCookies (tcp_syncookies)', () => {
  test('0: no cookies; and the last quarter of maxSynBacklog stays free', () => {
    const world = worldOf({ synCookies: 0, maxSynBacklog: 16 });
    const listener = listening(world.host(0), 100);
    for (let i = 0; i < 50; i++) world.inject(segment({ flags: SYN, fromPort: 1000 + i }));
    expect(viewOf(world.host(0), listener).synQueueLength).toBe(13);
    expect(world.host(0).counters()).toMatchObject({ listenDrops: 37, synCookiesSent: 0 });
  });

  test('2: always, so nothing is ever half-open', () => {
    const world = worldOf({ synCookies: 2 });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    for (let i = 0; i < 50; i++) world.inject(segment({ flags: SYN, fromPort: 1000 + i }));
    const c = connecting(client, server);
    world.settle();
    expect(server.counters()).toMatchObject({ synCookiesSent: 51, halfOpens: 0, passiveOpens: 1 });
    const s = server.sys.accept(listener);
    server.sys.close(s);
    client.sys.close(c);
    world.run(120_000);
    expectNothingLeft(server);
  });

  test('SYN-ACKs that wait to leave are bounded', () => {
    const world = worldOf({ synCookies: 2 });
    listening(world.host(0));
    for (let i = 0; i < 1100; i++) world.inject(segment({ flags: SYN, fromPort: 1000 + i }));
    expect(world.host(0).counters()).toMatchObject({ synCookiesSent: 1024, synCookiesDropped: 76 });
    expect(world.host(0).wantsTransmit()).toBe(true);
    world.settle();
    expect(world.sentBy(0)).toHaveLength(1024);
    expect(world.host(0).wantsTransmit()).toBe(false);
  });
});

test('options of the listener hold for the SYN-ACK of a cookie and for the connection', () => {
  const world = worldOf({ synCookies: 2 });
  const [server, client] = [world.host(0), world.host(1)];
  const listener = listening(server);
  server.sys.setsockopt(listener, 6, 2, 1000);
  server.sys.setsockopt(listener, 0, 2, 33);
  server.sys.setsockopt(listener, 0, 1, 0x28);
  server.sys.setsockopt(listener, 1, 8, 8192);
  const c = connecting(client, server);
  world.settle();
  const [answer] = world.sentBy(0);
  expect(answer?.ipv4).toMatchObject({ ttl: 33, tos: 0x28 });
  expect(answer?.tcp).toMatchObject({ window: 8192 });
  expect(viewOf(client, c).tcp?.mssBytes).toBe(1000 - 12);
  expect(said(server.sys.accept(listener))).toBe(4);
});
