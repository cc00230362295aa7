/** TCP Fast Open between two Hosts (RFC 7413): cookies, data on SYNs, answers before the handshake ends, and what goes wrong. */

import { ACK, RST } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import {
  IPPROTO_TCP,
  MSG_FASTOPEN,
  POLLIN,
  POLLOUT,
  SO_ERROR,
  SOL_SOCKET,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_FASTOPEN_NO_COOKIE,
} from '../src/constants.ts';
import { errnoName } from '../src/errno.ts';
import type { Host, Settings } from '../src/host.ts';
import { drain, expectNothingLeft, levels, listening, said, viewOf } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { type Logged, World } from './world.ts';

const BOTH = 3;

function worldOf(settings: Partial<Settings> = {}, client: Partial<Settings> = {}): World {
  const hosts = [
    { settings: { fastOpen: BOTH, ...settings } },
    { settings: { fastOpen: BOTH, ...settings, ...client } },
  ];
  return new World({ hosts, delayMs: 10 });
}

/** A listener with so many places for Fast Open. */
function fastListening(host: Host, places = 8): number {
  const fd = listening(host);
  expect(said(host.sys.setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, places))).toBe(0);
  return fd;
}

/** A socket with TCP_FASTOPEN_CONNECT, connected to the server; what connect() said. */
function fastConnect(world: World): [fd: number, said: number | string] {
  const { sys } = world.host(1);
  const fd = sys.socket();
  expect(said(sys.setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1))).toBe(0);
  return [fd, said(sys.connect(fd, '10.0.0.1', 80))];
}

/** One connection that asks for a cookie and gets it, and is closed. */
function getCookie(world: World, listener: number): void {
  const [c, outcome] = fastConnect(world);
  expect(outcome).toBe('EINPROGRESS');
  world.run(100);
  world.host(1).sys.close(c);
  world.run(100);
  world.host(0).sys.close(world.host(0).sys.accept(listener));
  world.run(61_000);
  world.log.length = 0;
}

function fastOpenOption(packet: Logged | undefined): number | undefined {
  return packet?.tcp?.options.find(({ kind }) => kind === 34)?.lengthBytes;
}

/** What was sent, each with the length of its Fast Open option. */
function kindsWithOption(world: World): string[] {
  return world.log.map((packet) => [packet.kind, fastOpenOption(packet)].filter((one) => one !== undefined).join(' '));
}

/** Sends `bytes` on the SYN of a new connection. */
function sendOnSyn(world: World, bytes: number): number {
  const [c, outcome] = fastConnect(world);
  expect(outcome).toBe(0);
  expect(world.host(1).sys.write(c, pattern(bytes))).toBe(bytes);
  return c;
}

describe('the first connection to a server', () => {
  test('asks for a cookie, and the SYN-ACK brings one (§3.1)', () => {
    const world = worldOf();
    fastListening(world.host(0));
    const [c, outcome] = fastConnect(world);
    expect(outcome).toBe('EINPROGRESS');
    world.run(100);
    expect(kindsWithOption(world)).toEqual(['SYN 2', 'ACK,SYN 10', 'ACK']);
    expect(viewOf(world.host(1), c).state).toBe('ESTABLISHED');
    expect(world.host(0).counters()).toMatchObject({ fastOpenCookiesAsked: 1, fastOpenPassive: 0 });
  });

  test('is an ordinary one where the listener has no places, or the host does not do it', () => {
    for (const [setting, places] of [
      [1, 8],
      [3, 0],
    ] as const) {
      const world = worldOf({ fastOpen: setting });
      fastListening(world.host(0), places);
      const [c] = fastConnect(world);
      world.run(100);
      expect(kindsWithOption(world)).toEqual(['SYN 2', 'ACK,SYN', 'ACK']);
      expect(viewOf(world.host(1), c).state).toBe('ESTABLISHED');
    }
  });

  test('asks for nothing where the client does not do it', () => {
    const world = worldOf({}, { fastOpen: 2 });
    fastListening(world.host(0));
    const [, outcome] = fastConnect(world);
    expect(outcome).toBe('EINPROGRESS');
    world.run(100);
    expect(kindsWithOption(world)).toEqual(['SYN', 'ACK,SYN', 'ACK']);
  });
});

describe('later connections', () => {
  test('carry data on the SYN, which is readable and answered before the handshake ends (§3.1)', () => {
    const world = worldOf();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = fastListening(server);
    getCookie(world, listener);
    const startMs = world.nowMs;
    const [c, outcome] = fastConnect(world);
    expect(outcome).toBe(0);
    // Nothing leaves until there is data; but there is room for it.
    world.run(5);
    expect(world.log).toEqual([]);
    expect(levels(client, c) & POLLOUT).toBe(POLLOUT);
    expect(client.sys.write(c, pattern(500))).toBe(500);
    world.run(10);
    expect(levels(server, listener)).toBe(POLLIN);
    const s = server.sys.accept(listener);
    expect(viewOf(server, s).state).toBe('SYN-RECEIVED');
    expect(drain(server, s)).toEqual({ bytes: pattern(500), end: 'EAGAIN' });
    expect(server.sys.write(s, pattern(3000, 1))).toBe(3000);
    // The answer is with the client one round trip after the SYN.
    world.run(10);
    expect(world.nowMs - startMs).toBe(25);
    expect(drain(client, c).bytes).toEqual(pattern(3000, 1));
    expect(world.log.map(({ kind, payloadBytes }) => `${kind} ${payloadBytes}`).slice(0, 3)).toEqual([
      'SYN 500',
      'ACK,SYN 0',
      expect.stringMatching(/ACK (1448|3000)/),
    ]);
    world.run(100);
    expect(viewOf(server, s).state).toBe('ESTABLISHED');
    expect(server.counters()).toMatchObject({ fastOpenPassive: 1, fastOpenPassiveFails: 0 });
    expect(client.counters()).toMatchObject({ fastOpenActive: 1, fastOpenActiveFails: 0, retransmittedSegments: 0 });
  });

  test('go on with the rest of a large write, and close in order', () => {
    const world = worldOf();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = fastListening(server);
    getCookie(world, listener);
    const [c] = fastConnect(world);
    const onSyn = client.sys.write(c, pattern(100_000));
    // One segment at most, less the room of options.
    expect(onSyn).toBe(1460 - 40);
    world.run(30);
    expect(client.sys.write(c, pattern(100_000).subarray(onSyn))).toBe(100_000 - onSyn);
    client.sys.close(c);
    world.run(1000);
    const s = server.sys.accept(listener);
    expect(drain(server, s)).toEqual({ bytes: pattern(100_000), end: 0 });
    server.sys.close(s);
    world.run(70_000);
    expectNothingLeft(server);
    expectNothingLeft(client);
  });

  test('a server that answers and closes at once sends its FIN after the handshake', () => {
    const world = worldOf();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = fastListening(server);
    getCookie(world, listener);
    const c = sendOnSyn(world, 10);
    world.run(10);
    const s = server.sys.accept(listener);
    server.sys.read(s, new Uint8Array(100));
    server.sys.write(s, pattern(20, 1));
    server.sys.close(s);
    world.run(15);
    // Both have left, and the FIN has not: RFC 9293 §3.10.4 queues it until ESTABLISHED.
    expect(world.sentBy(0).map(({ kind, payloadBytes }) => `${kind} ${payloadBytes}`)).toEqual([
      'ACK,SYN 0',
      'ACK,PSH 20',
    ]);
    world.run(200);
    expect(drain(client, c)).toEqual({ bytes: pattern(20, 1), end: 0 });
    client.sys.close(c);
    world.run(70_000);
    expectNothingLeft(server);
  });

  test('a lost SYN-ACK is sent again, with the answer behind it once the handshake ends', () => {
    const world = worldOf();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = fastListening(server);
    getCookie(world, listener);
    let lost = 0;
    world.passes = ({ from }) => from !== '10.0.0.1' || lost++ >= 2;
    const c = sendOnSyn(world, 10);
    world.run(10);
    const s = server.sys.accept(listener);
    server.sys.write(s, pattern(20, 1));
    world.run(5000);
    expect(lost).toBeGreaterThan(2);
    expect(drain(client, c).bytes).toEqual(pattern(20, 1));
    expect(drain(server, s).bytes).toEqual(pattern(10));
    expect([viewOf(server, s).state, viewOf(client, c).state]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
  });

  test('nobody answers: the connection of the server ends after its SYN-ACKs, with an error', () => {
    const world = worldOf();
    const [server] = [world.host(0), world.host(1)];
    const listener = fastListening(server);
    getCookie(world, listener);
    world.passes = ({ from }) => from !== '10.0.0.1';
    sendOnSyn(world, 10);
    world.run(10);
    const s = server.sys.accept(listener);
    server.sys.write(s, pattern(20, 1));
    // One more than of other listeners: 1 + 2 + 4 + 8 + 16 + 32 + 64 s, when the peer's own SYNs do not come again.
    world.passes = () => false;
    world.run(127_100);
    expect(drain(server, s).end).toBe('ETIMEDOUT');
  });

  test('without an answer the SYN-ACK is sent again by its timer, too', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    world.passes = ({ from }) => from !== '10.0.0.1';
    sendOnSyn(world, 10);
    world.run(10);
    const startMs = world.nowMs;
    world.passes = () => false;
    world.run(127_000);
    const after = world.sentBy(0, 'ACK,SYN').map(({ sentAtMs }) => sentAtMs - startMs);
    expect(after).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000]);
    const s = world.host(0).sys.accept(listener);
    expect(drain(world.host(0), s)).toEqual({ bytes: pattern(10), end: 'ETIMEDOUT' });
    world.host(0).sys.close(s);
    expectNothingLeft(world.host(0));
  });

  test('a reset in SYN-RECEIVED ends it with ECONNRESET', () => {
    const world = worldOf();
    const server = world.host(0);
    const listener = fastListening(server);
    getCookie(world, listener);
    const c = sendOnSyn(world, 10);
    world.run(10);
    const s = server.sys.accept(listener);
    const { port } = world.host(1).sys.getsockname(c) as { port: number };
    const view = viewOf(server, s).tcp;
    world.passes = () => false;
    world.inject(segment({ from: '10.0.0.2', fromPort: port, flags: RST, seq: view?.rcvNxt ?? 0 }));
    expect(errnoName(-(server.sys.getsockopt(s, SOL_SOCKET, SO_ERROR) as number))).toBe('ECONNRESET');
  });
});

describe('data that the SYN-ACK does not acknowledge', () => {
  test('is sent again after the handshake: the server has forgotten its cookie', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    world.host(0).sys.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, 0);
    const c = sendOnSyn(world, 700);
    world.run(100);
    const s = world.host(0).sys.accept(listener);
    expect(drain(world.host(0), s).bytes).toEqual(pattern(700));
    expect(viewOf(world.host(1), c).state).toBe('ESTABLISHED');
    expect(world.host(1).counters()).toMatchObject({ fastOpenActive: 0, fastOpenActiveFails: 1 });
  });

  test('is sent again where a middlebox swallowed the SYN: the next SYN is a plain one', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    world.passes = ({ kind, payloadBytes }) => kind !== 'SYN' || payloadBytes === 0;
    sendOnSyn(world, 700);
    world.run(1500);
    const syns = world.sentBy(1, 'SYN');
    expect(syns.map((syn) => [syn.payloadBytes, fastOpenOption(syn)])).toEqual([
      [700, 10],
      [0, undefined],
    ]);
    expect(drain(world.host(0), world.host(0).sys.accept(listener)).bytes).toEqual(pattern(700));
  });

  test('a server that loses SYNs with data twice gets plain ones for a while', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    world.passes = ({ kind, payloadBytes }) => kind !== 'SYN' || payloadBytes === 0;
    for (let i = 0; i < 2; i++) {
      sendOnSyn(world, 10);
      world.run(1500);
    }
    expect(fastConnect(world)[1]).toBe('EINPROGRESS');
    world.run(300_000);
    expect(fastConnect(world)[1]).toBe(0);
  });
});

describe('a black hole', () => {
  test('three time-outs in a row pause Fast Open to everybody, each time for twice as long (tcp_fastopen_blackhole_timeout)', () => {
    const world = worldOf({ fastOpenBlackHoleMs: 100_000 });
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    for (const pauseMs of [100_000, 200_000]) {
      world.passes = () => false;
      const c = sendOnSyn(world, 10);
      world.run(7000);
      expect(world.host(1).counters().fastOpenBlackHoles).toBe(pauseMs / 100_000);
      world.host(1).sys.close(c);
      world.passes = () => true;
      expect(fastConnect(world)[1]).toBe('EINPROGRESS');
      world.run(pauseMs - 10);
      expect(fastConnect(world)[1]).toBe('EINPROGRESS');
      world.run(10);
    }
    // What gets through ends that.
    sendOnSyn(world, 10);
    world.run(100);
    expect(world.host(1).counters().fastOpenActive).toBe(1);
  });

  test('is not looked for by default, as in Linux', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    world.passes = () => false;
    sendOnSyn(world, 10);
    world.run(7000);
    expect(world.host(1).counters()).toMatchObject({ fastOpenActiveFails: 1, fastOpenBlackHoles: 0 });
    expect(fastConnect(world)[1]).toBe(0);
  });
});

describe('a listener', () => {
  test('takes no more than its places; the others are half-open as ever (§5.1)', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0), 2);
    getCookie(world, listener);
    world.passes = ({ from }) => from !== '10.0.0.1';
    for (let i = 0; i < 3; i++) sendOnSyn(world, 10);
    world.run(15);
    expect(viewOf(world.host(0), listener)).toMatchObject({ acceptQueueLength: 2, synQueueLength: 1 });
    expect(world.host(0).counters()).toMatchObject({ fastOpenPassive: 2, fastOpenOverflows: 1 });
    // Handshakes that end make room.
    world.passes = () => true;
    world.run(2000);
    sendOnSyn(world, 10);
    world.run(100);
    expect(world.host(0).counters().fastOpenPassive).toBe(3);
  });

  test('keeps the place of a connection that was reset for a minute, since who forges addresses causes resets', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0), 1);
    getCookie(world, listener);
    const c = sendOnSyn(world, 10);
    const { port } = world.host(1).sys.getsockname(c) as { port: number };
    world.passes = ({ from }) => from !== '10.0.0.1';
    world.run(10);
    const irs = world.sentBy(1, 'SYN')[0]?.tcp?.seq ?? 0;
    world.inject(segment({ from: '10.0.0.2', fromPort: port, flags: RST, seq: irs + 11 }));
    expect(drain(world.host(0), world.host(0).sys.accept(listener)).end).toBe('ECONNRESET');
    world.host(1).sys.close(c);
    world.passes = () => true;
    sendOnSyn(world, 10);
    world.run(59_000);
    expect(world.host(0).counters()).toMatchObject({ fastOpenPassive: 1, fastOpenOverflows: 1 });
    world.run(2000);
    sendOnSyn(world, 10);
    world.run(100);
    expect(world.host(0).counters().fastOpenPassive).toBe(2);
  });

  test('takes no data under a wrong cookie, and gives the right one', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    // The cookie of another server at the same address.
    const other = new World({ hosts: [{ settings: { fastOpen: BOTH } }, { settings: { fastOpen: BOTH } }], seed: 9 });
    const otherListener = fastListening(other.host(0));
    other.passes = () => false;
    sendOnSyn(world, 10);
    world.run(0);
    const syn = world.sentBy(1, 'SYN')[0];
    other.injectInto(0, syn?.bytes ?? new Uint8Array(0)).run(0);
    expect(other.host(0).counters()).toMatchObject({ fastOpenPassive: 0, fastOpenPassiveFails: 1 });
    expect(fastOpenOption(other.sentBy(0, 'ACK,SYN')[0])).toBe(10);
    expect(viewOf(other.host(0), otherListener)).toMatchObject({ synQueueLength: 1, acceptQueueLength: 0 });
  });

  test('needs no cookie where the setting or the option says so', () => {
    for (const [setting, option] of [
      [0x207 | 0x400, 0],
      [7, 1],
    ] as const) {
      const world = worldOf({ fastOpen: setting });
      const listener = setting > 7 ? listening(world.host(0)) : fastListening(world.host(0));
      world.host(0).sys.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, option);
      sendOnSyn(world, 10);
      world.run(15);
      expect(world.host(0).counters().fastOpenPassive).toBe(1);
      expect(fastOpenOption(world.sentBy(1, 'SYN')[0])).toBeUndefined();
    }
  });

  test('without places does not acknowledge text on a SYN (docs/deviations.md)', () => {
    const world = worldOf({ fastOpen: 7 });
    const listener = listening(world.host(0));
    sendOnSyn(world, 10);
    world.run(15);
    expect(viewOf(world.host(0), listener)).toMatchObject({ synQueueLength: 1, acceptQueueLength: 0 });
    world.run(100);
    expect(drain(world.host(0), world.host(0).sys.accept(listener)).bytes).toEqual(pattern(10));
  });
});

test('a SYN-ACK with a forged ACK beyond the data of the SYN is answered by a reset', () => {
  const world = worldOf();
  const listener = fastListening(world.host(0));
  getCookie(world, listener);
  world.passes = () => false;
  const c = sendOnSyn(world, 10);
  world.run(0);
  const { port } = world.host(1).sys.getsockname(c) as { port: number };
  const iss = world.sentBy(1, 'SYN')[0]?.tcp?.seq ?? 0;
  const forged = segment({
    from: '10.0.0.1',
    fromPort: 80,
    to: '10.0.0.2',
    toPort: port,
    flags: ACK | 2,
    ack: iss + 12,
  });
  world.injectInto(1, forged).run(0);
  expect(world.last().kind).toBe('RST');
  expect(viewOf(world.host(1), c).state).toBe('SYN-SENT');
});

describe('sendto() with MSG_FASTOPEN', () => {
  const to = { address: '10.0.0.1', port: 80 };

  test('asks for a cookie first, and the next time sends on the SYN', () => {
    const world = worldOf();
    const { sys } = world.host(1);
    const listener = fastListening(world.host(0));
    const first = sys.socket();
    expect(said(sys.sendto(first, pattern(10), 0, 10, MSG_FASTOPEN, to))).toBe('EINPROGRESS');
    expect(said(sys.sendto(first, pattern(10), 0, 10, MSG_FASTOPEN, to))).toBe('EALREADY');
    world.run(100);
    expect(sys.write(first, pattern(10))).toBe(10);
    world.run(100);
    const second = sys.socket();
    expect(sys.sendto(second, pattern(5000), 0, 5000, MSG_FASTOPEN, to)).toBe(1420);
    world.run(11);
    const { sys: server } = world.host(0);
    expect(drain(world.host(0), server.accept(listener)).bytes).toEqual(pattern(10));
    expect(drain(world.host(0), server.accept(listener)).bytes).toEqual(pattern(1420));
    world.run(100);
    // As with connect(), the first call afterwards says that it is done, and the next that it was.
    expect(said(sys.sendto(second, pattern(1), 0, 1, MSG_FASTOPEN, to))).toBe(1);
    expect(said(sys.sendto(second, pattern(1), 0, 1, MSG_FASTOPEN, to))).toBe('EISCONN');
  });

  test('works with sendmsg(), too', () => {
    const world = worldOf();
    const listener = fastListening(world.host(0));
    getCookie(world, listener);
    const { sys } = world.host(1);
    const message = { name: to, iov: [pattern(10), pattern(20)] };
    expect(sys.sendmsg(sys.socket(), message, MSG_FASTOPEN)).toBe(10);
    world.run(11);
    expect(drain(world.host(0), world.host(0).sys.accept(listener)).bytes).toEqual(pattern(10));
    expect(
      said(sys.sendmsg(sys.socket(), { ...message, name: { address: '224.0.0.1', port: 80 } }, MSG_FASTOPEN)),
    ).toBe('ENETUNREACH');
  });

  test('is EOPNOTSUPP where the host does not do it, and gives the errors of connect()', () => {
    const { sys } = worldOf({}, { fastOpen: 2 }).host(1);
    expect(said(sys.sendto(sys.socket(), pattern(1), 0, 1, MSG_FASTOPEN, to))).toBe('EOPNOTSUPP');
    expect(said(sys.sendto(99, pattern(1), 0, 1, MSG_FASTOPEN, to))).toBe('EBADF');
    const able = worldOf().host(1).sys;
    expect(said(able.sendto(able.socket(), pattern(1), 0, 1, MSG_FASTOPEN, { address: '224.0.0.1', port: 80 }))).toBe(
      'ENETUNREACH',
    );
    expect(said(able.sendto(able.socket(), pattern(1), 0, 2, MSG_FASTOPEN, to))).toBe('EINVAL');
  });
});
