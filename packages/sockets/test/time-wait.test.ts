/** What TIME-WAIT is for, and how a new SYN takes its place (RFC 9293 §3.6.1; RFC 6191). */

import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { SHUT_WR, SO_LINGER, SO_REUSEADDR, SOL_SOCKET } from '../src/constants.ts';
import type { Settings } from '../src/host.ts';
import { connected, connecting, drain, expectNothingLeft, listening, said, states, viewOf } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { World } from './world.ts';

const byte = new Uint8Array(1);

describe('a new SYN for a connection in TIME-WAIT', () => {
  const reopened = (world: World) => {
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const open = () => {
      const fd = client.sys.socket();
      client.sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      expect(said(client.sys.bind(fd, '0.0.0.0', 4000))).toBe(0);
      expect(said(client.sys.connect(fd, '10.0.0.1', 80))).toBe('EINPROGRESS');
      world.settle();
      return { c: fd, s: server.sys.accept(listener) };
    };
    return { server, client, open };
  };

  test('opens it again at once (RFC 9293 §3.6.1 [MAY-2]; RFC 6191 §2)', () => {
    const world = new World();
    const { server, client, open } = reopened(world);
    const old = open();
    server.sys.close(old.s);
    world.settle();
    client.sys.close(old.c);
    world.run(1);
    expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
    const { s, c } = open();
    expect(said(s)).toBe(4);
    expect(states(server)).toEqual(['LISTEN', 'ESTABLISHED']);
    expect(server.counters().timeWaitReused).toBe(1);
    client.sys.write(c, pattern(100));
    world.settle();
    expect(drain(server, s).bytes).toEqual(pattern(100));
  });

  test('our new initial number lies beyond all that the old connection used (1) [MAY-2]', () => {
    const world = new World();
    const { server, client, open } = reopened(world);
    const old = open();
    // A fast connection uses numbers faster than the clock of RFC 6528 makes new ones.
    for (let i = 0; i < 4; i++) {
      server.sys.write(old.s, pattern(1 << 20));
      world.settle();
      drain(client, old.c);
      world.settle();
    }
    server.sys.close(old.s);
    world.settle();
    client.sys.close(old.c);
    world.run(1);
    const used = server.sockets().at(-1)?.tcp?.sndNxt ?? 0;
    const { s } = open();
    const iss = viewOf(server, s).tcp?.iss ?? 0;
    expect((iss - used) | 0).toBeGreaterThan(0);
  });

  test('an old duplicate SYN does not open it: TIME-WAIT answers with an ACK', () => {
    const world = new World();
    const { server, client, open } = reopened(world);
    const old = open();
    server.sys.close(old.s);
    world.settle();
    client.sys.close(old.c);
    world.settle();
    const rcvNxt = server.sockets().at(-1)?.tcp?.rcvNxt ?? 0;
    world.inject(segment({ from: '10.0.0.2', fromPort: 4000, flags: SYN, seq: (rcvNxt - 1) >>> 0 })).settle();
    expect(world.sentBy(0).at(-1)).toMatchObject({ kind: 'ACK', tcp: { ack: rcvNxt } });
    // The client, which knows of no such connection, resets it.
    expect(server.counters().timeWaitReused).toBe(0);
  });

  test('takes it from a socket that is still open: that one reads its end, and one connection has the ports', () => {
    const world = new World();
    const { server, client, open } = reopened(world);
    const old = open();
    server.sys.shutdown(old.s, SHUT_WR);
    world.settle();
    client.sys.close(old.c);
    world.run(1);
    expect(viewOf(server, old.s).state).toBe('TIME-WAIT');
    const { s } = open();
    expect(viewOf(server, s).state).toBe('ESTABLISHED');
    expect(viewOf(server, old.s).state).toBe('CLOSED');
    expect(said(server.sys.read(old.s, byte))).toBe(0);
    server.sys.close(old.s);
    expect(states(server)).toEqual(['LISTEN', 'ESTABLISHED']);
  });

  test('a stray ACK or RST with the wrong number leaves TIME-WAIT as it is', () => {
    const world = new World();
    const { server, client, open } = reopened(world);
    const old = open();
    server.sys.close(old.s);
    world.settle();
    client.sys.close(old.c);
    world.settle();
    const rcvNxt = server.sockets().at(-1)?.tcp?.rcvNxt ?? 0;
    const from = { from: '10.0.0.2', fromPort: 4000 };
    world.inject(segment({ ...from, flags: ACK | FIN, seq: 12345, ack: 1 }));
    world.inject(segment({ ...from, flags: RST, seq: (rcvNxt + 100_000_000) >>> 0 }));
    expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
  });
});

describe('which SYN is new enough (RFC 6191 §2; RFC 9293 §3.6.1 [MAY-2] [SHLD-4])', () => {
  /** A connection of the stranger's in TIME-WAIT; its next number is 1002, its last timestamp the one given. */
  const inTimeWait = (tsVal?: number, settings: Partial<Settings> = {}) => {
    const stamp = tsVal === undefined ? {} : { tsVal };
    const world = new World({ settings });
    const server = world.host(0);
    const listener = listening(server);
    world.inject(segment({ flags: SYN, seq: 1000, ...stamp })).settle();
    const ack = ((world.last().tcp?.seq ?? 0) + 1) >>> 0;
    world.inject(segment({ flags: ACK, seq: 1001, ack, ...stamp }));
    server.sys.close(server.sys.accept(listener));
    world.settle();
    world.inject(segment({ flags: FIN | ACK, seq: 1001, ack: ack + 1, ...stamp })).settle();
    expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
    return { world, server };
  };

  test.each([
    ['no timestamps, a greater number', undefined, 1003, undefined, 'ACK,SYN'],
    ['no timestamps, the number that was expected next', undefined, 1002, undefined, 'ACK'],
    ['no timestamps, a smaller number', undefined, 900, undefined, 'ACK'],
    ['a newer timestamp, a smaller number', 500, 900, 501, 'ACK,SYN'],
    ['the same timestamp, a greater number', 500, 1003, 500, 'ACK,SYN'],
    ['the same timestamp, a smaller number', 500, 900, 500, 'ACK'],
    ['an older timestamp, a smaller number', 500, 900, 499, 'ACK'],
    ['an older timestamp, a greater number', 500, 1003, 499, 'ACK'],
    ['a timestamp now and none before, a smaller number', undefined, 900, 7, 'ACK,SYN'],
    ['a timestamp now and none before, a greater number', undefined, 1003, 7, 'ACK,SYN'],
    ['no timestamp now, a smaller number', 500, 900, undefined, 'ACK'],
    ['no timestamp now, a greater number', 500, 1003, undefined, 'ACK,SYN'],
  ])('%s', (_, before, seq, tsVal, answer) => {
    const { world, server } = inTimeWait(before);
    world.inject(segment({ flags: SYN, seq, ...(tsVal === undefined ? {} : { tsVal }) })).settle();
    expect(world.last().kind).toBe(answer);
    expect(states(server)[1]).toBe(answer === 'ACK' ? 'TIME-WAIT' : 'SYN-RECEIVED');
  });

  test('timestamps that we do not use tell nothing', () => {
    const { world, server } = inTimeWait(500, { timestamps: false });
    world.inject(segment({ flags: SYN, seq: 900, tsVal: 501 })).settle();
    expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
  });

  test('without a listener TIME-WAIT stays, and answers', () => {
    const { world, server } = inTimeWait();
    server.sys.close(3);
    world.inject(segment({ flags: SYN, seq: 9999 })).settle();
    expect(world.last().kind).toBe('ACK');
    expect(states(server)).toEqual(['TIME-WAIT']);
  });
});

describe('TIME-WAIT assassination (RFC 1337)', () => {
  /** An old duplicate of the client makes TIME-WAIT answer; the client, which has forgotten, resets it. */
  const assassinated = (settings: Partial<Settings>) => {
    const world = new World({ settings });
    const { server, client, s, c } = connected(world);
    client.sys.write(c, pattern(10));
    world.settle();
    const old = world.sentBy(1)[0]?.bytes as Uint8Array;
    drain(server, s);
    server.sys.close(s);
    world.settle();
    client.sys.close(c);
    world.run(1);
    expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
    world.inject(old).settle();
    expect(world.last().kind).toBe('RST');
    return server;
  };

  test('with the setting rfc1337, as Linux has it, resets do not end TIME-WAIT, and it is not longer for them', () => {
    const server = assassinated({ rfc1337: true });
    expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
    expect(server.counters().timeWaitResets).toBe(1);
    expect(server.sockets().at(-1)?.tcp?.deadlineMs).toBe(60_000);
  });

  test('in other states resets end a connection also with that setting', () => {
    const world = new World({ settings: { rfc1337: true } });
    const { server, client, c } = connected(world);
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    expect(states(server)).toEqual(['LISTEN', 'CLOSED']);
  });

  test('without it they do: "TIME-WAIT: If the RST bit is set, then enter the CLOSED state" (RFC 9293 §3.10.7.4)', () => {
    expect(states(assassinated({}))).toEqual(['LISTEN']);
  });
});

describe('the limit of TIME-WAIT (tcp_max_tw_buckets)', () => {
  test('a connection beyond it ends at once, and is counted', () => {
    const world = new World({ settings: { timeWaitsMax: 2 } });
    const { server, client, s, c } = connected(world);
    const ends = [[s, c]];
    for (let i = 0; i < 2; i++) {
      const fd = connecting(client, server);
      world.settle();
      ends.push([server.sys.accept(3), fd]);
    }
    for (const [s, c] of ends) {
      server.sys.close(s as number);
      world.settle();
      client.sys.close(c as number);
      world.settle();
    }
    expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT', 'TIME-WAIT']);
    expect(server.counters().timeWaitOverflows).toBe(1);
    world.run(60_000);
    expectNothingLeft(server);
    expectNothingLeft(client);
  });
});

describe('an active open on a port in TIME-WAIT (RFC 6191; tcp_tw_reuse)', () => {
  /** Host 1 called host 0 from port 4000 and closed first, `agoMs` ago. */
  const closed = (settings: Partial<Settings>, agoMs: number) => {
    const world = new World({ settings });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const open = (port: number) => {
      const fd = client.sys.socket();
      client.sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      if (port !== 0) expect(said(client.sys.bind(fd, '0.0.0.0', port))).toBe(0);
      return { fd, says: said(client.sys.connect(fd, '10.0.0.1', 80)) };
    };
    const { fd } = open(4000);
    world.settle();
    const iss = viewOf(client, fd).tcp?.iss ?? 0;
    client.sys.close(fd);
    world.settle();
    server.sys.close(server.sys.accept(listener));
    world.run(agoMs);
    expect(states(client)).toEqual(['TIME-WAIT']);
    return { world, server, client, listener, open, iss };
  };

  test('of a port that the user chose is allowed where both used timestamps; its numbers go on where the old ones ended', () => {
    const { world, server, client, listener, open, iss } = closed({}, 0);
    const { fd, says } = open(4000);
    expect(says).toBe('EINPROGRESS');
    expect(((viewOf(client, fd).tcp?.iss ?? 0) - iss) >>> 0).toBe(65_537 + 2);
    world.settle();
    expect(viewOf(client, fd).state).toBe('ESTABLISHED');
    expect(states(client)).toEqual(['ESTABLISHED']);
    expect(client.counters().timeWaitRecycled).toBe(1);
    expect(said(server.sys.accept(listener))).toBe(4);
  });

  test('without timestamps it is EADDRNOTAVAIL', () => {
    const { client, open } = closed({ timestamps: false }, 0);
    expect(open(4000).says).toBe('EADDRNOTAVAIL');
    expect(states(client)).toEqual(['TIME-WAIT', 'CLOSED'].sort());
  });
});

describe('tcp_tw_reuse: an active open whose port the kernel chooses', () => {
  /** One port to choose from, in TIME-WAIT towards the server for `agoMs`. */
  const again = (settings: Partial<Settings>, agoMs: number) => {
    const world = new World({ settings: { localPortRange: [5000, 5000], ...settings } });
    const { server, client, s, c } = connected(world);
    client.sys.close(c);
    world.settle();
    server.sys.close(s);
    world.run(agoMs);
    expect(states(client)).toEqual(['TIME-WAIT']);
    return said(client.sys.connect(client.sys.socket(), '10.0.0.1', 80));
  };

  test.each([
    ['0: never', { timeWaitReuse: 0 }, 5000, 'EADDRNOTAVAIL'],
    ['1: once the last timestamp is older than a second', { timeWaitReuse: 1 }, 1001, 'EINPROGRESS'],
    ['1: not before', { timeWaitReuse: 1 }, 1000, 'EADDRNOTAVAIL'],
    ['1: not without timestamps', { timeWaitReuse: 1, timestamps: false }, 5000, 'EADDRNOTAVAIL'],
    ['2, the default: not to another machine', {}, 5000, 'EADDRNOTAVAIL'],
  ] as const)('%s', (_, settings, agoMs, says) => {
    expect(again(settings, agoMs)).toBe(says);
  });
});
