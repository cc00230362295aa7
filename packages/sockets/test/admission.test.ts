/** The door of a listener by Linux's rules: what waits, what is sent again, what is dropped and how that is counted. */

import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { IPPROTO_TCP, TCP_DEFER_ACCEPT, TCP_SYNCNT } from '../src/constants.ts';
import { connecting, drain, expectNothingLeft, levels, listening, said, viewOf } from './calls.ts';
import { pattern, STRANGER, segment } from './packets.ts';
import { World } from './world.ts';

/** A half-open connection of the stranger: the number that its ACK acknowledges. */
function half(world: World, fromPort = 5555): number {
  world.inject(segment({ flags: SYN, seq: 1000, fromPort })).settle();
  return (world.last().tcp?.seq ?? 0) + 1;
}

describe('a SYN that comes again', () => {
  test('gets its SYN-ACK again, but not two within half a second, and the timer begins anew (tcp_invalid_ratelimit)', () => {
    const world = new World();
    const server = world.host(0);
    listening(server);
    half(world);
    world.run(600);
    world.log.length = 0;
    for (let i = 0; i < 3; i++) half(world);
    expect(world.sentBy(0)).toHaveLength(1);
    expect(server.counters().synAcksSkipped).toBe(2);
    world.run(999);
    expect(world.sentBy(0)).toHaveLength(1);
    world.run(1);
    expect(world.sentBy(0).map(({ kind, sentAtMs }) => `${kind} ${sentAtMs}`)).toEqual(['ACK,SYN 600', 'ACK,SYN 1600']);
  });
});

describe('how often SYN-ACKs are sent again', () => {
  test('is a setting (tcp_synack_retries)', () => {
    const world = new World({ settings: { synAckRetries: 1 } });
    listening(world.host(0));
    half(world);
    world.run(3000);
    expect(world.sentBy(0).map(({ sentAtMs }) => sentAtMs)).toEqual([0, 1000]);
    expectNothingLeft(world.host(0));
  });

  test('is what TCP_SYNCNT of the listener says, as in Linux', () => {
    const world = new World();
    const listener = listening(world.host(0));
    expect(world.host(0).sys.setsockopt(listener, IPPROTO_TCP, TCP_SYNCNT, 2)).toBe(0);
    half(world);
    world.run(7000);
    expect(world.sentBy(0).map(({ sentAtMs }) => sentAtMs)).toEqual([0, 1000, 3000]);
    expectNothingLeft(world.host(0));
  });

  test('is less while more than half of the queue waits and most of that is old, as in Linux', () => {
    const world = new World();
    const listener = listening(world.host(0), 16);
    for (let i = 0; i < 9; i++) world.inject(segment({ flags: SYN, fromPort: 1000 + i }));
    world.run(6999);
    expect(viewOf(world.host(0), listener).synQueueLength).toBe(9);
    // The first makes room, and then the others need not go.
    world.run(1);
    expect(viewOf(world.host(0), listener).synQueueLength).toBe(8);
    world.run(56_000);
    expect(viewOf(world.host(0), listener).synQueueLength).toBe(0);
  });

  test('is as always when half of the queue or less waits', () => {
    const world = new World();
    const listener = listening(world.host(0), 16);
    for (let i = 0; i < 8; i++) world.inject(segment({ flags: SYN, fromPort: 1000 + i }));
    world.run(62_999);
    expect(viewOf(world.host(0), listener).synQueueLength).toBe(8);
  });
});

test('the half-open connections of all listeners of a Host have a bound together', () => {
  const world = new World({ settings: { halfOpenMax: 10, synCookies: 0 } });
  const server = world.host(0);
  const fds = [listening(server, 100, 80), listening(server, 100, 81)];
  for (let i = 0; i < 30; i++) world.inject(segment({ flags: SYN, toPort: 80 + (i & 1), fromPort: 1000 + i }));
  expect(fds.map((fd) => viewOf(server, fd).synQueueLength)).toEqual([5, 5]);
  expect(server.counters()).toMatchObject({ halfOpens: 10, synQueueDrops: 20, listenDrops: 20 });
  // A place that becomes free can be taken, by whomever.
  world.settle();
  world.inject(segment({ flags: RST, seq: 1001, toPort: 80, fromPort: 1000 }));
  world.inject(segment({ flags: SYN, toPort: 81, fromPort: 2000 }));
  expect(fds.map((fd) => viewOf(server, fd).synQueueLength)).toEqual([4, 6]);
});

describe('a full accept queue', () => {
  test('counts each third segment and each SYN that it keeps out (ListenOverflows, ListenDrops)', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server, 0);
    const acks = half(world);
    connecting(client, server);
    world.settle();
    expect(server.counters()).toMatchObject({ listenOverflows: 0, listenDrops: 0 });
    world.inject(segment({ flags: ACK, seq: 1001, ack: acks }));
    expect(server.counters()).toMatchObject({ listenOverflows: 1, listenDrops: 1, synQueueDrops: 0 });
    world.inject(segment({ flags: SYN, fromPort: 6000 }));
    expect(server.counters()).toMatchObject({ listenOverflows: 2, listenDrops: 2, synQueueDrops: 0 });
  });

  test('holds up no other segment: a wrong ACK is answered by RST, a SYN again by SYN-ACK', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server, 0);
    const acks = half(world);
    connecting(client, server);
    world.settle();
    world.log.length = 0;
    world.inject(segment({ flags: ACK, seq: 1001, ack: acks + 1 })).settle();
    expect(world.last()).toMatchObject({ kind: 'RST', to: STRANGER });
    half(world);
    expect(world.last()).toMatchObject({ kind: 'ACK,SYN', to: STRANGER });
    expect(server.counters().listenOverflows).toBe(0);
  });

  test('resets who cannot be let in, with abortOnOverflow (tcp_abort_on_overflow)', () => {
    const world = new World({ settings: { abortOnOverflow: true } });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 0);
    const fds = [connecting(client, server), connecting(client, server)];
    world.settle();
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 1 });
    expect(server.counters()).toMatchObject({ listenOverflows: 1, embryonicResets: 1 });
    expect(said(client.sys.read(fds[1] as number, new Uint8Array(1)))).toBe('ECONNRESET');
    expect(viewOf(client, fds[0] as number).state).toBe('ESTABLISHED');
  });

  test('loses no connection silently: each is accepted with all its data, or its client is told', () => {
    const world = new World({ delayMs: 5 });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 3);
    const fds = Array.from({ length: 10 }, () => connecting(client, server));
    world.run(20);
    for (const fd of fds) expect(viewOf(client, fd).state).toMatch(/^(ESTABLISHED|SYN-SENT)$/);
    // Those whose SYN was dropped cannot write yet.
    const written = fds.map((fd, i) => Math.max(0, client.sys.write(fd, pattern(100, i))));
    expect(written.filter((n) => n === 100).length).toBeGreaterThan(4);
    // For a long time nobody accepts; those that wait longer than SYN-ACKs are sent again hear of it.
    world.run(70_000);
    const accepted = [0, 0, 0, 0].map(() => server.sys.accept(listener));
    world.run(200_000);
    for (let fd = server.sys.accept(listener); fd >= 0; fd = server.sys.accept(listener)) accepted.push(fd);
    world.run(200_000);
    const served = new Map(accepted.map((fd) => [JSON.stringify(server.sys.getpeername(fd)), drain(server, fd).bytes]));
    for (const [i, fd] of fds.entries()) {
      const mine = served.get(JSON.stringify(client.sys.getsockname(fd)));
      if (mine === undefined) expect(said(client.sys.read(fd, new Uint8Array(1)))).toMatch(/ECONNRESET|ETIMEDOUT/);
      else expect(mine).toEqual(pattern(written[i] as number, i));
    }
    expect(served.size).toBeGreaterThanOrEqual(4);
  });

  test('a client whose ACK was ignored until the SYN-ACKs ended is reset', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 0);
    const fds = [connecting(client, server), connecting(client, server)];
    world.run(62_999);
    expect(viewOf(client, fds[1] as number).state).toBe('ESTABLISHED');
    world.run(1);
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 1 });
    expect(said(client.sys.read(fds[1] as number, new Uint8Array(1)))).toBe('ECONNRESET');
  });
});

describe('TCP_DEFER_ACCEPT', () => {
  function deferring(world: World, seconds: number): number {
    const listener = listening(world.host(0));
    expect(world.host(0).sys.setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, seconds)).toBe(0);
    return listener;
  }

  test.each([
    [-1, 0],
    [0, 0],
    [1, 1],
    [2, 3],
    [5, 7],
    [64, 127],
    [128, 247],
  ])('%i s are rounded up to %i s, the time-outs of the SYN-ACK', (seconds, rounded) => {
    const world = new World();
    const listener = deferring(world, seconds);
    expect(world.host(0).sys.getsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT)).toBe(rounded);
  });

  test('an ACK alone opens nothing; data does, and is there when accept() returns', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = deferring(world, 5);
    const c = connecting(client, server);
    world.run(100);
    expect(viewOf(client, c).state).toBe('ESTABLISHED');
    expect(levels(server, listener)).toBe(0);
    expect(server.counters()).toMatchObject({ deferAcceptDrops: 1, listenDrops: 0 });
    client.sys.write(c, pattern(10));
    world.settle();
    expect(levels(server, listener)).toBe(1);
    expect(drain(server, server.sys.accept(listener)).bytes).toEqual(pattern(10));
  });

  test('a FIN opens it too', () => {
    const world = new World();
    const listener = deferring(world, 5);
    const acks = half(world);
    world.inject(segment({ flags: ACK | FIN, seq: 1001, ack: acks }));
    expect(viewOf(world.host(0), listener).acceptQueueLength).toBe(1);
  });

  test('when the time is over the SYN-ACK is sent once more, and the ACK of that is enough', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = deferring(world, 3);
    const c = connecting(client, server);
    world.run(2999);
    // Meanwhile a peer that has answered is left in peace.
    expect(world.takeKinds()).toEqual(['SYN', 'ACK,SYN', 'ACK']);
    expect(levels(server, listener)).toBe(0);
    world.run(1);
    expect(world.takeKinds()).toEqual(['ACK,SYN', 'ACK']);
    expect(levels(server, listener)).toBe(1);
    // Nothing was lost that would make the congestion window small.
    const s = server.sys.accept(listener);
    expect([viewOf(server, s).state, viewOf(client, c).state]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
  });

  describe('of who connects, as in Linux: the ACK of the handshake waits for data', () => {
    function opening(world: World, isLate: boolean): number {
      const [server, client] = [world.host(0), world.host(1)];
      listening(server);
      const c = client.sys.socket();
      const defer = (): void => expect(client.sys.setsockopt(c, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1)).toBe(0);
      if (!isLate) defer();
      client.sys.connect(c, server.address, 80);
      if (isLate) defer();
      world.run(1);
      expect(viewOf(client, c).state).toBe('ESTABLISHED');
      expect(world.takeKinds()).toEqual(['SYN', 'ACK,SYN']);
      return c;
    }

    test.each([false, true])('and leaves with it (set after connect(): %s)', (isLate) => {
      const world = new World();
      const c = opening(world, isLate);
      world.host(1).sys.write(c, pattern(10));
      world.settle();
      expect(world.takeKinds()[0]).toBe('ACK,PSH');
      expect(levels(world.host(0), 3)).toBe(1);
    });

    test('but for 200 ms only', () => {
      const world = new World();
      opening(world, false);
      world.run(198);
      expect([world.takeKinds(), levels(world.host(0), 3)]).toEqual([[], 0]);
      world.run(1);
      expect([world.takeKinds(), levels(world.host(0), 3)]).toEqual([['ACK'], 1]);
      expect(world.host(1).counters()).toMatchObject({ delayedAcks: 1 });
    });
  });

  test('a peer that does not answer is asked as often as ever', () => {
    const world = new World();
    deferring(world, 3);
    half(world);
    world.run(63_000);
    expect(world.sentBy(0)).toHaveLength(6);
    expectNothingLeft(world.host(0));
  });
});
