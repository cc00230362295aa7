/** Opening as the story tells it: socket, bind, listen, SYN, SYN-ACK, ACK, accept, connect, read and write. */

import { ACK, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { SO_REUSEADDR, SOL_SOCKET } from '../src/constants.ts';
import { connected, connecting, drain, listening, said, states, viewOf } from './calls.ts';
import { pattern, STRANGER, STRANGER_PORT, segment } from './packets.ts';
import { World } from './world.ts';

describe('socket(2)', () => {
  test('gives the lowest descriptor that is free, from 3 on', () => {
    const { sys } = new World().host(0);
    expect([sys.socket(), sys.socket(), sys.socket()]).toEqual([3, 4, 5]);
    sys.close(4);
    sys.close(3);
    expect([sys.socket(), sys.socket(), sys.socket()]).toEqual([3, 4, 6]);
  });

  test('EMFILE at the limit of open descriptors, until one is closed', () => {
    const { sys } = new World({ settings: { descriptorsMax: 2 } }).host(0);
    expect([sys.socket(), sys.socket(), sys.socket()].map(said)).toEqual([3, 4, 'EMFILE']);
    sys.close(3);
    expect(sys.socket()).toBe(3);
  });

  test('a fresh socket is CLOSED, without address', () => {
    const host = new World().host(0);
    const fd = host.sys.socket();
    expect(viewOf(host, fd)).toMatchObject({ state: 'CLOSED', local: { address: '0.0.0.0', port: 0 }, remote: null });
  });
});

describe('bind(2)', () => {
  test('EADDRINUSE: the address and port are taken, also by way of "any address"', () => {
    const { sys } = new World().host(0);
    const [a, b] = [sys.socket(), sys.socket()];
    expect(said(sys.bind(a, '10.0.0.1', 80))).toBe(0);
    expect(said(sys.bind(b, '10.0.0.1', 80))).toBe('EADDRINUSE');
    expect(said(sys.bind(b, '0.0.0.0', 80))).toBe('EADDRINUSE');
    expect(said(sys.bind(b, '10.0.0.1', 81))).toBe(0);
    sys.close(a);
    expect(said(sys.bind(sys.socket(), '0.0.0.0', 80))).toBe(0);
  });

  test('EADDRNOTAVAIL: the address is not ours', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    expect(said(sys.bind(fd, '10.0.0.2', 80))).toBe('EADDRNOTAVAIL');
  });

  test('EINVAL: already bound, no address, no port', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    for (const port of [-1, 65_536, 1.5, Number.NaN]) expect(said(sys.bind(fd, '0.0.0.0', port))).toBe('EINVAL');
    expect(said(sys.bind(fd, 'localhost', 80))).toBe('EINVAL');
    expect(said(sys.bind(fd, '0.0.0.0', 65_535))).toBe(0);
    expect(said(sys.bind(fd, '0.0.0.0', 81))).toBe('EINVAL');
  });

  test('EINVAL: a socket that is connected, or came from accept(), has its port already', () => {
    const { client, server, c, s } = connected(new World());
    expect(said(client.sys.bind(c, '0.0.0.0', 81))).toBe('EINVAL');
    expect(said(server.sys.bind(s, '0.0.0.0', 81))).toBe('EINVAL');
    expect(server.sys.getsockname(s)).toMatchObject({ address: '10.0.0.1', port: 80 });
  });

  test('port 0 picks a free ephemeral port', () => {
    const { sys } = new World().host(0);
    const ports = [0, 1, 2].map(() => {
      const fd = sys.socket();
      expect(said(sys.bind(fd, '0.0.0.0', 0))).toBe(0);
      return (sys.getsockname(fd) as { port: number }).port;
    });
    expect(new Set(ports).size).toBe(3);
    for (const port of ports) expect(port).toSatisfy((p: number) => p >= 32_768 && p <= 60_999);
  });
});

describe('listen(2)', () => {
  test('the socket is in LISTEN, and its backlog and queues can be seen', () => {
    const host = new World().host(0);
    const fd = listening(host, 5);
    expect(viewOf(host, fd)).toMatchObject({
      state: 'LISTEN',
      local: { address: '0.0.0.0', port: 80 },
      backlogSegs: 5,
      synQueueLength: 0,
      acceptQueueLength: 0,
    });
    expect(said(host.sys.listen(fd, 7))).toBe(0);
    expect(viewOf(host, fd).backlogSegs).toBe(7);
  });

  test('the backlog is capped by somaxconn, and a negative one counts as the largest', () => {
    const host = new World({ settings: { somaxconn: 10 } }).host(0);
    expect(viewOf(host, listening(host, 11)).backlogSegs).toBe(10);
    expect(viewOf(host, listening(host, -1, 81)).backlogSegs).toBe(10);
  });

  test('without bind() it picks an ephemeral port', () => {
    const host = new World().host(0);
    const fd = host.sys.socket();
    expect(said(host.sys.listen(fd, 1))).toBe(0);
    expect(viewOf(host, fd).local.port).toBeGreaterThanOrEqual(32_768);
  });

  test('EINVAL on a connected socket, or a backlog that is no whole number', () => {
    const { client, c } = connected(new World());
    expect(said(client.sys.listen(c, 1))).toBe('EINVAL');
    expect(said(client.sys.listen(client.sys.socket(), 1.5))).toBe('EINVAL');
  });
});

describe('the three segments (RFC 9293 §3.5, figure 6), seen at each step', () => {
  test('SYN, SYN-ACK, ACK: entry in the SYN queue, then in the accept queue, then a descriptor', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const c = connecting(client, server);
    expect(viewOf(client, c).state).toBe('SYN-SENT');

    // The ACK of the client is held back.
    world.passes = ({ kind }) => kind !== 'ACK';
    world.settle();
    const [syn, synAck, ack] = world.log.map(({ tcp }) => tcp);
    expect(world.takeKinds()).toEqual(['SYN', 'ACK,SYN', 'ACK']);
    expect(viewOf(server, listener)).toMatchObject({ state: 'LISTEN', synQueueLength: 1, acceptQueueLength: 0 });
    expect(server.sockets().at(-1)).toMatchObject({ fd: -1, state: 'SYN-RECEIVED', queue: 'syn' });
    expect(said(server.sys.accept(listener))).toBe('EAGAIN');

    // x, then y and x + 1, then x + 1 and y + 1.
    expect(synAck?.ack).toBe(((syn?.seq ?? 0) + 1) >>> 0);
    expect(ack).toMatchObject({ seq: synAck?.ack, ack: ((synAck?.seq ?? 0) + 1) >>> 0, payloadLengthBytes: 0 });
    // "each carries its MSS": the MTU less both headers (RFC 9293 §3.7.1).
    expect([syn?.mssBytes, synAck?.mssBytes, ack?.mssBytes]).toEqual([1460, 1460, null]);
    expect(syn).toMatchObject({ windowScale: expect.any(Number), sackPermitted: true, timestamps: expect.anything() });
    expect(synAck).toMatchObject({ windowScale: expect.any(Number), sackPermitted: true });
    expect(synAck?.timestamps?.tsEcr).toBe(syn?.timestamps?.tsVal);
    expect(viewOf(client, c)).toMatchObject({ state: 'ESTABLISHED', tcp: { iss: syn?.seq, irs: synAck?.seq } });

    // A second later the SYN-ACK goes again, and its answer arrives.
    world.passes = () => true;
    world.run(1000);
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 1 });
    expect(server.sockets().at(-1)).toMatchObject({ fd: -1, state: 'ESTABLISHED', queue: 'accept' });

    const s = server.sys.accept(listener);
    expect(s).toBe(4);
    expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 0 });
    expect(viewOf(server, s)).toMatchObject({ state: 'ESTABLISHED', queue: '' });
    expect(server.sys.getpeername(s)).toEqual(client.sys.getsockname(c));
  });

  test('what a SYN leaves out, the SYN-ACK leaves out too (RFC 7323 §2.2, §3.2; RFC 2018 §2)', () => {
    const world = new World();
    listening(world.host(0));
    world.inject(segment({ flags: SYN, seq: 0xffff_ffff })).settle();
    expect(world.last()).toMatchObject({ kind: 'ACK,SYN', to: STRANGER });
    expect(world.last().tcp).toMatchObject({ ack: 0, mssBytes: 1460, windowScale: null, sackPermitted: false });
    expect(world.last().tcp).toMatchObject({ timestamps: null, destinationPort: STRANGER_PORT });
  });

  test('a SYN for a port on which nobody listens is answered by RST (RFC 9293 §3.10.7.1)', () => {
    const world = new World();
    world.inject(segment({ flags: SYN, seq: 41 })).settle();
    expect(world.last().tcp).toMatchObject({ flags: ['ACK', 'RST'], seq: 0, ack: 42 });
    world.inject(segment({ flags: ACK, seq: 41, ack: 77 })).settle();
    expect(world.last().tcp).toMatchObject({ flags: ['RST'], seq: 77 });
    expect(world.host(0).counters()).toMatchObject({ noListener: 2, resetsSent: 2 });
    expect(states(world.host(0))).toEqual([]);
  });
});

describe('a passive OPEN beside others (RFC 9293 §3.9.1.1)', () => {
  test('makes a listener or an error, and changes no connection and no listener that there is [MUST-41]', () => {
    const world = new World();
    const { server, client, s, c, listener } = connected(world);
    client.sys.write(c, pattern(10));
    world.settle();
    const before = server.sockets();
    const same = server.sys.socket();
    expect(said(server.sys.bind(same, '0.0.0.0', 80))).toBe('EADDRINUSE');
    expect(said(server.sys.listen(s, 1))).toBe('EINVAL');
    listening(server, 1, 81);
    expect(server.sockets().filter(({ fd }) => fd === listener || fd === s)).toEqual(before);
    connecting(client, server);
    world.settle();
    expect(said(server.sys.accept(listener))).toBeGreaterThan(s);
    expect(drain(server, s).bytes).toEqual(pattern(10));
  });

  test('LISTEN on a port that connections in SYN-SENT and SYN-RECEIVED use [MUST-42]', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const reuse = (address: string) => {
      const fd = server.sys.socket();
      server.sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      expect(said(server.sys.bind(fd, address, 80))).toBe(0);
      return fd;
    };
    const active = reuse('0.0.0.0');
    expect(said(server.sys.connect(active, STRANGER, 80))).toBe('EINPROGRESS');
    const first = reuse('0.0.0.0');
    expect(said(server.sys.listen(first, 1))).toBe(0);
    world.inject(segment({ flags: SYN })).settle();
    expect(states(server)).toEqual(['SYN-SENT', 'LISTEN', 'SYN-RECEIVED']);
    server.sys.close(first);
    world.inject(segment({ flags: SYN, fromPort: 80 })).settle();
    expect(viewOf(server, active).state).toBe('SYN-RECEIVED');
    const second = reuse('0.0.0.0');
    expect(said(server.sys.listen(second, 1))).toBe(0);
    const c = connecting(client, server);
    world.settle();
    expect(viewOf(client, c).state).toBe('ESTABLISHED');
    expect(server.sys.accept(second)).toBeGreaterThan(second);
    expect(viewOf(server, active).state).toBe('SYN-RECEIVED');
  });
});

describe('accept(2)', () => {
  test('hands connections out in the order in which they were finished', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const fds = [0, 1, 2].map(() => {
      const fd = connecting(client, server);
      world.settle();
      return fd;
    });
    for (const fd of fds)
      expect(server.sys.getpeername(server.sys.accept(listener))).toEqual(client.sys.getsockname(fd));
    expect(said(server.sys.accept(listener))).toBe('EAGAIN');
  });

  test('EINVAL on a socket that does not listen; EMFILE leaves the connection in the queue', () => {
    const world = new World({ hosts: [{ settings: { descriptorsMax: 2 } }, {}] });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    expect(said(server.sys.accept(listener))).toBe('EAGAIN');
    const other = server.sys.socket();
    // As in Linux the descriptor is looked for first.
    expect(said(server.sys.accept(other))).toBe('EMFILE');
    expect(said(server.sys.accept(listener))).toBe('EMFILE');
    connecting(client, server);
    world.settle();
    expect(said(server.sys.accept(listener))).toBe('EMFILE');
    expect(viewOf(server, listener).acceptQueueLength).toBe(1);
    server.sys.close(other);
    expect(said(server.sys.accept(listener))).toBe(other);
    server.sys.close(listener);
    expect(said(server.sys.accept(other))).toBe('EINVAL');
  });
});

test('read(2) and write(2) say how many bytes went, both ways, and acknowledgments count them', () => {
  const world = new World();
  const { server, client, s, c } = connected(world);
  const before = viewOf(client, c).tcp?.sndNxt ?? 0;
  expect(client.sys.write(c, pattern(100))).toBe(100);
  expect(viewOf(client, c).sendQueueBytes).toBe(100);
  world.settle();
  // "sequence 107 and 100 bytes: the next is 207"
  expect(world.sentBy(0).at(-1)?.tcp?.ack).toBe((before + 100) >>> 0);
  expect(viewOf(server, s).recvQueueBytes).toBe(100);
  expect(drain(server, s)).toEqual({ bytes: pattern(100), end: 'EAGAIN' });
  expect(server.sys.write(s, pattern(300), 100, 300)).toBe(200);
  world.settle();
  const into = new Uint8Array(210).fill(1);
  expect(client.sys.read(c, into, 5, 105)).toBe(100);
  expect(client.sys.read(c, into, 105)).toBe(100);
  expect(into.subarray(5, 205)).toEqual(pattern(300).subarray(100));
  expect([...into.subarray(0, 5), ...into.subarray(205)]).toEqual(Array(10).fill(1));
});
