/** The two queues of a listener: half-open connections that end, queues that are full, floods. */

import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { SO_LINGER, SOL_SOCKET } from '../src/constants.ts';
import { connecting, drain, expectNothingLeft, levels, listening, said, states, viewOf } from './calls.ts';
import { pattern, STRANGER, segment } from './packets.ts';
import { World } from './world.ts';

describe('a half-open connection whose third segment never comes', () => {
  test('ends after its SYN-ACK was sent six times, at 0, 1, 3, 7, 15 and 31 s (RFC 6298 §5.5; tcp_synack_retries)', () => {
    const world = new World();
    const server = world.host(0);
    const listener = listening(server);
    world.inject(segment({ flags: SYN }));
    world.run(62_999);
    expect(viewOf(server, listener).synQueueLength).toBe(1);
    expect(world.sentBy(0).map(({ kind, sentAtMs }) => `${kind} ${sentAtMs}`)).toEqual(
      [0, 1000, 3000, 7000, 15_000, 31_000].map((ms) => `ACK,SYN ${ms}`),
    );
    expect(new Set(world.sentBy(0).map(({ tcp }) => tcp?.seq)).size).toBe(1);
    world.run(1);
    expect(viewOf(server, listener).synQueueLength).toBe(0);
    expectNothingLeft(server);
    expect(world.sentBy(0)).toHaveLength(6);
  });

  test('its SYN sent again gets the same SYN-ACK again, and no second entry', () => {
    const world = new World();
    const server = world.host(0);
    const listener = listening(server);
    world.inject(segment({ flags: SYN })).settle();
    const first = world.last().tcp?.seq;
    world.inject(segment({ flags: SYN })).settle();
    expect(world.last()).toMatchObject({ kind: 'ACK,SYN', tcp: { seq: first } });
    expect(viewOf(server, listener).synQueueLength).toBe(1);
  });

  test('an ACK that acknowledges something else is answered by RST, and the entry stays (RFC 9293 §3.10.7.4)', () => {
    const world = new World();
    const server = world.host(0);
    const listener = listening(server);
    world.inject(segment({ flags: SYN, seq: 1000 })).settle();
    const iss = world.last().tcp?.seq ?? 0;
    world.inject(segment({ flags: ACK, seq: 1001, ack: iss + 2 })).settle();
    expect(world.last().tcp).toMatchObject({ flags: ['RST'], seq: iss + 2 });
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 1, acceptQueueLength: 0 });
    world.inject(segment({ flags: ACK, seq: 1001, ack: iss + 1 })).settle();
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 1 });
  });
});

test('RFC 9293 §3.5, figure 8: an old duplicate SYN is answered, the other side resets it, and the entry goes away', () => {
  const world = new World();
  const [server, client] = [world.host(0), world.host(1)];
  const listener = listening(server);
  const c = client.sys.socket();
  client.sys.bind(c, '0.0.0.0', 4000);
  // The old one of an earlier time; meanwhile the client asks for a connection of its own, whose SYN is late.
  world.inject(segment({ from: '10.0.0.2', fromPort: 4000, flags: SYN, seq: 90 }));
  world.passes = ({ kind }) => kind !== 'SYN';
  expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EINPROGRESS');
  world.settle();
  expect(world.takeKinds()).toEqual(['SYN', 'ACK,SYN', 'SYN', 'RST']);
  expect(states(server)).toEqual(['LISTEN']);
  expect(viewOf(server, listener).synQueueLength).toBe(0);
  expect(viewOf(client, c).state).toBe('SYN-SENT');
  // "the connection is synchronized with the new SYN"
  world.passes = () => true;
  world.run(1000);
  expect(world.takeKinds()).toEqual(['SYN', 'ACK,SYN', 'ACK']);
  expect(viewOf(client, c).state).toBe('ESTABLISHED');
  expect(viewOf(server, listener).acceptQueueLength).toBe(1);
});

test('RFC 9293 §3.5: a host that asked for nothing resets the answer to an old SYN, and the entry goes away', () => {
  const world = new World();
  const server = world.host(0);
  listening(server);
  world.inject(segment({ from: '10.0.0.2', flags: SYN })).settle();
  expect(world.takeKinds()).toEqual(['SYN', 'ACK,SYN', 'RST']);
  expect(states(server)).toEqual(['LISTEN']);
  expectNothingLeft(server);
});

describe('the accept queue is full: backlog + 1 connections fit, as in Linux', () => {
  test('the third segment is ignored and SYN-ACK sent again, until accept() makes room', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 1);
    // Three SYNs at once: all three are let in, for the accept queue is still empty.
    const fds = [0, 1, 2].map(() => connecting(client, server));
    world.settle();
    expect(viewOf(server, listener)).toMatchObject({ backlogSegs: 1, synQueueLength: 1, acceptQueueLength: 2 });
    expect(server.counters()).toMatchObject({ listenOverflows: 1, passiveOpens: 2 });
    // The client believes that it is connected, and sends.
    const late = fds[2] as number;
    expect(viewOf(client, late).state).toBe('ESTABLISHED');
    expect(client.sys.write(late, pattern(10))).toBe(10);
    world.log.length = 0;
    world.run(999);
    expect(world.sentBy(0)).toEqual([]);
    world.run(1);
    expect(world.sentBy(0).map(({ kind }) => kind)).toEqual(['ACK,SYN']);
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 1, acceptQueueLength: 2 });

    const first = server.sys.accept(listener);
    expect(server.sys.getpeername(first)).toEqual(client.sys.getsockname(fds[0] as number));
    world.run(2000);
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 2 });
    server.sys.accept(listener);
    const s = server.sys.accept(listener);
    expect(server.sys.getpeername(s)).toEqual(client.sys.getsockname(late));
    world.run(2000);
    expect(drain(server, s).bytes).toEqual(pattern(10));
  });

  test('new SYNs are dropped without an answer, and a client that keeps trying gets in later', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 0);
    connecting(client, server);
    world.settle();
    world.log.length = 0;
    const c = connecting(client, server);
    world.run(500);
    expect(world.takeKinds()).toEqual(['SYN']);
    expect(server.counters().listenDrops).toBe(1);
    server.sys.accept(listener);
    world.run(500);
    expect(viewOf(client, c).state).toBe('ESTABLISHED');
  });

  test('a reset clears an entry although the accept queue is full', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 0);
    world.inject(segment({ flags: SYN, seq: 1000 }));
    connecting(client, server);
    world.settle();
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 1, acceptQueueLength: 1 });
    world.inject(segment({ flags: RST, seq: 1001 })).settle();
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 1 });
  });
});

test('a connection that its peer resets in the accept queue keeps its place, as in Linux: accept() gives it, and its error', () => {
  const world = new World();
  const [server, client] = [world.host(0), world.host(1)];
  const listener = listening(server);
  const [a, b] = [connecting(client, server), connecting(client, server)];
  world.settle();
  client.sys.setsockopt(a, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
  client.sys.close(a);
  world.settle();
  expect(viewOf(server, listener).acceptQueueLength).toBe(2);
  const gone = server.sys.accept(listener);
  expect(said(server.sys.getpeername(gone))).toBe('ENOTCONN');
  expect(drain(server, gone)).toEqual({ bytes: new Uint8Array(0), end: 'ECONNRESET' });
  expect(server.sys.getpeername(server.sys.accept(listener))).toEqual(client.sys.getsockname(b));
  expect(levels(server, listener)).toBe(0);
});

describe('close(2) of a listener', () => {
  test('resets what waits in both queues, so that the peers know', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const c = connecting(client, server);
    world.inject(segment({ flags: SYN })).settle();
    world.log.length = 0;
    expect(said(server.sys.close(listener))).toBe(0);
    world.settle();
    expect(world.sentBy(0).map(({ kind, to }) => `${kind} ${to}`)).toEqual([`ACK,RST ${STRANGER}`, 'ACK,RST 10.0.0.2']);
    expectNothingLeft(server);
    expect(said(client.sys.read(c, new Uint8Array(1)))).toBe('ECONNRESET');
    // From now on nobody listens.
    connecting(client, server);
    world.settle();
    expect(world.last().kind).toBe('ACK,RST');
  });

  test('leaves accepted connections alone', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const c = connecting(client, server);
    world.settle();
    const s = server.sys.accept(listener);
    server.sys.close(listener);
    client.sys.write(c, pattern(5));
    world.settle();
    expect(drain(server, s).bytes).toEqual(pattern(5));
  });
});

describe('without SYN cookies, a flood of SYNs from addresses that do not exist', () => {
  test('fills the SYN queue to one more than the backlog and no further; the rest is dropped and counted', () => {
    const world = new World({ settings: { synCookies: 0 } });
    const server = world.host(0);
    const listener = listening(server, 32);
    for (let i = 0; i < 5000; i++) {
      world.inject(segment({ from: `10.9.${i >> 8}.${i & 255}`, fromPort: 1024 + i, flags: SYN, seq: i }));
    }
    expect(viewOf(server, listener).synQueueLength).toBe(33);
    expect(server.sockets()).toHaveLength(34);
    expect(server.counters()).toMatchObject({ listenDrops: 5000 - 33, synQueueDrops: 5000 - 33 });
    expect(server.bufferBytes()).toBe(0);
    // All are old: their SYN-ACKs are sent again at 1 and 3 s, and then half of them have to go.
    world.run(7000);
    expect(viewOf(server, listener).synQueueLength).toBe(16);
    world.run(56_000);
    expectNothingLeft(server);
    expect(world.sentBy(0)).toHaveLength(33 * 3 + 16 * 3);
  });

  test('even a backlog of 0 lets 8 handshakes be under way', () => {
    const world = new World();
    const listener = listening(world.host(0), 0);
    for (let i = 0; i < 20; i++) world.inject(segment({ fromPort: 1024 + i, flags: SYN }));
    expect(viewOf(world.host(0), listener).synQueueLength).toBe(8);
  });
});
