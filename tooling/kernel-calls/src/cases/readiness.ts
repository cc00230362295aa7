/** poll, select, epoll: levels and edges. */

import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  F_GETFD,
  MSG_OOB,
  POLLIN,
  POLLOUT,
  SHUT_RD,
  SHUT_WR,
  SO_LINGER,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import type { EpollEvent, Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, NOBODY, room, SERVER, type Trial } from '../trial.ts';
import { connected, connectedSmall, empty, fill, listening, NOT_OPEN, ready } from './common.ts';

const ALL_EPOLL = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP;
const ABORT = { onoff: 1, linger: 0 };

function events(): EpollEvent[] {
  return [];
}

/** What the instance tells now. */
function wait(sys: Syscalls, ep: number, maxEvents = 8): number {
  return sys.epoll_wait(ep, events(), maxEvents);
}

function set(...members: number[]): Uint32Array {
  const words = new Uint32Array(2);
  for (const fd of members) words[fd >>> 5] = (words[fd >>> 5] as number) | (1 << (fd & 31));
  return words;
}

/** The life of a connection, told by `look` after each step. */
function life(trial: Trial, look: (s: number) => void): void {
  const { server, client } = trial;
  const { s, c } = connected(trial);
  look(s);
  look(s);
  client.write(c, bytes('abc'));
  look(s);
  look(s);
  client.write(c, bytes('def'));
  look(s);
  server.read(s, room(2));
  look(s);
  server.read(s, room(20));
  look(s);
  server.read(s, room(20));
  client.send(c, bytes('u'), 0, 1, MSG_OOB);
  look(s);
  server.recv(s, room(1), 0, 1, MSG_OOB);
  look(s);
  server.write(s, bytes('ghi'));
  look(s);
  client.read(c, room(10));
  look(s);
  client.shutdown(c, SHUT_WR);
  look(s);
  server.read(s, room(20));
  look(s);
  server.shutdown(s, SHUT_WR);
  look(s);
  look(s);
}

function watching(name: string, mask: number): Case {
  return {
    name,
    run(trial) {
      const ep = trial.arrange(() => trial.server.epoll_create1(0));
      let watched = -1;
      life(trial, (s) => {
        if (watched < 0) trial.server.epoll_ctl(ep, EPOLL_CTL_ADD, s, { events: mask, data: 77 });
        watched = s;
        wait(trial.server, ep);
      });
    },
  };
}

export const readinessCases: readonly Case[] = [
  { name: 'poll() through the life of a connection', run: (trial) => life(trial, (s) => ready(trial.server, s)) },
  watching('level-triggered epoll through the life of a connection', ALL_EPOLL),
  watching('edge-triggered epoll through the life of a connection', ALL_EPOLL | EPOLLET),
  watching('edge-triggered epoll for reading only', EPOLLIN | EPOLLET),
  watching('edge-triggered epoll for writing only', EPOLLOUT | EPOLLET),
  watching('one-shot epoll tells once', ALL_EPOLL | EPOLLONESHOT),
  watching('epoll that asks for nothing tells errors and hang-ups', 0),
  {
    name: 'poll() asks for what it is given, and tells POLLERR, POLLHUP and POLLNVAL unasked',
    run(trial) {
      const { server, client } = trial;
      const { l, s, c } = connected(trial);
      server.poll([{ fd: s, events: POLLIN, revents: 0 }]);
      server.poll([{ fd: s, events: 0, revents: 0 }]);
      server.poll([
        { fd: l, events: POLLIN, revents: 5 },
        { fd: -1, events: POLLIN, revents: 5 },
        { fd: s, events: POLLOUT, revents: 0 },
        { fd: NOT_OPEN, events: POLLOUT, revents: 0 },
        { fd: s, events: POLLIN | POLLOUT, revents: 0 },
      ]);
      server.poll([]);
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, ABORT);
      client.close(c);
      server.poll([{ fd: s, events: 0, revents: 0 }]);
    },
  },
  {
    name: 'poll() of sockets that are new, listen, or open',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      ready(server, l);
      client.connect(client.socket(), SERVER, 80);
      ready(server, l);
      ready(server, server.socket());
      const bound = server.socket();
      server.bind(bound, SERVER, 81);
      ready(server, bound);
      const opening = client.socket();
      client.connect(opening, NOBODY, 80);
      ready(client, opening);
    },
  },
  {
    name: 'select() keeps who is ready, and counts',
    run(trial) {
      const { server, client } = trial;
      const { l, s, c } = connected(trial);
      server.select(10, set(l, s), set(s), set(s));
      client.write(c, bytes('a'));
      server.select(10, set(l, s), set(l, s), null);
      server.select(s, set(l, s), null, null);
      server.select(s + 1, set(s), null, null);
      client.send(c, bytes('u'), 0, 1, MSG_OOB);
      server.select(10, null, null, set(l, s));
      server.select(NOT_OPEN + 1, set(NOT_OPEN, s), null, null);
      server.select(0, set(s), null, null);
      server.select(-1, null, null, null);
      server.select(10, null, null, null);
      client.close(c);
      server.select(10, set(s), set(s), set(s));
      server.select(10, set(9), null, null);
    },
  },
  {
    name: 'epoll_create() and epoll_create1()',
    run({ server }) {
      server.epoll_create(0);
      server.epoll_create(-1);
      server.epoll_create(1);
      server.epoll_create1(1);
      const ep = server.epoll_create1(EPOLL_CLOEXEC);
      server.fcntl(ep, F_GETFD);
      ready(server, ep);
    },
  },
  {
    name: 'epoll_ctl() and epoll_wait() refuse',
    run(trial) {
      const { server } = trial;
      const { l, s } = connected(trial);
      const ep = server.epoll_create1(0);
      const other = server.epoll_create1(0);
      const event = { events: EPOLLIN, data: 1 };
      server.epoll_ctl(ep, EPOLL_CTL_MOD, s, event);
      server.epoll_ctl(ep, EPOLL_CTL_DEL, s, event);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, s, event);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, s, event);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, NOT_OPEN, event);
      server.epoll_ctl(NOT_OPEN, EPOLL_CTL_ADD, s, event);
      server.epoll_ctl(s, EPOLL_CTL_ADD, l, event);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, ep, event);
      server.epoll_ctl(ep, 4, s, event);
      server.epoll_ctl(ep, 0, s, event);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, l, null);
      server.epoll_ctl(ep, EPOLL_CTL_MOD, s, null);
      server.epoll_ctl(ep, EPOLL_CTL_DEL, s, null);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, other, event);
      server.epoll_ctl(other, EPOLL_CTL_ADD, ep, event);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, l, { events: EPOLLEXCLUSIVE | EPOLLIN, data: 1 });
      server.epoll_ctl(ep, EPOLL_CTL_MOD, l, event);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, s, { events: EPOLLEXCLUSIVE | EPOLLONESHOT, data: 1 });
      server.epoll_ctl(ep, EPOLL_CTL_ADD, s, { events: EPOLLEXCLUSIVE | EPOLLRDHUP, data: 1 });
      wait(server, ep, 0);
      wait(server, ep, -1);
      wait(server, NOT_OPEN);
      wait(server, s);
      wait(server, ep, 1);
    },
  },
  {
    name: 'epoll instances nest five deep',
    run({ server }) {
      const eps = Array.from({ length: 8 }, () => server.epoll_create1(0));
      for (let i = 1; i < eps.length; i++) {
        server.epoll_ctl(eps[i] as number, EPOLL_CTL_ADD, eps[i - 1] as number, { events: EPOLLIN, data: i });
      }
      const s = server.socket();
      server.epoll_ctl(eps[0] as number, EPOLL_CTL_ADD, s, { events: EPOLLIN, data: 9 });
      ready(server, eps[0] as number);
      ready(server, eps[2] as number);
      wait(server, eps[1] as number);
    },
  },
  {
    name: 'one-shot: EPOLL_CTL_MOD switches it on again; EPOLL_CTL_MOD of an edge tells anew',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      const ep = server.epoll_create1(0);
      client.write(c, bytes('a'));
      server.epoll_ctl(ep, EPOLL_CTL_ADD, s, { events: EPOLLIN | EPOLLONESHOT, data: 1 });
      wait(server, ep);
      wait(server, ep);
      server.epoll_ctl(ep, EPOLL_CTL_MOD, s, { events: EPOLLIN | EPOLLONESHOT, data: 2 });
      wait(server, ep);
      server.epoll_ctl(ep, EPOLL_CTL_MOD, s, { events: EPOLLIN | EPOLLET, data: 3 });
      wait(server, ep);
      wait(server, ep);
      server.epoll_ctl(ep, EPOLL_CTL_MOD, s, { events: EPOLLIN | EPOLLET, data: 4 });
      wait(server, ep);
    },
  },
  {
    name: 'several that are ready take turns when there is room for one',
    run(trial) {
      const { server, client, arrange } = trial;
      const l = listening(trial);
      const ep = server.epoll_create1(0);
      arrange(() => {
        for (let i = 0; i < 3; i++) {
          const c = client.socket();
          client.connect(c, SERVER, 80);
          client.write(c, bytes('x'));
          const s = server.accept(l);
          server.epoll_ctl(ep, EPOLL_CTL_ADD, s, { events: EPOLLIN, data: s });
        }
      });
      for (let i = 0; i < 4; i++) wait(server, ep, 1);
      wait(server, ep, 2);
      wait(server, ep, 8);
    },
  },
  {
    name: 'a watch lives as long as what it watches, not as long as the number',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      const ep = server.epoll_create1(0);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, s, { events: EPOLLIN, data: 1 });
      const copy = server.dup(s);
      server.close(s);
      client.write(c, bytes('a'));
      wait(server, ep);
      server.epoll_ctl(ep, EPOLL_CTL_DEL, s, null);
      server.close(copy);
      wait(server, ep);
      const next = server.socket();
      server.epoll_ctl(ep, EPOLL_CTL_ADD, next, { events: EPOLLOUT | EPOLLHUP | EPOLLERR, data: 2 });
      wait(server, ep);
    },
  },
  {
    name: 'EPOLLEXCLUSIVE, and nobody waits: every instance tells',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      const eps = [1, 2].map(() => server.epoll_create1(0));
      for (const ep of eps) server.epoll_ctl(ep, EPOLL_CTL_ADD, l, { events: EPOLLIN | EPOLLEXCLUSIVE, data: 1 });
      for (const ep of eps) wait(server, ep);
      client.connect(client.socket(), SERVER, 80);
      for (const ep of eps) wait(server, ep);
    },
  },
  {
    name: 'an edge for a listener comes with each connection',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      const ep = server.epoll_create1(0);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, l, { events: EPOLLIN | EPOLLET, data: 1 });
      wait(server, ep);
      client.connect(client.socket(), SERVER, 80);
      wait(server, ep);
      wait(server, ep);
      client.connect(client.socket(), SERVER, 80);
      client.connect(client.socket(), SERVER, 80);
      wait(server, ep);
      server.accept(l);
      wait(server, ep);
    },
  },
  {
    name: 'an edge for writing comes when connect() succeeded or failed',
    run(trial) {
      const { client } = trial;
      listening(trial);
      const ep = client.epoll_create1(0);
      const refused = client.socket();
      client.connect(refused, SERVER, 81);
      client.epoll_ctl(ep, EPOLL_CTL_ADD, refused, { events: EPOLLOUT | EPOLLET, data: 1 });
      wait(client, ep);
      wait(client, ep);
      client.close(refused);
      const c = client.socket();
      client.epoll_ctl(ep, EPOLL_CTL_ADD, c, { events: EPOLLOUT | EPOLLET, data: 2 });
      wait(client, ep);
      client.connect(c, SERVER, 80);
      wait(client, ep);
      wait(client, ep);
    },
  },
  {
    name: 'an edge for writing comes when there is room again',
    run(trial) {
      const { client } = trial;
      const { s, c } = connectedSmall(trial);
      const ep = client.epoll_create1(0);
      client.epoll_ctl(ep, EPOLL_CTL_ADD, c, { events: EPOLLOUT | EPOLLET, data: 1 });
      wait(client, ep);
      wait(client, ep);
      fill(trial, c);
      trial.quietly(() => wait(client, ep));
      wait(client, ep);
      empty(trial, s);
      wait(client, ep);
      wait(client, ep);
    },
  },
  {
    name: 'epoll tells SHUT_RD of our own, and a reset',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      const ep = server.epoll_create1(0);
      server.epoll_ctl(ep, EPOLL_CTL_ADD, s, { events: ALL_EPOLL | EPOLLET, data: 1 });
      wait(server, ep);
      server.shutdown(s, SHUT_RD);
      wait(server, ep);
      wait(server, ep);
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, ABORT);
      client.close(c);
      wait(server, ep);
      wait(server, ep);
    },
  },
];
