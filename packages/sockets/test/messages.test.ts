/** readv(2), writev(2), sendmsg(2), recvmsg(2), and the MSG_* flags. */

import { describe, expect, test } from 'vitest';
import {
  F_GETFD,
  F_GETFL,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  O_NONBLOCK,
  O_RDWR,
  POLLERR,
  SHUT_WR,
  SIOCINQ,
  SIOCOUTQ,
  SIOCOUTQNSD,
  SO_EE_ORIGIN_ICMP,
  SO_LINGER,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../src/constants.ts';
import { ENETUNREACH } from '../src/errno.ts';
import { createFdSet, FD_ISSET, FD_SET } from '../src/fd-set.ts';
import type { MsgHdr } from '../src/syscalls.ts';
import { connected, connecting, drain, levels, listening, said } from './calls.ts';
import { icmpError, pattern, ROUTER } from './packets.ts';
import { World } from './world.ts';

/** Buffers of these sizes. */
const buffers = (...sizes: number[]): Uint8Array[] => sizes.map((size) => new Uint8Array(size));
const bytesOf = (parts: readonly Uint8Array[]): number[] => parts.flatMap((part) => [...part]);

/** Bytes that the client wrote, on the server's side. */
function withData(n: number) {
  const world = new World();
  const ends = connected(world);
  ends.client.sys.write(ends.c, pattern(n));
  world.settle();
  return { world, ...ends };
}

describe('several buffers in one call', () => {
  test('readv() fills one after the other, and says how much', () => {
    const { server, s } = withData(10);
    const into = buffers(3, 0, 4, 100);
    expect(server.sys.readv(s, into)).toBe(10);
    expect(bytesOf(into).slice(0, 10)).toEqual([...pattern(10)]);
    expect(said(server.sys.readv(s, into))).toBe('EAGAIN');
  });

  test('writev() and sendmsg() send one after the other', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const all = pattern(20);
    expect(client.sys.writev(c, [all.subarray(0, 5), all.subarray(5, 5), all.subarray(5, 12)])).toBe(12);
    expect(client.sys.sendmsg(c, { iov: [all.subarray(12, 13), all.subarray(13)] })).toBe(8);
    world.settle();
    expect(drain(server, s).bytes).toEqual(all);
  });

  test('writev() takes what fits, across buffers', () => {
    const world = new World();
    const { client, c } = connected(world);
    client.sys.setsockopt(c, SOL_SOCKET, SO_SNDBUF, 4096);
    const room = client.sys.writev(c, [pattern(3000), pattern(30_000), pattern(10)]);
    expect(room).toBeGreaterThan(3000);
    expect(room).toBeLessThan(33_000);
    expect(said(client.sys.writev(c, [pattern(1)]))).toBe('EAGAIN');
  });

  test('recvmsg() fills in the rest of the message: no name on a stream, no control, no flags', () => {
    const { server, s } = withData(10);
    const message: MsgHdr = { name: { address: 'x', port: 1 }, iov: buffers(4, 4), flags: 99 };
    expect(server.sys.recvmsg(s, message)).toBe(8);
    expect(message).toMatchObject({ name: null, control: [], flags: 0 });
    expect(bytesOf(message.iov)).toEqual([...pattern(10).subarray(0, 8)]);
    const from = { name: { address: 'x', port: 1 } };
    expect(server.sys.recvfrom(s, new Uint8Array(9), 0, 9, 0, from)).toBe(2);
    expect(from).toEqual({ name: null });
  });

  test('an error behind what was read is left for the next call', () => {
    const { world, server, client, s, c } = withData(5);
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    expect(server.sys.readv(s, buffers(5, 5))).toBe(5);
    expect(said(server.sys.readv(s, buffers(5, 5)))).toBe('ECONNRESET');
    expect(server.sys.readv(s, buffers(5, 5))).toBe(0);
  });

  test('MSG_PEEK looks at them all at once', () => {
    const { server, s } = withData(10);
    const message: MsgHdr = { iov: buffers(3, 4, 5) };
    for (let i = 0; i < 2; i++) {
      expect(server.sys.recvmsg(s, message, MSG_PEEK)).toBe(10);
      expect(bytesOf(message.iov).slice(0, 10)).toEqual([...pattern(10)]);
    }
    expect(drain(server, s).bytes).toEqual(pattern(10));
  });
});

describe('flags of reading', () => {
  test('MSG_TRUNC discards instead of copying, also what has no room; with MSG_PEEK it counts', () => {
    const { server, s } = withData(50_000);
    const into = new Uint8Array(10);
    expect(server.sys.recv(s, into, 0, 7, MSG_TRUNC | MSG_PEEK)).toBe(7);
    expect(server.sys.recv(s, into, 0, 40_000, MSG_TRUNC)).toBe(40_000);
    expect(into).toEqual(new Uint8Array(10));
    expect(server.sys.recv(s, into, 0, 10, 0)).toBe(10);
    expect(into).toEqual(pattern(50_000).subarray(40_000, 40_010));
    expect(server.sys.recv(s, into, 0, 100_000, MSG_TRUNC)).toBe(9990);
    expect(said(server.sys.recv(s, into, 0, 100_000, MSG_TRUNC))).toBe('EAGAIN');
  });

  test('what MSG_TRUNC discards opens the window for more', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    let written = 0;
    let discarded = 0;
    for (let turn = 0; turn < 200; turn++) {
      const n = client.sys.write(c, new Uint8Array(100_000));
      if (n > 0) written += n;
      world.run(1);
      const gone = server.sys.recv(s, new Uint8Array(0), 0, 100_000, MSG_TRUNC);
      if (gone > 0) discarded += gone;
    }
    expect(discarded).toBeGreaterThan(10_000_000);
    expect(written - discarded).toBeLessThan(4_000_000);
  });

  test('MSG_WAITALL gives what is there, since no call waits; MSG_DONTWAIT and MSG_NOSIGNAL change nothing', () => {
    const { server, s } = withData(5);
    expect(server.sys.recv(s, new Uint8Array(10), 0, 10, MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL)).toBe(5);
    expect(said(server.sys.recv(s, new Uint8Array(10), 0, 10, MSG_WAITALL))).toBe('EAGAIN');
  });

  test('recv() of nothing asks what waits: 0 with bytes there, EAGAIN without; read() of nothing asks nothing', () => {
    const { world, server, client, s, c } = withData(5);
    const none = new Uint8Array(0);
    expect(server.sys.recv(s, none, 0, 0, 0)).toBe(0);
    drain(server, s);
    expect([said(server.sys.recv(s, none, 0, 0, 0)), server.sys.read(s, none)]).toEqual(['EAGAIN', 0]);
    // Nor does it step over a byte that is out of band.
    client.sys.send(c, pattern(1), 0, 1, MSG_OOB);
    world.settle();
    expect([server.sys.recv(s, none, 0, 0, 0), server.sys.recv(s, new Uint8Array(1), 0, 1, MSG_OOB)]).toEqual([0, 1]);
  });

  test('the end of the stream that came before a reset stays the end; write() tells of the reset', () => {
    const { world, server, client, s, c } = withData(5);
    client.sys.shutdown(c, SHUT_WR);
    server.sys.write(s, pattern(5));
    world.settle();
    client.sys.close(c);
    world.settle();
    expect(drain(server, s)).toEqual({ bytes: pattern(5), end: 0 });
    expect(said(server.sys.write(s, pattern(1)))).toBe('EPIPE');
  });
});

describe('MSG_OOB in messages', () => {
  test('the last byte of all buffers is the urgent one; recvmsg() says MSG_OOB, and MSG_TRUNC without room', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    expect(client.sys.sendmsg(c, { iov: [pattern(3), pattern(4)] }, MSG_OOB)).toBe(7);
    world.settle();
    const message: MsgHdr = { iov: buffers(5, 5) };
    expect(server.sys.recvmsg(s, message, MSG_OOB | MSG_PEEK)).toBe(1);
    expect([message.flags, message.iov[0]?.[0]]).toEqual([MSG_OOB, pattern(4)[3]]);
    const noRoom: MsgHdr = { iov: [] };
    expect(server.sys.recvmsg(s, noRoom, MSG_OOB)).toBe(0);
    expect(noRoom.flags).toBe(MSG_OOB | MSG_TRUNC);
    expect(said(server.sys.recvmsg(s, message, MSG_OOB))).toBe('EINVAL');
    expect(drain(server, s).bytes).toEqual(Uint8Array.from([...pattern(3), ...pattern(4).subarray(0, 3)]));
  });
});

describe('MSG_MORE', () => {
  test('a small segment waits for the next bytes, also with TCP_NODELAY', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    client.sys.setsockopt(c, IPPROTO_TCP, TCP_NODELAY, 1);
    expect(client.sys.send(c, pattern(10), 0, 10, MSG_MORE)).toBe(10);
    world.settle();
    expect(world.sentBy(1)).toEqual([]);
    expect(client.sys.send(c, pattern(5), 0, 5, 0)).toBe(5);
    world.settle();
    expect(world.sentBy(1).map(({ payloadBytes }) => payloadBytes)).toEqual([15]);
    expect(drain(server, s).bytes.length).toBe(15);
  });

  test('full segments leave, and the rest after 200 ms, or with the FIN', () => {
    const world = new World();
    const { client, c } = connected(world);
    client.sys.send(c, pattern(2000), 0, 2000, MSG_MORE);
    world.settle();
    const first = world.sentBy(1).map(({ payloadBytes }) => payloadBytes);
    expect(first.length).toBe(1);
    expect(first[0]).toBeGreaterThan(1400);
    world.run(250);
    expect(world.sentBy(1).reduce((sum, { payloadBytes }) => sum + payloadBytes, 0)).toBe(2000);
    client.sys.send(c, pattern(10), 0, 10, MSG_MORE);
    client.sys.shutdown(c, SHUT_WR);
    world.settle();
    expect(world.sentBy(1).reduce((sum, { payloadBytes }) => sum + payloadBytes, 0)).toBe(2010);
  });
});

describe('MSG_ERRQUEUE', () => {
  test('gives the ICMP error as a control message of IP_RECVERR, and the destination as the name', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server);
    const c = client.sys.socket();
    client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
    world.passes = () => false;
    client.sys.connect(c, '10.0.0.1', 80);
    world.settle();
    world.inject(icmpError({ type: 3, code: 0, about: world.last().bytes }));
    expect(levels(client, c)).toBe(POLLERR);
    const message: MsgHdr = { iov: buffers(10) };
    expect(client.sys.recvmsg(c, message, MSG_ERRQUEUE)).toBe(0);
    expect(message.name).toEqual({ address: '10.0.0.1', port: 80 });
    expect(message.flags).toBe(MSG_ERRQUEUE);
    expect(message.control).toEqual([
      {
        level: IPPROTO_IP,
        type: IP_RECVERR,
        error: {
          ...{ errno: ENETUNREACH, origin: SO_EE_ORIGIN_ICMP, type: 3, code: 0, info: 0, data: 0 },
          offender: ROUTER,
        },
      },
    ]);
    expect(said(client.sys.recvmsg(c, message, MSG_ERRQUEUE))).toBe('EAGAIN');
    expect(levels(client, c)).toBe(0);
  });
});

describe('ioctl(2)', () => {
  test('SIOCINQ, SIOCOUTQ and SIOCOUTQNSD count; a FIN counts as a byte until it is acknowledged', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    client.sys.write(c, pattern(100));
    expect([client.sys.ioctl(c, SIOCOUTQ), client.sys.ioctl(c, SIOCOUTQNSD)]).toEqual([100, 100]);
    world.passes = () => false;
    world.settle();
    expect([client.sys.ioctl(c, SIOCOUTQ), client.sys.ioctl(c, SIOCOUTQNSD)]).toEqual([100, 0]);
    client.sys.shutdown(c, SHUT_WR);
    expect([client.sys.ioctl(c, SIOCOUTQ), client.sys.ioctl(c, SIOCOUTQNSD)]).toEqual([101, 1]);
    world.passes = () => true;
    world.run(2000);
    expect([client.sys.ioctl(c, SIOCOUTQ), client.sys.ioctl(c, SIOCOUTQNSD)]).toEqual([0, 0]);
    expect(server.sys.ioctl(s, SIOCINQ)).toBe(100);
  });

  test('FIONBIO sets O_NONBLOCK of the file, FIOCLEX and FIONCLEX FD_CLOEXEC of the number', () => {
    const { sys } = new World().host(0);
    for (const fd of [sys.socket(), sys.epoll_create1(0)]) {
      expect([sys.ioctl(fd, FIONBIO, 1), sys.fcntl(fd, F_GETFL)]).toEqual([0, O_RDWR | O_NONBLOCK]);
      expect([sys.ioctl(fd, FIONBIO, 0), sys.fcntl(fd, F_GETFL)]).toEqual([0, O_RDWR]);
      expect([sys.ioctl(fd, FIOCLEX), sys.fcntl(fd, F_GETFD)]).toEqual([0, 1]);
      expect([sys.ioctl(fd, FIONCLEX), sys.fcntl(fd, F_GETFD)]).toEqual([0, 0]);
    }
  });

  test('socket() takes both from its type', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket(2, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    expect([sys.fcntl(fd, F_GETFL), sys.fcntl(fd, F_GETFD)]).toEqual([O_RDWR | O_NONBLOCK, 1]);
  });
});

describe('select(2)', () => {
  test('leaves who is ready, in each set, and counts once for each', () => {
    const world = new World();
    const { server, client, listener, s, c } = connected(world);
    const sets = () => [listener, s].reduce((set, fd) => (FD_SET(fd, set), set), createFdSet());
    const [r1, w1, x1] = [sets(), sets(), sets()];
    expect(server.sys.select(s + 1, r1, w1, x1)).toBe(1);
    expect([FD_ISSET(listener, r1), FD_ISSET(s, r1), FD_ISSET(s, w1), FD_ISSET(s, x1)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    client.sys.send(c, pattern(2), 0, 2, MSG_OOB);
    connecting(client, server);
    world.settle();
    const [r2, w2, x2] = [sets(), sets(), sets()];
    expect(server.sys.select(s + 1, r2, w2, x2)).toBe(4);
    expect([FD_ISSET(listener, r2), FD_ISSET(s, r2), FD_ISSET(s, w2), FD_ISSET(s, x2)]).toEqual(Array(4).fill(true));
  });

  test('an end makes readable, an error both; epoll instances are readable, and sets of int32 will do', () => {
    const { world, server, client, s, c } = withData(1);
    const epfd = server.sys.epoll_create1(0);
    server.sys.epoll_ctl(epfd, 1, s, { events: 1, data: 0 });
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    const [reads, writes] = [new Int32Array(2), new Int32Array(2)];
    for (const set of [reads, writes]) for (const fd of [s, epfd]) FD_SET(fd, set);
    expect(server.sys.select(64, reads, writes, null)).toBe(3);
    expect([FD_ISSET(s, reads), FD_ISSET(s, writes), FD_ISSET(epfd, reads)]).toEqual([true, true, true]);
    expect(FD_ISSET(epfd, writes)).toBe(false);
  });
});
