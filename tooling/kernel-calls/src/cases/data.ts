/** read, write, send, recv: what they move and how they fail. */

import {
  FIONREAD,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SIOCOUTQ,
} from '@tcpstack/sockets/constants';
import { bytes, type Case, room } from '../trial.ts';
import { connected, connectedSmall, empty, fill, listening, ready } from './common.ts';

const MSG_DONTROUTE = 0x4;

const MSG_UNKNOWN = 0x100_0000;

export const dataCases: readonly Case[] = [
  {
    name: 'read() gives what there is, in parts of any size, then EAGAIN',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      server.read(s, room(4));
      client.write(c, bytes('one'));
      client.write(c, bytes('two'));
      client.write(c, bytes('three'));
      server.read(s, room(4));
      server.read(s, room(4));
      server.read(s, room(100));
      server.read(s, room(100));
    },
  },
  {
    name: 'nothing to move: read() of no bytes, write() of none',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      server.read(s, room(0));
      client.write(c, room(0));
      server.read(s, room(4));
      client.write(c, bytes('x'));
      server.read(s, room(0));
      client.close(c);
      server.read(s, room(0));
    },
  },
  {
    name: 'sockets without a connection: ENOTCONN to read, EPIPE to write',
    run(trial) {
      const { server } = trial;
      const a = server.socket();
      const l = listening(trial);
      for (const fd of [a, l]) {
        server.read(fd, room(1));
        server.write(fd, bytes('x'));
        server.recv(fd, room(1), 0, 1, MSG_PEEK);
        server.send(fd, bytes('x'), 0, 1, 0);
        server.getpeername(fd);
        server.shutdown(fd, 1);
      }
    },
  },
  {
    name: 'MSG_PEEK leaves what it reads',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('abcdef'));
      server.recv(s, room(4), 0, 4, MSG_PEEK);
      server.recv(s, room(10), 0, 10, MSG_PEEK);
      server.recv(s, room(3), 0, 3, 0);
      server.recv(s, room(10), 0, 10, MSG_PEEK);
      server.ioctl(s, FIONREAD);
      server.recv(s, room(10), 0, 10, 0);
      server.recv(s, room(10), 0, 10, MSG_PEEK);
      client.close(c);
      server.recv(s, room(10), 0, 10, MSG_PEEK);
      server.recv(s, room(10), 0, 10, 0);
    },
  },
  {
    name: 'MSG_TRUNC throws away, MSG_WAITALL takes what there is when nothing waits',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('abcdef'));
      const into = room(4);
      server.recv(s, into, 0, 4, MSG_PEEK | MSG_DONTWAIT);
      server.recv(s, room(10), 0, 10, MSG_WAITALL);
      server.recv(s, room(10), 0, 10, MSG_WAITALL);
      client.write(c, bytes('ghijkl'));
      client.write(c, bytes('mn'));
      const count = server.recv(s, room(4), 0, 4, MSG_TRUNC);
      if (count === 4) server.recv(s, room(10), 0, 10, 0);
    },
  },
  {
    name: 'flags that a stream ignores or refuses',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.send(c, bytes('a'), 0, 1, MSG_NOSIGNAL);
      client.send(c, bytes('b'), 0, 1, MSG_DONTWAIT);
      client.send(c, bytes('c'), 0, 1, MSG_DONTROUTE);
      client.send(c, bytes('d'), 0, 1, MSG_UNKNOWN);
      server.recv(s, room(10), 0, 10, MSG_NOSIGNAL);
      server.recv(s, room(10), 0, 10, MSG_UNKNOWN);
      server.recv(s, room(10), 0, 10, MSG_ERRQUEUE);
    },
  },
  {
    name: 'MSG_MORE keeps back what is less than a segment until more comes',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.send(c, bytes('head'), 0, 4, MSG_MORE);
      server.recv(s, room(20), 0, 20, 0);
      client.ioctl(c, SIOCOUTQ);
      client.send(c, bytes('body'), 0, 4, 0);
      server.recv(s, room(20), 0, 20, 0);
      client.ioctl(c, SIOCOUTQ);
    },
  },
  {
    name: 'FIONREAD and SIOCOUTQ count',
    run(trial) {
      const { server, client } = trial;
      const { l, s, c } = connected(trial);
      client.write(c, bytes('twelve bytes'));
      server.ioctl(s, FIONREAD);
      client.ioctl(c, SIOCOUTQ);
      server.read(s, room(5));
      server.ioctl(s, FIONREAD);
      client.close(c);
      server.ioctl(s, FIONREAD);
      server.read(s, room(20));
      server.ioctl(s, FIONREAD);
      server.ioctl(l, FIONREAD);
      server.ioctl(l, SIOCOUTQ);
      const a = server.socket();
      server.ioctl(a, FIONREAD);
      server.ioctl(a, SIOCOUTQ);
      server.ioctl(a, 0x1234);
    },
  },
  {
    name: 'EAGAIN and no POLLOUT when the buffers of both ends are full; room comes back by reading',
    run(trial) {
      const { server, client, quietly, note } = trial;
      const { s, c } = connectedSmall(trial);
      fill(trial, c);
      client.write(c, room(4096));
      note(`writable: ${(quietly(() => pollBits(trial, c)) & 4) !== 0}`);
      empty(trial, s);
      server.read(s, room(1));
      ready(client, c);
      client.write(c, bytes('x'));
      server.read(s, room(10));
    },
  },
];

function pollBits({ client }: Parameters<Case['run']>[0], fd: number): number {
  const entry = { fd, events: 0x23c7, revents: 0 };
  client.poll([entry]);
  return entry.revents;
}
