/** Urgent data: MSG_OOB, SO_OOBINLINE, SIOCATMARK, POLLPRI. */

import { FIONREAD, MSG_OOB, MSG_PEEK, SIOCATMARK, SO_OOBINLINE, SOL_SOCKET } from '@tcpstack/sockets/constants';
import { bytes, type Case, room } from '../trial.ts';
import { connected, ready } from './common.ts';

export const urgentCases: readonly Case[] = [
  {
    name: 'one urgent byte is read out of band, once',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      server.recv(s, room(1), 0, 1, MSG_OOB);
      client.write(c, bytes('ab'));
      client.send(c, bytes('cdU'), 0, 3, MSG_OOB);
      client.write(c, bytes('ef'));
      ready(server, s);
      server.ioctl(s, SIOCATMARK);
      server.ioctl(s, FIONREAD);
      server.recv(s, room(4), 0, 4, MSG_OOB | MSG_PEEK);
      server.recv(s, room(4), 0, 4, MSG_OOB);
      server.recv(s, room(4), 0, 4, MSG_OOB);
      ready(server, s);
      server.read(s, room(20));
      server.ioctl(s, SIOCATMARK);
      server.ioctl(s, FIONREAD);
      ready(server, s);
      server.read(s, room(20));
      server.ioctl(s, SIOCATMARK);
      server.read(s, room(20));
    },
  },
  {
    name: 'an urgent byte that nobody read out of band is passed over in the stream',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.write(c, bytes('ab'));
      client.send(c, bytes('U'), 0, 1, MSG_OOB);
      client.write(c, bytes('cd'));
      server.read(s, room(20));
      server.ioctl(s, SIOCATMARK);
      server.read(s, room(20));
      server.recv(s, room(1), 0, 1, MSG_OOB);
      ready(server, s);
    },
  },
  {
    name: 'SO_OOBINLINE leaves it in the stream, and reading stops before it',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      server.setsockopt(s, SOL_SOCKET, SO_OOBINLINE, 1);
      client.write(c, bytes('ab'));
      client.send(c, bytes('cU'), 0, 2, MSG_OOB);
      client.write(c, bytes('de'));
      ready(server, s);
      server.recv(s, room(1), 0, 1, MSG_OOB);
      server.ioctl(s, FIONREAD);
      server.read(s, room(20));
      server.ioctl(s, SIOCATMARK);
      ready(server, s);
      server.read(s, room(20));
      server.ioctl(s, SIOCATMARK);
      ready(server, s);
    },
  },
  {
    name: 'a second urgent byte makes the first an ordinary one',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.send(c, bytes('aU'), 0, 2, MSG_OOB);
      client.send(c, bytes('bV'), 0, 2, MSG_OOB);
      server.recv(s, room(1), 0, 1, MSG_OOB);
      server.read(s, room(20));
      server.read(s, room(20));
    },
  },
  {
    name: 'MSG_OOB at ends that are closed',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      client.send(c, bytes('U'), 0, 1, MSG_OOB);
      client.close(c);
      ready(server, s);
      server.recv(s, room(1), 0, 1, MSG_OOB);
      server.recv(s, room(1), 0, 1, MSG_OOB);
      server.read(s, room(20));
      server.recv(s, room(1), 0, 1, MSG_OOB);
      server.send(s, bytes('x'), 0, 1, MSG_OOB);
      server.send(s, bytes('x'), 0, 1, MSG_OOB);
    },
  },
];
