/** socket, dup, dup2, dup3, fcntl, ioctl; and what every call says of descriptors that are none, or no sockets. */

import {
  AF_INET,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIONREAD,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  O_APPEND,
  O_ASYNC,
  O_CLOEXEC,
  O_DIRECT,
  O_NONBLOCK,
  SHUT_WR,
  SIOCATMARK,
  SIOCOUTQ,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { DESCRIPTOR_LIMIT } from '../limits.ts';
import { bytes, type Case, room, SERVER } from '../trial.ts';
import { connected, listening, NOT_OPEN, ready } from './common.ts';

const SOCK_RAW = 3;
const SOCK_SEQPACKET = 5;

/** Each call, with arguments that are fine but for the descriptor. */
function everyCall(sys: Syscalls, fd: number): void {
  sys.bind(fd, SERVER, 80);
  sys.listen(fd, 5);
  sys.accept(fd);
  sys.accept4(fd, SOCK_NONBLOCK);
  sys.connect(fd, SERVER, 80);
  sys.read(fd, room(4));
  sys.read(fd, room(0));
  sys.write(fd, bytes('x'));
  sys.write(fd, room(0));
  sys.send(fd, bytes('x'), 0, 1, 0);
  sys.sendto(fd, bytes('x'), 0, 1, 0);
  sys.sendmsg(fd, { iov: [bytes('x')] }, 0);
  sys.recv(fd, room(4), 0, 4, 0);
  sys.recv(fd, room(0), 0, 0, 0);
  sys.recv(fd, room(4), 0, 4, MSG_PEEK);
  sys.recv(fd, room(4), 0, 4, MSG_OOB);
  sys.recv(fd, room(4), 0, 4, MSG_ERRQUEUE);
  sys.recvfrom(fd, room(4), 0, 4, 0, { name: null });
  sys.recvmsg(fd, { iov: [room(4)] }, 0);
  sys.readv(fd, [room(4)]);
  sys.writev(fd, [bytes('x')]);
  sys.getsockname(fd);
  sys.getpeername(fd);
  sys.getsockopt(fd, SOL_SOCKET, SO_TYPE);
  sys.setsockopt(fd, SOL_SOCKET, SO_TYPE, 1);
  for (const request of [FIONREAD, SIOCOUTQ, SIOCATMARK]) sys.ioctl(fd, request);
  sys.shutdown(fd, SHUT_WR);
  sys.fcntl(fd, F_GETFL);
  sys.fcntl(fd, F_GETFD);
  ready(sys, fd);
}

export const descriptorCases: readonly Case[] = [
  {
    name: 'every call with a descriptor that is not open',
    run({ server }) {
      everyCall(server, NOT_OPEN);
      everyCall(server, -1);
      server.dup(NOT_OPEN);
      server.dup2(NOT_OPEN, 9);
      server.dup2(NOT_OPEN, NOT_OPEN);
      server.dup3(NOT_OPEN, 9, 0);
      server.close(NOT_OPEN);
    },
  },
  {
    name: 'every call with an epoll instance, which is no socket',
    run({ server }) {
      const ep = server.epoll_create1(0);
      everyCall(server, ep);
      server.ioctl(ep, FIONBIO, 1);
      server.fcntl(ep, F_GETFL);
      server.dup(ep);
      server.close(ep);
    },
  },
  {
    name: 'every call with a socket that is new',
    run({ server }) {
      everyCall(server, server.socket());
    },
  },
  {
    name: 'every call with a listener',
    run(trial) {
      const l = listening(trial);
      everyCall(trial.server, l);
    },
  },
  {
    name: 'every call with a connection',
    run(trial) {
      const { s } = connected(trial);
      everyCall(trial.server, s);
    },
  },
  {
    name: 'socket() takes families, types and protocols that fit, and flags',
    run({ server }) {
      const flags = (fd: number) => {
        server.fcntl(fd, F_GETFL);
        server.fcntl(fd, F_GETFD);
      };
      flags(server.socket(AF_INET, SOCK_STREAM, 0));
      flags(server.socket(AF_INET, SOCK_STREAM, 6));
      flags(server.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      flags(server.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      flags(server.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      server.socket(AF_INET, SOCK_STREAM, 17);
      server.socket(AF_INET, SOCK_STREAM, 1);
      server.socket(AF_INET, SOCK_STREAM, 255);
      server.socket(AF_INET, SOCK_STREAM, 256);
      server.socket(AF_INET, SOCK_STREAM, -1);
      server.socket(AF_INET, SOCK_SEQPACKET, 0);
      server.socket(AF_INET, SOCK_RAW, 0);
      server.socket(AF_INET, 0, 0);
      server.socket(AF_INET, 11, 0);
      server.socket(AF_INET, 99, 0);
      server.socket(AF_INET, -1, 0);
      server.socket(AF_INET, SOCK_STREAM | 0x100, 0);
      server.socket(0, SOCK_STREAM, 0);
      server.socket(99, SOCK_STREAM, 0);
      server.socket(-1, SOCK_STREAM, 0);
    },
  },
  {
    name: 'the lowest free number is next',
    run({ server }) {
      for (let i = 0; i < 4; i++) server.socket();
      server.close(4);
      server.close(3);
      server.dup(6);
      server.socket();
      server.socket();
      server.epoll_create1(0);
      server.fcntl(3, F_DUPFD, 4);
      server.fcntl(3, F_DUPFD, 20);
      server.fcntl(3, F_DUPFD, 20);
      server.socket();
    },
  },
  {
    name: 'dup2() and dup3() give the number that is asked for',
    run({ server }) {
      const a = server.socket();
      const b = server.socket();
      server.bind(a, SERVER, 80);
      server.dup2(a, b);
      server.getsockname(b);
      server.dup2(a, a);
      server.dup2(a, 20);
      server.dup2(a, -1);
      server.dup2(a, DESCRIPTOR_LIMIT);
      server.dup2(a, DESCRIPTOR_LIMIT - 1);
      server.dup3(a, 21, O_CLOEXEC);
      server.fcntl(21, F_GETFD);
      server.dup3(a, 21, 0);
      server.fcntl(21, F_GETFD);
      server.dup3(a, a, 0);
      server.dup3(a, 22, O_NONBLOCK);
      server.dup3(a, -1, 0);
      server.dup3(a, DESCRIPTOR_LIMIT, 0);
    },
  },
  {
    name: 'EMFILE: of every call that gives a descriptor, and not of dup2()',
    run(trial) {
      const { server, client, quietly } = trial;
      const l = listening(trial);
      client.connect(client.socket(), SERVER, 80);
      quietly(() => {
        while (server.socket() >= 0);
      });
      server.socket();
      server.accept(l);
      server.dup(l);
      server.fcntl(l, F_DUPFD, 0);
      server.fcntl(l, F_DUPFD, DESCRIPTOR_LIMIT);
      server.fcntl(l, F_DUPFD, -1);
      server.epoll_create1(0);
      server.dup2(l, 10);
      server.close(20);
      server.accept(l);
      server.socket();
    },
  },
  {
    name: 'FD_CLOEXEC belongs to the number, O_NONBLOCK to what it refers to',
    run({ server }) {
      const a = server.socket();
      server.fcntl(a, F_SETFD, FD_CLOEXEC);
      server.fcntl(a, F_SETFD, 6);
      server.fcntl(a, F_GETFD);
      server.fcntl(a, F_SETFD, 7);
      const b = server.dup(a);
      server.fcntl(b, F_GETFD);
      server.fcntl(a, F_SETFL, O_NONBLOCK);
      server.fcntl(b, F_GETFL);
      server.fcntl(b, F_SETFL, O_APPEND | O_NONBLOCK);
      server.fcntl(a, F_GETFL);
      server.fcntl(a, F_SETFL, O_DIRECT);
      server.fcntl(a, F_SETFL, 0);
      server.fcntl(b, F_GETFL);
      server.fcntl(a, F_SETFL, O_ASYNC);
      server.fcntl(a, F_GETFL);
      server.fcntl(a, F_SETFL, 0x1);
      server.fcntl(a, F_GETFL);
      const e = server.fcntl(a, F_DUPFD_CLOEXEC, 10);
      server.fcntl(e, F_GETFD);
      server.fcntl(a, 4711);
      server.fcntl(a, -1);
    },
  },
  {
    name: 'FIONBIO, FIOCLEX and FIONCLEX are fcntl() by another name',
    run({ server }) {
      const a = server.socket();
      server.ioctl(a, FIONBIO, 1);
      server.fcntl(a, F_GETFL);
      server.ioctl(a, FIONBIO, 0);
      server.fcntl(a, F_GETFL);
      server.ioctl(a, FIOCLEX);
      server.fcntl(a, F_GETFD);
      server.ioctl(a, FIONCLEX);
      server.fcntl(a, F_GETFD);
      server.ioctl(NOT_OPEN, FIOCLEX);
    },
  },
  {
    name: 'a file lives until its last descriptor is closed',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      const copy = server.dup(s);
      server.close(s);
      server.write(copy, bytes('still'));
      client.read(c, room(10));
      client.read(c, room(10));
      server.close(copy);
      client.read(c, room(10));
      server.close(copy);
    },
  },
];
