/** The accept queue: how many wait, and what happens to the rest. */

import { IPPROTO_TCP, SO_ACCEPTCONN, SO_REUSEPORT, SOL_SOCKET, TCP_DEFER_ACCEPT } from '@tcpstack/sockets/constants';
import { bytes, type Case, room, SERVER } from '../trial.ts';
import { listening, ready } from './common.ts';

/** How many of `many` connections are there to be accepted. */
function overflow(backlog: number, many: number): Case {
  return {
    name: `a backlog of ${backlog}: what ${many} clients and accept() see`,
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial, backlog);
      const cs = Array.from({ length: many }, () => trial.arrange(() => client.socket()));
      for (const c of cs) client.connect(c, SERVER, 80);
      for (const c of cs) ready(client, c);
      for (let i = 0; i < many; i++) server.accept(l);
    },
  };
}

export const queueCases: readonly Case[] = [
  overflow(0, 4),
  overflow(1, 5),
  overflow(3, 7),
  {
    name: 'a connection that found the queue full gets in once there is room, within its retransmissions',
    run(trial) {
      const { server, client, pass } = trial;
      const l = listening(trial, 0);
      const cs = [0, 1].map(() => trial.arrange(() => client.socket()));
      for (const c of cs) client.connect(c, SERVER, 80);
      server.accept(l);
      pass(1500);
      ready(server, l);
      const s = server.accept(l);
      if (s >= 0) server.write(s, bytes('in'));
      for (const c of cs) client.read(c, room(4));
    },
  },
  {
    name: 'tcp_abort_on_overflow resets who does not fit',
    needs: { linux: { 'ipv4.tcp_abort_on_overflow': 1 }, ours: { abortOnOverflow: true } },
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial, 0);
      const cs = [0, 1, 2].map(() => trial.arrange(() => client.socket()));
      for (const c of cs) client.connect(c, SERVER, 80);
      for (const c of cs) ready(client, c);
      server.accept(l);
      server.accept(l);
    },
  },
  {
    name: 'a smaller backlog later keeps who waits already',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial, 3);
      for (let i = 0; i < 3; i++) client.connect(client.socket(), SERVER, 80);
      server.listen(l, 0);
      client.connect(client.socket(), SERVER, 80);
      for (let i = 0; i < 5; i++) server.accept(l);
      server.getsockopt(l, SOL_SOCKET, SO_ACCEPTCONN);
    },
  },
  {
    name: 'TCP_DEFER_ACCEPT: accept() waits for data',
    run(trial) {
      const { server, client } = trial;
      const l = listening(trial);
      server.setsockopt(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5);
      const c = client.socket();
      client.connect(c, SERVER, 80);
      ready(client, c);
      ready(server, l);
      server.accept(l);
      client.write(c, bytes('now'));
      ready(server, l);
      const s = server.accept(l);
      server.read(s, room(10));
    },
  },
  {
    name: 'two listeners with SO_REUSEPORT: what one does not accept is lost with it, the other lives on',
    run(trial) {
      const { server, client, quietly, note } = trial;
      const ls = [0, 1].map(() =>
        trial.arrange(() => {
          const l = server.socket();
          server.setsockopt(l, SOL_SOCKET, SO_REUSEPORT, 1);
          server.bind(l, SERVER, 80);
          server.listen(l, 64);
          return l;
        }),
      );
      const counts = quietly(() => {
        for (let i = 0; i < 40; i++) client.connect(client.socket(), SERVER, 80);
        return ls.map((l) => {
          let count = 0;
          while (server.accept(l) >= 0) count++;
          return count;
        });
      });
      note(`all: ${(counts[0] ?? 0) + (counts[1] ?? 0)}, both had some: ${counts.every((count) => count > 0)}`);
      server.close(ls[0] as number);
      client.connect(client.socket(), SERVER, 80);
      server.accept(ls[1] as number);
    },
  },
];
