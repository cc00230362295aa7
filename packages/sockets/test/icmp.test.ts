/** ICMP errors find the connection that caused them, and do what RFC 9293 §3.9.2.2 says: less than a stranger may hope. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IP_RECVERR, IPPROTO_IP, POLLERR, SO_ERROR, SOL_SOCKET } from '../src/constants.ts';
import { errnoName } from '../src/errno.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, levels, listening, type Pair, said, viewOf } from './calls.ts';
import { holds } from './holds.ts';
import { icmpError, pattern, ROUTER } from './packets.ts';
import { type Logged, World } from './world.ts';

const UNREACHABLE = 3;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
const SOURCE_QUENCH = 4;

const SOFT = [
  ['net unreachable', UNREACHABLE, 0, 'ENETUNREACH'],
  ['host unreachable', UNREACHABLE, 1, 'EHOSTUNREACH'],
  ['source route failed', UNREACHABLE, 5, 'EOPNOTSUPP'],
  ['communication prohibited', UNREACHABLE, 13, 'EHOSTUNREACH'],
  ['time to live exceeded', TIME_EXCEEDED, 0, 'EHOSTUNREACH'],
  ['reassembly time exceeded', TIME_EXCEEDED, 1, 'EHOSTUNREACH'],
  ['parameter problem', PARAMETER_PROBLEM, 0, 'EPROTO'],
  ['required option missing', PARAMETER_PROBLEM, 1, 'EPROTO'],
] as const;
const HARD = [
  ['protocol unreachable', UNREACHABLE, 2, 'ENOPROTOOPT'],
  ['port unreachable', UNREACHABLE, 3, 'ECONNREFUSED'],
] as const;

const soError = (host: Host, fd: number): string | number => {
  const errno = Number(host.sys.getsockopt(fd, SOL_SOCKET, SO_ERROR));
  return errno > 0 ? errnoName(errno) : errno;
};

/** Host 1 called host 0 and its SYN is lost on the way. */
function callingInVain(): { world: World; client: Host; c: number; lost: Logged } {
  const world = new World();
  world.passes = () => false;
  const client = world.host(1);
  const c = connecting(client, world.host(0));
  world.settle();
  return { world, client, c, lost: world.last() };
}

/** An open connection whose last segments, from the client, are lost on the way. */
function sendingInVain(bytes = 3000): Pair & { world: World; lost: Logged } {
  const world = new World();
  const pair = connected(world);
  world.passes = () => false;
  pair.client.sys.write(pair.c, pattern(bytes));
  world.settle();
  return { ...pair, world, lost: world.sentBy(1)[0] as Logged };
}

describe('a soft error (RFC 9293 §3.9.2.2)', () => {
  test.each(SOFT)(
    'does not abort an open connection, which goes on by itself [MUST-56] [MUST-54]: %s',
    (_, type, code) => {
      const { world, server, client, s, c, lost } = sendingInVain();
      world.inject(icmpError({ type, code, about: lost.bytes })).settle();
      expect(client.counters()).toMatchObject({ connectionIcmpErrors: 1, icmpOutOfWindow: 0 });
      expect(viewOf(client, c).state).toBe('ESTABLISHED');
      world.passes = () => true;
      world.run(2000);
      expect(drain(server, s)).toEqual({ bytes: pattern(3000), end: 'EAGAIN' });
    },
  );

  test.each(SOFT)('does not abort a connection that is being opened either [MUST-56]: %s', (_, type, code) => {
    const { world, client, c, lost } = callingInVain();
    listening(world.host(0));
    world.inject(icmpError({ type, code, about: lost.bytes })).settle();
    expect(viewOf(client, c).state).toBe('SYN-SENT');
    expect(levels(client, c)).toBe(0);
    world.passes = () => true;
    world.run(1000);
    expect(viewOf(client, c).state).toBe('ESTABLISHED');
    // The network was wrong, and nothing of it is left.
    expect(soError(client, c)).toBe(0);
  });

  test.each(SOFT)('is told by SO_ERROR once, and no call fails because of it [SHLD-25]: %s', (_, type, code, name) => {
    const { world, client, c, lost } = sendingInVain();
    world.inject(icmpError({ type, code, about: lost.bytes })).settle();
    expect(said(client.sys.write(c, pattern(1)))).toBe(1);
    expect(said(client.sys.read(c, new Uint8Array(1)))).toBe('EAGAIN');
    expect(levels(client, c) & POLLERR).toBe(0);
    expect(soError(client, c)).toBe(name);
    expect(soError(client, c)).toBe(0);
  });

  test('is the reason that the user is given when the connection then times out [SHLD-25]', () => {
    const opening = callingInVain();
    opening.world.inject(icmpError({ type: UNREACHABLE, code: 1, about: opening.lost.bytes }));
    opening.world.run(200_000);
    expect(soError(opening.client, opening.c)).toBe('EHOSTUNREACH');
    const open = sendingInVain();
    open.world.inject(icmpError({ type: UNREACHABLE, code: 0, about: open.lost.bytes }));
    open.world.run(2_000_000);
    expect(said(open.client.sys.write(open.c, pattern(1)))).toBe('ENETUNREACH');
  });

  test('is forgotten when the peer answers: a later time-out is just that', () => {
    const { world, server, client, s, c, lost } = sendingInVain();
    world.inject(icmpError({ type: UNREACHABLE, code: 0, about: lost.bytes }));
    world.passes = () => true;
    world.run(2000);
    drain(server, s);
    expect(soError(client, c)).toBe(0);
  });
});

describe('a hard error (RFC 9293 §3.9.2.2)', () => {
  test.each(HARD)('aborts a connection that is being opened [SHLD-26]: %s', (_, type, code, name) => {
    const { world, client, c, lost } = callingInVain();
    world.inject(icmpError({ type, code, about: lost.bytes })).run(100_000);
    expect(viewOf(client, c).state).toBe('CLOSED');
    expect(soError(client, c)).toBe(name);
    expect(world.sentBy(1, 'SYN')).toHaveLength(1);
  });

  test.each(HARD)('aborts a half-open connection of a listener [SHLD-26]: %s', (_, type, code) => {
    const world = new World();
    const server = world.host(0);
    const listener = listening(server);
    world.passes = ({ kind }) => kind !== 'ACK,SYN';
    connecting(world.host(1), server);
    world.settle();
    expect(viewOf(server, listener).synQueueLength).toBe(1);
    world.inject(icmpError({ type, code, about: (world.sentBy(0).at(-1) as Logged).bytes })).settle();
    expect(viewOf(server, listener).synQueueLength).toBe(0);
    expect(server.bufferBytes()).toBe(0);
  });

  test.each(HARD)(
    'is a soft one in the synchronized states (RFC 5927 §5.2), as in Linux: %s',
    (_, type, code, name) => {
      const { world, server, client, s, c, lost } = sendingInVain();
      world.inject(icmpError({ type, code, about: lost.bytes })).settle();
      expect(soError(client, c)).toBe(name);
      world.passes = () => true;
      world.run(2000);
      expect(drain(server, s)).toEqual({ bytes: pattern(3000), end: 'EAGAIN' });
    },
  );
});

test('a source quench changes nothing at all (RFC 9293 §3.9.2.2) [MUST-55]', () => {
  const { world, client, c, lost } = sendingInVain();
  client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
  const before = JSON.stringify(viewOf(client, c));
  world.inject(icmpError({ type: SOURCE_QUENCH, about: lost.bytes })).settle();
  expect(JSON.stringify(viewOf(client, c))).toBe(before);
  expect([soError(client, c), said(client.sys.recverr(c))]).toEqual([0, 'EAGAIN']);
  expect(client.counters()).toMatchObject({ sourceQuenches: 1, connectionIcmpErrors: 0 });
});

describe('which connection an error is about (RFC 9293 §3.9.2.2; RFC 5927 §4.1)', () => {
  test('the one that sent the quoted segment, and no other [MUST-54]', () => {
    const world = new World();
    const { server, client, listener, c } = connected(world);
    const other = connecting(client, server);
    world.settle();
    server.sys.accept(listener);
    world.passes = () => false;
    client.sys.write(other, pattern(100));
    world.settle();
    world.inject(icmpError({ type: UNREACHABLE, code: 1, about: world.last().bytes }));
    expect([soError(client, c), soError(client, other)]).toEqual([0, 'EHOSTUNREACH']);
  });

  test.each([
    ['the first byte outstanding', 'sndUna', 0, true],
    ['the last one', 'sndNxt', -1, true],
    ['just below SND.UNA', 'sndUna', -1, false],
    ['SND.NXT', 'sndNxt', 0, false],
    ['far away', 'sndUna', 0x4000_0000, false],
    ['on the other side of the numbers', 'sndUna', -0x4000_0000, false],
  ] as const)('"SND.UNA =< SEG.SEQ < SND.NXT": %s', (_, from, offset, taken) => {
    const { world, client, c, lost } = sendingInVain();
    const about = lost.bytes.slice();
    const view = new DataView(about.buffer);
    view.setUint32(24, (viewOf(client, c).tcp?.[from] ?? 0) + offset);
    world.inject(icmpError({ type: UNREACHABLE, code: 3, about })).settle();
    expect(soError(client, c)).toBe(taken ? 'ECONNREFUSED' : 0);
    expect(client.counters().icmpOutOfWindow).toBe(taken ? 0 : 1);
  });

  test.each([
    ['of another protocol', 9, 17],
    ['from another port', 21, 1],
    ['to another port', 23, 1],
    ['from another address', 15, 77],
    ['to another address', 19, 77],
  ])("a quote %s is nobody's, and counted", (_, at, value) => {
    const { world, client, c, lost } = sendingInVain();
    const about = lost.bytes.slice();
    about[at] = value;
    world.inject(icmpError({ type: UNREACHABLE, code: 1, about, to: '10.0.0.2' })).settle();
    expect(client.counters()).toMatchObject({ strayIcmpErrors: 1, connectionIcmpErrors: 0 });
    expect(soError(client, c)).toBe(0);
  });

  test('of a connection in TIME-WAIT nothing is outstanding', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    client.sys.close(c);
    world.settle();
    const fin = world.sentBy(1)[0] as Logged;
    server.sys.close(s);
    world.settle();
    world.inject(icmpError({ type: UNREACHABLE, code: 3, about: fin.bytes })).settle();
    expect(client.sockets().map(({ state }) => state)).toEqual(['TIME-WAIT']);
    expect(client.counters().icmpOutOfWindow).toBe(1);
  });
});

describe('asynchronous reports (RFC 9293 §3.9.1.8)', () => {
  test('IP_RECVERR: an ICMP error is reported with its type, its code and its sender, once [MUST-47]', () => {
    const { world, client, c, lost } = sendingInVain();
    expect(said(client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1))).toBe(0);
    const ready = new Int32Array(8);
    client.pollReady(ready);
    world.inject(icmpError({ type: TIME_EXCEEDED, code: 0, about: lost.bytes }));
    expect([client.pollReady(ready), ready[0]]).toEqual([1, c]);
    expect(levels(client, c) & POLLERR).toBe(POLLERR);
    expect(client.sys.recverr(c)).toEqual({
      reason: 'icmp',
      errno: 113,
      icmpType: TIME_EXCEEDED,
      icmpCode: 0,
      info: 0,
      offender: ROUTER,
    });
    expect(said(client.sys.recverr(c))).toBe('EAGAIN');
    expect(levels(client, c) & POLLERR).toBe(0);
  });

  test('so are excessive retransmissions: the third of the same segment (R1) [MUST-47]', () => {
    const { world, client, c } = sendingInVain();
    client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
    for (let ms = 0; ms < 60_000; ms += 100) {
      world.run(100);
      if (levels(client, c) & POLLERR) break;
    }
    expect(client.counters().timeouts).toBe(3);
    expect(client.sys.recverr(c)).toMatchObject({ reason: 'retransmissions', errno: 110, offender: '0.0.0.0' });
    world.run(60_000);
    expect(said(client.sys.recverr(c))).toBe('EAGAIN');
  });

  test("a listener's choice holds for what it accepts, also before accept(2)", () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    server.sys.setsockopt(listener, IPPROTO_IP, IP_RECVERR, 1);
    world.passes = ({ kind }) => kind !== 'ACK,SYN' || world.nowMs > 0;
    connecting(client, server);
    world.settle();
    world.inject(icmpError({ type: UNREACHABLE, code: 1, about: (world.sentBy(0)[0] as Logged).bytes }));
    world.run(5000);
    expect(server.sys.recverr(server.sys.accept(listener))).toMatchObject({ reason: 'icmp', errno: 113 });
  });

  test('nobody who did not ask is told, and who no longer asks is not either [SHLD-20]', () => {
    const { world, client, c, lost } = sendingInVain();
    const error = icmpError({ type: UNREACHABLE, code: 1, about: lost.bytes });
    world.inject(error);
    expect(said(client.sys.recverr(c))).toBe('EAGAIN');
    expect(client.sys.getsockopt(c, IPPROTO_IP, IP_RECVERR)).toBe(0);
    client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
    world.inject(error);
    client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 0);
    expect(said(client.sys.recverr(c))).toBe('EAGAIN');
    world.inject(error).run(60_000);
    expect(levels(client, c) & POLLERR).toBe(0);
    expect(said(client.sys.recverr(c))).toBe('EAGAIN');
  });

  test('16 wait; later ones are dropped and counted', () => {
    const { world, client, c, lost } = sendingInVain();
    client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
    for (let i = 0; i < 20; i++) world.inject(icmpError({ type: UNREACHABLE, code: i % 2, about: lost.bytes }));
    expect(client.counters().errorReportsDropped).toBe(4);
    const codes = Array.from({ length: 16 }, () => client.sys.recverr(c)).map(
      (one) => typeof one === 'object' && one.icmpCode,
    );
    expect(codes).toEqual(Array.from({ length: 16 }, (_, i) => i % 2));
    expect(said(client.sys.recverr(c))).toBe('EAGAIN');
  });

  test('a descriptor that is none, or has no connection', () => {
    const { sys } = new World().host(0);
    expect([said(sys.recverr(3)), said(sys.recverr(sys.socket()))]).toEqual(['EBADF', 'EAGAIN']);
  });
});

test('any error about any of our packets, changed at will: no throw, no abort of what is open, and the bytes arrive', () => {
  const edits = fc.array(fc.tuple(fc.nat(39), fc.nat(255)), { maxLength: 3 });
  const message = fc.record({
    type: fc.constantFrom(3, 3, 3, 4, 5, 11, 12, 200),
    code: fc.nat(17),
    word: fc.nat(0x2000),
    which: fc.nat(10),
    quotedBytes: fc.integer({ min: 0, max: 60 }),
    edits,
  });
  holds(
    fc.property(fc.array(message, { maxLength: 25 }), (messages) => {
      const { world, server, client, s, c } = sendingInVain(8000);
      client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
      const sent = world.sentBy(1);
      for (const { which, edits: changes, ...fields } of messages) {
        const about = (sent[which % sent.length] as Logged).bytes.slice();
        for (const [at, value] of changes) about[at] = value;
        world.inject(icmpError({ ...fields, about, to: '10.0.0.2' })).settle();
        world.run(20);
      }
      world.passes = () => true;
      world.run(30_000);
      expect(drain(server, s).bytes).toEqual(pattern(8000));
    }),
    { numRuns: 150 },
  );
});
