/** sendto, recvfrom, readv, writev, sendmsg, recvmsg. */

import {
  IP_RECVERR,
  IPPROTO_IP,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SO_ERROR,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { bytes, type Case, NOBODY, room } from '../trial.ts';
import { connected, ready } from './common.ts';

export const messageCases: readonly Case[] = [
  {
    name: 'writev() and readv() go from one buffer to the next',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.writev(c, [bytes('one'), bytes('two'), room(0), bytes('three')]);
      server.readv(s, [room(2), room(0), room(4)]);
      server.readv(s, [room(2), room(20)]);
      server.readv(s, [room(2), room(20)]);
      client.writev(c, []);
      client.writev(c, [room(0)]);
      server.readv(s, []);
      server.readv(s, [room(0)]);
      client.close(c);
      server.readv(s, [room(1)]);
    },
  },
  {
    name: 'more than 1024 buffers are too many',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      const many = Array.from({ length: 1025 }, () => bytes('x'));
      client.writev(c, many);
      client.sendmsg(c, { iov: many });
      client.writev(c, many.slice(1));
      server.recvmsg(s, { iov: many });
      server.readv(s, many);
      server.recvmsg(s, { iov: many.slice(1) });
    },
  },
  {
    name: 'a stream passes over the destination, and names no sender',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.sendto(c, bytes('abc'), 0, 3, 0, { address: NOBODY, port: 9 });
      client.sendto(c, bytes('def'), 0, 3, 0);
      server.recvfrom(s, room(3), 0, 3, 0, { name: null });
      server.recvmsg(s, { iov: [room(10)] });
      const fresh = client.socket();
      client.sendto(fresh, bytes('abc'), 0, 3, 0, { address: NOBODY, port: 9 });
      client.sendmsg(fresh, { iov: [bytes('abc')], name: { address: NOBODY, port: 9 } });
    },
  },
  {
    name: 'recvmsg() tells of urgent data, and of what was cut off',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.sendmsg(c, { iov: [bytes('ab'), bytes('cd')] }, MSG_OOB);
      server.recvmsg(s, { iov: [room(4)] }, MSG_OOB);
      server.recvmsg(s, { iov: [room(4)] }, MSG_PEEK);
      server.recvmsg(s, { iov: [room(1), room(1)] });
      server.recvmsg(s, { iov: [room(4)] });
      server.recvmsg(s, { iov: [room(4)] });
      client.write(c, bytes('abcdef'));
      server.recvmsg(s, { iov: [room(4)] }, MSG_TRUNC);
      server.recvmsg(s, { iov: [room(4)] });
    },
  },
  {
    name: 'the error queue is empty unless something happened',
    run(trial) {
      const { server } = trial;
      const { s } = connected(trial);
      server.recvmsg(s, { iov: [room(4)] }, MSG_ERRQUEUE);
      server.setsockopt(s, IPPROTO_IP, IP_RECVERR, 1);
      server.recvmsg(s, { iov: [room(4)] }, MSG_ERRQUEUE);
      server.getsockopt(s, SOL_SOCKET, SO_ERROR);
      ready(server, s);
    },
  },
];
