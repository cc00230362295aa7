/** read(2) and write(2): their errors, their order, and back-pressure. */

import { ACK, PSH, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6, POLLOUT, SO_LINGER, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from '../src/constants.ts';
import { connected, connecting, drain, levels, listening, said, viewOf } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { FAMILIES, World } from './world.ts';

const byte = new Uint8Array(1);

/** The client resets the connection from its side. */
function resetBy(world: World, i: number, fd: number): void {
  const { sys } = world.host(i);
  sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
  sys.close(fd);
  world.settle();
}

describe.each(FAMILIES)('over %s', (_name, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;

  describe('sockets that are not connected, as in Linux', () => {
    test('a fresh socket and a listener: ENOTCONN to read(2), EPIPE to write(2)', () => {
      const { sys } = new World({ family }).host(0);
      const fd = sys.socket(domain);
      expect(said(sys.read(fd, byte))).toBe('ENOTCONN');
      expect(said(sys.write(fd, byte))).toBe('EPIPE');
      sys.listen(fd, 1);
      expect(said(sys.read(fd, byte))).toBe('ENOTCONN');
      expect(said(sys.write(fd, byte))).toBe('EPIPE');
    });

    test('EAGAIN to both while connect() is under way', () => {
      const world = new World({ family });
      const { sys } = world.host(0);
      const fd = connecting(world.host(0), world.host(1));
      expect(said(sys.read(fd, byte))).toBe('EAGAIN');
      expect(said(sys.write(fd, byte))).toBe('EAGAIN');
    });
  });

  test('EINVAL: a range that does not lie inside of the buffer', () => {
    const { server, s } = connected(new World({ family }));
    const buffer = new Uint8Array(10);
    for (const [at, end] of [
      [-1, 5],
      [6, 5],
      [0, 11],
      [Number.NaN, 5],
      [0, Number.NaN],
    ]) {
      expect(said(server.sys.read(s, buffer, at, end)), `${at} ${end}`).toBe('EINVAL');
      expect(said(server.sys.write(s, buffer, at, end)), `${at} ${end}`).toBe('EINVAL');
    }
  });

  test('an empty buffer: write(2) takes nothing and says 0; read(2) leaves the bytes where they are', () => {
    const world = new World({ family });
    const { server, client, s, c } = connected(world);
    expect(said(client.sys.write(c, new Uint8Array(0)))).toBe(0);
    client.sys.write(c, pattern(3));
    world.settle();
    expect(said(server.sys.read(s, new Uint8Array(0)))).toBe(0);
    expect(drain(server, s).bytes).toEqual(pattern(3));
  });

  describe('the end of the stream', () => {
    test('all bytes, then 0 again and again', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.write(c, pattern(5000));
      client.sys.shutdown(c, 1);
      world.settle();
      expect(drain(server, s)).toEqual({ bytes: pattern(5000), end: 0 });
      expect(said(server.sys.read(s, byte))).toBe(0);
    });

    test('EPIPE to write(2) after shutdown(2) of our side', () => {
      const { client, c } = connected(new World({ family }));
      client.sys.shutdown(c, 1);
      expect(said(client.sys.write(c, byte))).toBe('EPIPE');
    });
  });

  describe('a connection that the peer resets (RFC 9293 §3.10.7.4, second check)', () => {
    test('what came before is still read, then ECONNRESET once, then 0; write(2) gives EPIPE', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.write(c, pattern(100));
      world.settle();
      resetBy(world, 1, c);
      expect(viewOf(server, s)).toMatchObject({ state: 'CLOSED', recvQueueBytes: 100 });
      expect(drain(server, s)).toEqual({ bytes: pattern(100), end: 'ECONNRESET' });
      expect(said(server.sys.read(s, byte))).toBe(0);
      expect(said(server.sys.write(s, byte))).toBe('EPIPE');
      expect(server.bufferBytes()).toBe(0);
    });

    test('read(2) of no bytes gives 0, and leaves the error to a later call', () => {
      const world = new World({ family });
      const { server, s, c } = connected(world);
      expect(server.sys.read(s, byte, 0, 0)).toBe(0);
      resetBy(world, 1, c);
      expect(server.sys.read(s, byte, 0, 0)).toBe(0);
      expect(said(server.sys.read(s, byte))).toBe('ECONNRESET');
    });

    test('write(2) tells ECONNRESET once too, and then EPIPE', () => {
      const world = new World({ family });
      const { server, s, c } = connected(world);
      resetBy(world, 1, c);
      expect(said(server.sys.write(s, byte))).toBe('ECONNRESET');
      expect(said(server.sys.write(s, byte))).toBe('EPIPE');
      expect(said(server.sys.read(s, byte))).toBe(0);
    });

    test('after the end of its stream the error is EPIPE, as in Linux', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.shutdown(c, 1);
      world.settle();
      resetBy(world, 1, c);
      expect(said(server.sys.write(s, byte))).toBe('EPIPE');
    });
  });

  describe('a reset under a pending write', () => {
    test('drops the queued bytes, and a new connection on the same ports carries none of them', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server);
      const open = () => {
        const fd = client.sys.socket(domain);
        expect(said(client.sys.bind(fd, client.address, 4000))).toBe(0);
        expect(said(client.sys.connect(fd, server.address, 80))).toBe('EINPROGRESS');
        world.settle();
        return { c: fd, s: server.sys.accept(listener) };
      };
      const old = open();
      // Neither reads: both buffers are full, and bytes are under way.
      for (let i = 0; i < 3; i++) {
        server.sys.write(old.s, new Uint8Array(1 << 20).fill(0xdd));
        client.sys.write(old.c, new Uint8Array(1 << 20).fill(0xee));
        if (i < 2) world.settle();
      }
      expect(viewOf(server, old.s).sendQueueBytes).toBe(1 << 20);
      expect(viewOf(client, old.c).recvQueueBytes).toBeGreaterThan(0);
      resetBy(world, 1, old.c);
      expect(drain(server, old.s).end).toBe('ECONNRESET');
      server.sys.close(old.s);
      expect([server.bufferBytes(), client.bufferBytes()]).toEqual([0, 0]);

      const fresh = open();
      expect(client.sys.getsockname(fresh.c)).toMatchObject({ address: client.address, port: 4000 });
      expect(said(client.sys.read(fresh.c, byte))).toBe('EAGAIN');
      expect(said(server.sys.read(fresh.s, byte))).toBe('EAGAIN');
      server.sys.write(fresh.s, pattern(3000, 1));
      client.sys.write(fresh.c, pattern(3000, 2));
      world.settle();
      expect(drain(client, fresh.c).bytes).toEqual(pattern(3000, 1));
      expect(drain(server, fresh.s).bytes).toEqual(pattern(3000, 2));
    });
  });

  describe('back-pressure', () => {
    test('a full send buffer gives a short write, then EAGAIN; POLLOUT comes back when a third is free', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.setsockopt(c, SOL_SOCKET, SO_SNDBUF, 8192);
      world.passes = () => false;
      expect(client.sys.write(c, pattern(10_000))).toBe(8192);
      expect(said(client.sys.write(c, byte))).toBe('EAGAIN');
      expect(levels(client, c)).toBe(0);
      world.settle();
      world.passes = () => true;
      world.run(2000);
      expect(levels(client, c)).toBe(POLLOUT);
      expect(drain(server, s).bytes).toEqual(pattern(10_000).subarray(0, 8192));
    });

    test('a reader that does not read closes the window, and loses nothing when it goes on (RFC 9293 §3.8.6.1)', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      const all = pattern(1 << 20, 5);
      let written = 0;
      const read: Uint8Array[] = [];
      server.sys.setsockopt(s, SOL_SOCKET, SO_RCVBUF, 4096);
      for (let turn = 0; turn < 1000 && written < all.length; turn++) {
        const n = client.sys.write(c, all, written);
        if (n > 0) written += n;
        world.run(turn % 7 === 0 ? 700 : 1);
        if (turn % 3 === 0) read.push(drain(server, s).bytes);
      }
      world.run(5000);
      read.push(drain(server, s).bytes);
      expect(Buffer.compare(Buffer.concat(read), all)).toBe(0);
    });
  });

  test('a connection without data, ACK lost: the server learns of it by the first byte (RFC 9293 §3.10.7.4)', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const c = connecting(client, server);
    world.passes = ({ kind }) => kind !== 'ACK';
    world.settle();
    world.passes = () => true;
    client.sys.write(c, pattern(10));
    world.settle();
    expect(drain(server, server.sys.accept(listener)).bytes).toEqual(pattern(10));
  });
});

test('EBADF to every call on a descriptor that is not open', () => {
  const host = new World().host(0);
  const { sys } = host;
  const closed = sys.socket();
  sys.close(closed);
  for (const fd of [closed, -1, 0, 2, 3.5, Number.NaN, 1e9]) {
    const results = [
      sys.bind(fd, '0.0.0.0', 80),
      sys.listen(fd, 1),
      sys.accept(fd),
      sys.connect(fd, '10.0.0.2', 80),
      sys.read(fd, byte),
      sys.write(fd, byte),
      sys.shutdown(fd, 1),
      sys.close(fd),
      sys.getsockname(fd),
      sys.getpeername(fd),
      sys.getsockopt(fd, SOL_SOCKET, SO_SNDBUF),
      sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 4096),
    ];
    expect(results.map(said), String(fd)).toEqual(Array(results.length).fill('EBADF'));
  }
});

test('bytes that arrive with a wrong checksum are never read (RFC 9293 §3.1 [MUST-3])', () => {
  const world = new World();
  const server = world.host(0);
  const listener = listening(server);
  world.inject(segment({ flags: SYN, seq: 1000 })).settle();
  const ack = ((world.last().tcp?.seq ?? 0) + 1) >>> 0;
  world.inject(segment({ flags: ACK, seq: 1001, ack }));
  const s = server.sys.accept(listener);
  const bad = segment({ flags: ACK | PSH, seq: 1001, ack, payload: pattern(10) });
  bad[45] = (bad[45] as number) ^ 0x40;
  world.inject(bad).settle();
  expect(server.counters().badChecksums).toBe(1);
  expect(said(server.sys.read(s, byte))).toBe('EAGAIN');
  world.inject(segment({ flags: ACK | PSH, seq: 1001, ack, payload: pattern(10) })).settle();
  expect(drain(server, s).bytes).toEqual(pattern(10));
  const reset = segment({ flags: RST, seq: 1011 });
  reset[36] = (reset[36] as number) ^ 1;
  world.inject(reset);
  expect(viewOf(server, s).state).toBe('ESTABLISHED');
});
