/** Urgent data through the socket calls (RFC 9293 §3.8.5; POSIX's out-of-band data). */

import { describe, expect, test } from 'vitest';
import {
  FIONREAD,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  POLLIN,
  POLLPRI,
  SIOCATMARK,
  SIOCOUTQ,
  SO_OOBINLINE,
  SOL_SOCKET,
} from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, levels, listening, said } from './calls.ts';
import { World } from './world.ts';

const text = (words: string) => new TextEncoder().encode(words);

function sendUrgent(host: Host, fd: number, words: string): void {
  expect(said(host.sys.send(fd, text(words), 0, words.length, MSG_OOB | MSG_NOSIGNAL))).toBe(words.length);
}

function recv(host: Host, fd: number, flags: number, most = 100): string | number {
  const into = new Uint8Array(most);
  const n = said(host.sys.recv(fd, into, 0, most, flags));
  return typeof n === 'number' ? new TextDecoder().decode(into.subarray(0, n)) : n;
}

/** The client has sent "abc", then urgently "dX", then "ef". */
function withUrgent(inline: boolean) {
  const world = new World();
  const pair = connected(world);
  const { client, server, c, s } = pair;
  if (inline) expect(said(server.sys.setsockopt(s, SOL_SOCKET, SO_OOBINLINE, 1))).toBe(0);
  client.sys.write(c, text('abc'));
  sendUrgent(client, c, 'dX');
  client.sys.write(c, text('ef'));
  world.settle();
  return { world, ...pair };
}

describe('MSG_OOB: the last urgent byte, out of band [MUST-30]', () => {
  test('POLLPRI tells of it [MUST-32], recv takes it, and the stream is without it', () => {
    const { server, s } = withUrgent(false);
    expect(levels(server, s) & (POLLPRI | POLLIN)).toBe(POLLPRI | POLLIN);
    expect(recv(server, s, MSG_OOB | MSG_PEEK)).toBe('X');
    expect(recv(server, s, MSG_OOB)).toBe('X');
    expect(recv(server, s, MSG_OOB)).toBe('EINVAL');
    expect(levels(server, s) & POLLPRI).toBe(0);
    expect(recv(server, s, 0)).toBe('abcd');
    expect(recv(server, s, 0)).toBe('ef');
    expect(recv(server, s, 0)).toBe('EAGAIN');
  });

  test('who does not take it reads the stream without it, and learns where it was [MUST-33]', () => {
    const { server, s } = withUrgent(false);
    const atMark = () => server.sys.ioctl(s, SIOCATMARK);
    expect([atMark(), server.sys.ioctl(s, FIONREAD)]).toEqual([0, 4]);
    expect([recv(server, s, 0), atMark()]).toEqual(['abcd', 1]);
    expect([recv(server, s, MSG_PEEK), atMark()]).toEqual(['ef', 1]);
    expect([recv(server, s, 0), atMark()]).toEqual(['ef', 0]);
    expect(recv(server, s, MSG_OOB)).toBe('EINVAL');
  });

  test('alone it is nothing to read: no POLLIN, EAGAIN, and 0 once the peer has ended', () => {
    const world = new World();
    const { client, server, c, s } = connected(world);
    sendUrgent(client, c, 'X');
    world.settle();
    expect(levels(server, s) & (POLLPRI | POLLIN)).toBe(POLLPRI);
    expect(recv(server, s, MSG_PEEK)).toBe('EAGAIN');
    expect(recv(server, s, 0)).toBe('EAGAIN');
    client.sys.shutdown(c, 1);
    world.settle();
    expect(drain(server, s)).toEqual({ bytes: new Uint8Array(0), end: 0 });
  });

  test('EAGAIN while it was announced and our window keeps it out; reading makes room [MUST-66]', () => {
    const world = new World({ settings: { receiveBufferBytes: 4096 } });
    const { client, server, c, s } = connected(world);
    expect(client.sys.write(c, new Uint8Array(6000))).toBe(6000);
    world.run(1000);
    sendUrgent(client, c, 'X');
    world.settle();
    expect(levels(server, s) & POLLPRI).toBe(POLLPRI);
    expect(recv(server, s, MSG_OOB)).toBe('EAGAIN');
    for (let reads = 0; reads < 100 && recv(server, s, MSG_OOB | MSG_PEEK) === 'EAGAIN'; reads++) {
      recv(server, s, 0);
      world.run(1000);
    }
    expect(recv(server, s, MSG_OOB)).toBe('X');
  });

  test('EINVAL where there is none, ENOTCONN on a listener, EBADF; unknown flags have no effect, as in Linux', () => {
    const { server, s } = connected(new World());
    expect(recv(server, s, MSG_OOB)).toBe('EINVAL');
    expect(recv(server, server.sys.socket(), MSG_OOB)).toBe('EINVAL');
    expect(recv(server, 3, MSG_OOB)).toBe('ENOTCONN');
    expect(recv(server, s, 0x8000_0000)).toBe('EAGAIN');
    expect(recv(server, 99, MSG_OOB)).toBe('EBADF');
    expect(server.sys.send(s, text('a'), 0, 1, MSG_PEEK)).toBe(1);
    expect(said(server.sys.send(99, text('a'), 0, 1, MSG_PEEK))).toBe('EBADF');
    expect(said(server.sys.recv(s, new Uint8Array(1), 0, 2, MSG_PEEK))).toBe('EINVAL');
  });
});

describe('SO_OOBINLINE', () => {
  test('keeps the byte in the stream; reads stop at the mark before it', () => {
    const { server, s } = withUrgent(true);
    expect(recv(server, s, MSG_OOB)).toBe('EINVAL');
    expect(levels(server, s) & POLLPRI).toBe(POLLPRI);
    expect([recv(server, s, 0), server.sys.ioctl(s, SIOCATMARK)]).toEqual(['abcd', 1]);
    expect([recv(server, s, 0), server.sys.ioctl(s, SIOCATMARK)]).toEqual(['X', 0]);
    expect(levels(server, s) & POLLPRI).toBe(0);
    expect(recv(server, s, 0)).toBe('ef');
  });

  test('is inherited from the listener', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    server.sys.setsockopt(listener, SOL_SOCKET, SO_OOBINLINE, 1);
    connecting(client, server);
    world.settle();
    const s = server.sys.accept(listener);
    expect(server.sys.getsockopt(s, SOL_SOCKET, SO_OOBINLINE)).toBe(1);
  });
});

describe('on the wire', () => {
  test('the urgent pointer is what Linux sends too: one past the byte [MUST-62]', () => {
    const world = new World();
    const { client, c } = connected(world);
    sendUrgent(client, c, 'abcX');
    world.settle();
    const [sent] = world.sentBy(1);
    expect(sent?.kind).toBe('URG,ACK,PSH');
    expect(sent?.bytes.subarray(20 + 18, 20 + 20)).toEqual(Uint8Array.of(0, 4));
  });
});

describe('ioctl', () => {
  test('FIONREAD and SIOCOUTQ count what can be read and what is not acknowledged', () => {
    const world = new World({ delayMs: 10 });
    const { client, server, c, s } = connected(world);
    expect([server.sys.ioctl(s, FIONREAD), client.sys.ioctl(c, SIOCOUTQ)]).toEqual([0, 0]);
    client.sys.write(c, text('hello'));
    expect(client.sys.ioctl(c, SIOCOUTQ)).toBe(5);
    world.run(100);
    expect([server.sys.ioctl(s, FIONREAD), client.sys.ioctl(c, SIOCOUTQ)]).toEqual([5, 0]);
    expect(recv(server, s, MSG_PEEK | MSG_DONTWAIT, 3)).toBe('hel');
    expect(recv(server, s, 0)).toBe('hello');
  });

  test('ENOTTY, EINVAL on a listener, EBADF, and zeros without a connection', () => {
    const { server, listener, s } = connected(new World());
    expect(said(server.sys.ioctl(s, 1))).toBe('ENOTTY');
    expect([FIONREAD, SIOCOUTQ].map((request) => said(server.sys.ioctl(listener, request)))).toEqual([
      'EINVAL',
      'EINVAL',
    ]);
    expect(said(server.sys.ioctl(99, FIONREAD))).toBe('EBADF');
    const fd = server.sys.socket();
    expect([FIONREAD, SIOCOUTQ, SIOCATMARK].map((request) => server.sys.ioctl(fd, request))).toEqual([0, 0, 0]);
  });
});
