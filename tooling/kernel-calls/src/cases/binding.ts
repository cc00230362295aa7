/** Who may bind beside whom. */

import { SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET } from '@tcpstack/sockets/constants';
import { errnoName } from '@tcpstack/sockets/errno';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { type Case, SERVER, type Trial } from '../trial.ts';

const ADDRESSES = ['0.0.0.0', SERVER] as const;
const REUSE = ['nothing', 'SO_REUSEADDR', 'SO_REUSEPORT', 'both'] as const;

type Reuse = (typeof REUSE)[number];

function open(sys: Syscalls, reuse: Reuse): number {
  const fd = sys.socket();
  if (reuse === 'SO_REUSEADDR' || reuse === 'both') sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (reuse === 'SO_REUSEPORT' || reuse === 'both') sys.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  return fd;
}

const word = (result: number): string => (result < 0 ? errnoName(result) : 'ok');

/** A first socket, bound or listening, and what becomes of a second one: one line for each pair. */
function pairs({ server, quietly, note }: Trial, listens: boolean, first: Reuse): void {
  for (const a of ADDRESSES) {
    for (const b of ADDRESSES) {
      for (const second of REUSE) {
        const result = quietly(() => {
          const one = open(server, first);
          server.bind(one, a, 80);
          if (listens) server.listen(one, 5);
          const two = open(server, second);
          const bound = server.bind(two, b, 80);
          const told = bound < 0 ? word(bound) : `ok, listen() ${word(server.listen(two, 5))}`;
          const both = listens ? '' : `, the first's ${word(server.listen(one, 5))}`;
          server.close(one);
          server.close(two);
          return told + both;
        });
        note(`beside ${a} with ${first}, bind() to ${b} with ${second} = ${result}`);
      }
    }
  }
}

export const bindingCases: readonly Case[] = [
  ...REUSE.map((first) => ({
    name: `bind() beside a socket with ${first} that is bound`,
    run: (trial: Trial) => pairs(trial, false, first),
  })),
  ...REUSE.map((first) => ({
    name: `bind() beside a socket with ${first} that listens`,
    run: (trial: Trial) => pairs(trial, true, first),
  })),
  {
    name: 'SO_REUSEADDR that comes after bind()',
    run({ server }) {
      const [a, b] = [server.socket(), server.socket()];
      server.bind(a, SERVER, 80);
      server.setsockopt(a, SOL_SOCKET, SO_REUSEADDR, 1);
      server.setsockopt(b, SOL_SOCKET, SO_REUSEADDR, 1);
      server.bind(b, SERVER, 80);
      server.listen(a, 5);
      server.listen(b, 5);
    },
  },
];
