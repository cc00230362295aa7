/** shutdown, close, resets: what the calls say afterwards, at both ends. */

import {
  FIONREAD,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCOUTQ,
  SO_ERROR,
  SO_LINGER,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, room, SERVER } from '../trial.ts';
import { connected, listening, NOT_OPEN, ready } from './common.ts';

const ABORT = { onoff: 1, linger: 0 };

/** What every call says of an end. */
function examine(sys: Syscalls, fd: number): void {
  ready(sys, fd);
  sys.getpeername(fd);
  sys.getsockname(fd);
  sys.read(fd, room(4));
  sys.write(fd, bytes('x'));
  ready(sys, fd);
  sys.getsockopt(fd, SOL_SOCKET, SO_ERROR);
  sys.ioctl(fd, FIONREAD);
  sys.ioctl(fd, SIOCOUTQ);
  for (const how of [SHUT_RD, SHUT_WR, SHUT_RDWR]) sys.shutdown(fd, how);
  sys.connect(fd, SERVER, 80);
}

export const closingCases: readonly Case[] = [
  {
    name: 'shutdown() refuses what is no direction, and sockets that are not connected',
    run(trial) {
      const { server } = trial;
      const { s } = connected(trial);
      server.shutdown(s, 3);
      server.shutdown(s, -1);
      const a = server.socket();
      server.shutdown(a, SHUT_RDWR);
      server.shutdown(a, 3);
      server.shutdown(NOT_OPEN, SHUT_RD);
    },
  },
  {
    name: 'SHUT_WR: one end can read on, and the other write on',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('last'));
      client.shutdown(c, SHUT_WR);
      ready(client, c);
      client.write(c, bytes('x'));
      client.shutdown(c, SHUT_WR);
      ready(server, s);
      server.read(s, room(10));
      server.read(s, room(10));
      server.read(s, room(10));
      ready(server, s);
      server.write(s, bytes('answer'));
      client.read(c, room(10));
      client.read(c, room(10));
      server.close(s);
      client.read(c, room(10));
      ready(client, c);
    },
  },
  {
    name: 'SHUT_RD: read() gives what is there and then 0, and what comes later can be read all the same',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('before'));
      server.shutdown(s, SHUT_RD);
      ready(server, s);
      server.read(s, room(3));
      server.read(s, room(10));
      server.read(s, room(10));
      client.write(c, bytes('after'));
      ready(server, s);
      server.read(s, room(10));
      server.read(s, room(10));
      server.write(s, bytes('still'));
      client.read(c, room(10));
      ready(client, c);
    },
  },
  {
    name: 'SHUT_RDWR at one end, then at the other',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.shutdown(c, SHUT_RDWR);
      ready(client, c);
      client.read(c, room(1));
      client.write(c, bytes('x'));
      ready(server, s);
      server.shutdown(s, SHUT_RDWR);
      ready(server, s);
      examine(client, c);
      examine(server, s);
    },
  },
  {
    name: 'both ends close their directions in turn',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.shutdown(c, SHUT_WR);
      server.shutdown(s, SHUT_WR);
      examine(server, s);
      examine(client, c);
    },
  },
  {
    name: 'the peer closed: 0 to read, and the second write() fails',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('bye'));
      client.close(c);
      ready(server, s);
      server.read(s, room(10));
      server.read(s, room(10));
      server.write(s, bytes('first'));
      ready(server, s);
      server.write(s, bytes('second'));
      server.write(s, bytes('third'));
      server.read(s, room(10));
      server.getsockopt(s, SOL_SOCKET, SO_ERROR);
      ready(server, s);
    },
  },
  {
    name: 'the peer closed with data unread: a reset, told once',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      server.write(s, bytes('unread'));
      client.close(c);
      ready(server, s);
      server.read(s, room(10));
      server.read(s, room(10));
      server.write(s, bytes('x'));
      ready(server, s);
    },
  },
  {
    name: 'a reset: read() tells it once, then 0; write() gives EPIPE',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, ABORT);
      client.close(c);
      examine(server, s);
    },
  },
  {
    name: 'a reset: write() tells it once, then EPIPE',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, ABORT);
      client.close(c);
      server.write(s, bytes('x'));
      server.write(s, bytes('x'));
      server.read(s, room(1));
      server.getsockopt(s, SOL_SOCKET, SO_ERROR);
    },
  },
  {
    name: 'a reset: SO_ERROR tells it once, then there is nothing to tell',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, ABORT);
      client.close(c);
      server.getsockopt(s, SOL_SOCKET, SO_ERROR);
      server.getsockopt(s, SOL_SOCKET, SO_ERROR);
      server.read(s, room(1));
      server.write(s, bytes('x'));
      server.connect(s, SERVER, 80);
      ready(server, s);
    },
  },
  {
    name: 'a reset takes data that was not read',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('lost?'));
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, ABORT);
      client.close(c);
      ready(server, s);
      server.ioctl(s, FIONREAD);
      server.read(s, room(10));
      server.read(s, room(10));
      server.read(s, room(10));
    },
  },
  {
    name: 'a reset after the end of the stream is EPIPE',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.close(c);
      server.read(s, room(1));
      server.write(s, bytes('x'));
      ready(server, s);
      server.getsockopt(s, SOL_SOCKET, SO_ERROR);
      server.read(s, room(1));
      server.write(s, bytes('x'));
    },
  },
  {
    name: 'SO_LINGER with seconds: close() returns, and all arrives',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 5 });
      client.write(c, bytes('all of it'));
      client.close(c);
      server.read(s, room(20));
      server.read(s, room(20));
    },
  },
  {
    name: 'close() of what is opening, and of what was never used; and twice',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      const c = client.socket();
      client.connect(c, '10.0.0.99', 80);
      client.close(c);
      client.close(c);
      client.close(client.socket());
      server.close(l);
      client.connect(client.socket(), SERVER, 80);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    },
  },
  {
    name: 'both ends close at the same time',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('a'));
      server.write(s, bytes('b'));
      client.shutdown(c, SHUT_WR);
      server.shutdown(s, SHUT_WR);
      client.read(c, room(4));
      client.read(c, room(4));
      server.read(s, room(4));
      server.read(s, room(4));
      ready(client, c);
      ready(server, s);
      client.getpeername(c);
      server.getpeername(s);
    },
  },
];
