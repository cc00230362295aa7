/** bind, listen, accept, connect, getsockname, getpeername. */

import {
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { bytes, type Case, CLIENT, NOBODY, room, SERVER, type Trial } from '../trial.ts';
import { another, connected, listening, NOT_OPEN, ready } from './common.ts';

/** An address of nobody's network. */
const ELSEWHERE = '192.0.2.1';

/** Without SO_REUSEADDR, and with it. */
function takePort80(server: Trial['server']): void {
  const a = server.socket();
  server.bind(a, '0.0.0.0', 80);
  server.setsockopt(a, SOL_SOCKET, SO_REUSEADDR, 1);
  server.bind(a, '0.0.0.0', 80);
  server.listen(a, 5);
}

export const openingCases: readonly Case[] = [
  {
    name: 'one connection is opened, used and closed',
    run({ server, client }) {
      const l = server.socket();
      server.bind(l, '0.0.0.0', 80);
      server.listen(l, 5);
      server.accept(l);
      const c = client.socket();
      client.connect(c, SERVER, 80);
      const s = server.accept(l);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
      client.getsockname(c);
      client.getpeername(c);
      server.getsockname(s);
      server.getpeername(s);
      client.write(c, bytes('hello'));
      server.read(s, room(10));
      client.close(c);
      server.read(s, room(10));
      server.close(s);
    },
  },
  {
    name: 'connect() after the connection came about gives 0 once, then EISCONN',
    run({ server, client, ...trial }) {
      listening({ server, client, ...trial });
      const c = client.socket();
      client.connect(c, SERVER, 80);
      client.connect(c, SERVER, 80);
      client.connect(c, SERVER, 80);
      client.connect(c, NOBODY, 80);
    },
  },
  {
    name: 'bind() refuses addresses that are not ours, and a second name',
    run({ server }) {
      const a = server.socket();
      server.bind(a, NOBODY, 80);
      server.bind(a, ELSEWHERE, 80);
      server.bind(a, 'no address', 80);
      server.getsockname(a);
      server.bind(a, SERVER, 80);
      server.bind(a, SERVER, 80);
      server.bind(a, SERVER, 81);
      server.bind(a, '0.0.0.0', 0);
      server.getsockname(a);
    },
  },
  {
    name: 'bind() to the broadcast address and to a multicast group',
    run({ server }) {
      server.bind(server.socket(), '255.255.255.255', 80);
      server.bind(server.socket(), '224.0.0.1', 80);
      server.bind(server.socket(), '10.0.0.255', 80);
      server.bind(server.socket(), '240.0.0.1', 80);
    },
  },
  {
    name: 'bind() to port 0 picks a port of the range, which is then taken',
    run({ server, quietly, note }) {
      const a = server.socket();
      server.bind(a, '0.0.0.0', 0);
      server.getsockname(a);
      const name = quietly(() => server.getsockname(a));
      if (typeof name === 'number') return;
      note(`in the range: ${name.port >= 32768 && name.port <= 60999}`);
      const result = quietly(() => server.bind(server.socket(), SERVER, name.port));
      note(`the same port again: ${result}`);
    },
  },
  {
    name: 'a port that another socket has is in use',
    run({ server }) {
      server.bind(server.socket(), SERVER, 80);
      server.bind(server.socket(), SERVER, 80);
      server.bind(server.socket(), '0.0.0.0', 80);
      server.bind(server.socket(), SERVER, 81);
      server.close(3);
      server.bind(server.socket(), SERVER, 80);
    },
  },
  {
    name: 'listen() on a socket without a name picks a port, and may be called again',
    run({ server }) {
      const a = server.socket();
      server.listen(a, 5);
      server.getsockname(a);
      server.listen(a, 0);
      server.listen(a, -1);
      server.listen(a, 1_000_000);
    },
  },
  {
    name: 'listen() on a connection, and on one that opens or ended',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      server.listen(s, 5);
      client.listen(c, 5);
      const opening = client.socket();
      client.connect(opening, NOBODY, 80);
      client.listen(opening, 5);
      server.close(s);
      client.read(c, room(1));
      client.listen(c, 5);
    },
  },
  {
    name: 'accept() where there is nothing to accept',
    run(trial) {
      const { server } = trial;
      const { s } = connected(trial);
      server.accept(3);
      server.accept(s);
      server.accept(server.socket());
      server.accept(NOT_OPEN);
      server.accept4(3, 1);
      server.accept4(3, SOCK_NONBLOCK | SOCK_CLOEXEC);
      server.accept4(NOT_OPEN, 1);
    },
  },
  {
    name: 'accept() gives connections in the order in which they were finished',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      for (let i = 0; i < 3; i++) client.connect(client.socket(), SERVER, 80);
      for (let i = 0; i < 4; i++) {
        const s = server.accept(l);
        if (s >= 0) server.getpeername(s);
      }
    },
  },
  {
    name: 'a connection that its peer reset before accept()',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      const c = client.socket();
      client.connect(c, SERVER, 80);
      client.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
      client.close(c);
      ready(server, l);
      const s = server.accept(l);
      if (s < 0) return;
      server.getpeername(s);
      server.read(s, room(10));
    },
  },
  {
    name: 'a connection that its peer used and closed before accept()',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      const c = client.socket();
      client.connect(c, SERVER, 80);
      client.write(c, bytes('early'));
      client.close(c);
      ready(server, l);
      const s = server.accept(l);
      ready(server, s);
      server.read(s, room(10));
      server.read(s, room(10));
    },
  },
  {
    name: 'a refused connection: POLLERR, SO_ERROR once, and the socket can be used again',
    run({ server, client, ...trial }) {
      const c = client.socket();
      client.connect(c, SERVER, 80);
      ready(client, c);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
      ready(client, c);
      client.getsockname(c);
      client.getpeername(c);
      listening({ server, client, ...trial });
      client.connect(c, SERVER, 80);
      client.connect(c, SERVER, 80);
      ready(client, c);
    },
  },
  {
    name: 'a refused connection: the next connect() tells why, and the one after begins anew',
    run({ client }) {
      const c = client.socket();
      client.connect(c, SERVER, 80);
      client.connect(c, SERVER, 80);
      client.connect(c, SERVER, 80);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
      client.connect(c, SERVER, 80);
    },
  },
  {
    name: 'a refused connection: read() and write() tell why once',
    run({ client }) {
      const [a, b] = [client.socket(), client.socket()];
      client.connect(a, SERVER, 80);
      client.read(a, room(1));
      client.read(a, room(1));
      client.write(a, bytes('x'));
      client.connect(b, SERVER, 80);
      client.write(b, bytes('x'));
      client.write(b, bytes('x'));
      client.read(b, room(1));
    },
  },
  {
    name: 'a connection that opens: EALREADY, and the calls that want it open',
    run({ client }) {
      const c = client.socket();
      client.connect(c, NOBODY, 80);
      client.connect(c, NOBODY, 80);
      client.connect(c, SERVER, 81);
      ready(client, c);
      client.read(c, room(1));
      client.write(c, bytes('x'));
      client.getpeername(c);
      client.getsockname(c);
      client.bind(c, '0.0.0.0', 5000);
      client.accept(c);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    },
  },
  {
    name: 'shutdown() ends what is opening',
    run({ client }) {
      for (const how of [0, 1, 2]) {
        const c = client.socket();
        client.connect(c, NOBODY, 80);
        client.shutdown(c, how);
        ready(client, c);
        client.getsockopt(c, SOL_SOCKET, SO_ERROR);
        client.read(c, room(1));
        client.write(c, bytes('x'));
        client.connect(c, NOBODY, 80);
      }
    },
  },
  {
    name: 'connect() keeps the name that bind() gave',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      const c = client.socket();
      client.bind(c, CLIENT, 5000);
      client.connect(c, SERVER, 80);
      server.getpeername(server.accept(l));
      client.getsockname(c);
      client.bind(c, CLIENT, 5001);
      const d = client.socket();
      client.bind(d, '0.0.0.0', 5001);
      client.connect(d, SERVER, 80);
      client.getsockname(d);
    },
  },
  {
    name: 'connect() on a listener, to the any address, to port 0, to broadcast and multicast',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      server.connect(l, CLIENT, 80);
      client.connect(client.socket(), SERVER, 0);
      client.connect(client.socket(), '255.255.255.255', 80);
      client.connect(client.socket(), '10.0.0.255', 80);
      client.connect(client.socket(), '224.0.0.1', 80);
      client.connect(client.socket(), 'no address', 80);
    },
  },
  {
    name: 'connect() where no route leads',
    run({ client }) {
      const c = client.socket();
      client.connect(c, ELSEWHERE, 80);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
      ready(client, c);
      client.getsockname(c);
      client.connect(c, SERVER, 80);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    },
  },
  {
    name: 'a host connects to itself',
    run(trial) {
      const { server } = trial;
      const l = listening(trial);
      const c = server.socket();
      server.connect(c, SERVER, 80);
      const s = server.accept(l);
      server.getsockname(c);
      server.write(c, bytes('own'));
      server.read(s, room(10));
      const d = server.socket();
      server.connect(d, '127.0.0.1', 80);
      server.getpeername(server.accept(l));
      server.connect(server.socket(), '0.0.0.0', 80);
      server.getpeername(server.accept(l));
    },
  },
  {
    name: 'a port that a connection in TIME-WAIT had, with and without SO_REUSEADDR',
    run(trial) {
      const { server, client } = trial;
      const { l, s, c } = connected(trial);
      server.close(s);
      client.close(c);
      server.close(l);
      takePort80(server);
    },
  },
  {
    name: 'a port of connections that are open, with and without SO_REUSEADDR',
    run(trial) {
      const { server } = trial;
      const { l } = connected(trial);
      server.close(l);
      takePort80(server);
    },
  },
  {
    name: 'a listener that closes: its port is free, and what nobody accepted is reset',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      const c = client.socket();
      client.connect(c, SERVER, 80);
      client.write(c, bytes('x'));
      server.close(l);
      ready(client, c);
      client.read(c, room(1));
      client.read(c, room(1));
      const next = listening(trial);
      another(trial, next);
    },
  },
];
