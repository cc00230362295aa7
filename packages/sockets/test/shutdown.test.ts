/** shutdown(2) where there is no open connection: on fresh sockets, on listeners, while connecting, and after the end. */

import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ERROR,
  SOL_SOCKET,
} from '../src/constants.ts';
import { ECONNRESET } from '../src/errno.ts';
import { connected, connecting, drain, levels, listening, said } from './calls.ts';
import { addressOf, anyOf, FAMILIES, World } from './world.ts';

describe.each(FAMILIES)('over %s', (_, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const byte = new Uint8Array(1);

  test('EINVAL for a direction that there is not, EBADF, ENOTSOCK; these do nothing', () => {
    const { sys } = new World({ family }).host(0);
    const fd = sys.socket(domain);
    expect([3, -1, 0.5].map((how) => said(sys.shutdown(fd, how)))).toEqual(Array(3).fill('EINVAL'));
    expect([said(sys.shutdown(99, 0)), said(sys.shutdown(sys.epoll_create1(0), 0))]).toEqual(['EBADF', 'ENOTSOCK']);
    expect(said(sys.read(fd, byte))).toBe('ENOTCONN');
  });

  test('ENOTCONN on a fresh socket, which has nothing to read from then on nevertheless', () => {
    const host = new World({ family }).host(0);
    const fd = host.sys.socket(domain);
    expect(said(host.sys.shutdown(fd, SHUT_WR))).toBe('ENOTCONN');
    expect([levels(host, fd), said(host.sys.read(fd, byte))]).toEqual([POLLOUT | POLLHUP, 'ENOTCONN']);
    expect(said(host.sys.shutdown(fd, SHUT_RD))).toBe('ENOTCONN');
    expect([levels(host, fd), host.sys.read(fd, byte)]).toEqual([POLLIN | POLLOUT | POLLHUP | POLLRDHUP, 0]);
  });

  test('a listener stops by SHUT_RD: who waits is reset, the port stays, and listen() begins again', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    expect(server.sys.shutdown(listener, SHUT_WR)).toBe(0);
    const c = connecting(client, server);
    world.settle();
    expect(levels(server, listener)).toBe(POLLIN);
    expect(server.sys.shutdown(listener, SHUT_RDWR)).toBe(0);
    expect(levels(server, listener)).toBe(POLLOUT | POLLHUP);
    expect(said(server.sys.accept(listener))).toBe('EINVAL');
    world.settle();
    expect(drain(client, c).end).toBe('ECONNRESET');
    expect(server.sys.getsockname(listener)).toMatchObject({ address: anyOf(family), port: 80 });
    const refused = connecting(client, server);
    world.settle();
    expect(drain(client, refused).end).toBe('ECONNREFUSED');
    expect(server.sys.listen(listener, 5)).toBe(0);
    connecting(client, server);
    world.settle();
    expect(levels(server, listener)).toBe(POLLIN);
  });

  test.each([SHUT_RD, SHUT_WR])(
    'in SYN-SENT either direction (%i) ends the attempt by ECONNRESET, for another',
    (how) => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      listening(server);
      world.passes = () => false;
      const c = connecting(client, server);
      world.settle();
      expect(client.sys.shutdown(c, how)).toBe(0);
      expect(levels(client, c)).toBe(POLLOUT | POLLERR | POLLHUP);
      expect(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(ECONNRESET);
      expect(levels(client, c)).toBe(POLLOUT | POLLHUP);
      world.passes = () => true;
      expect(said(client.sys.connect(c, addressOf(family, 0), 80))).toBe('EINPROGRESS');
      world.settle();
      expect(client.sys.connect(c, addressOf(family, 0), 80)).toBe(0);
      expect(client.sys.shutdown(c, how)).toBe(0);
    },
  );

  test('the error of an attempt that shutdown() ended is told by the next call, and forgotten by the next connect()', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const [a, b] = [connecting(client, server), connecting(client, server)];
    for (const fd of [a, b]) client.sys.shutdown(fd, SHUT_WR);
    expect([said(client.sys.read(a, byte)), said(client.sys.read(a, byte))]).toEqual(['ECONNRESET', 'ENOTCONN']);
    client.sys.connect(b, addressOf(family, 0), 80);
    expect(said(client.sys.read(b, byte))).toBe('EAGAIN');
  });

  test('ENOTCONN once both sides have closed, in TIME-WAIT and after a reset; getpeername() agrees', () => {
    const world = new World({ family });
    const { server, client, s, c } = connected(world);
    client.sys.shutdown(c, SHUT_WR);
    world.settle();
    expect(client.sys.shutdown(c, SHUT_WR)).toBe(0);
    server.sys.shutdown(s, SHUT_WR);
    world.settle();
    for (const [host, fd] of [
      [client, c],
      [server, s],
    ] as const) {
      expect([said(host.sys.shutdown(fd, SHUT_RDWR)), said(host.sys.getpeername(fd))]).toEqual([
        'ENOTCONN',
        'ENOTCONN',
      ]);
      expect(levels(host, fd)).toBe(POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    }
  });
});
