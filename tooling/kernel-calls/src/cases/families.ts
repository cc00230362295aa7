/** IPv4 and IPv6 side by side: what speaks to what, and how it is named. */

import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_DOMAIN,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { errnoName } from '@tcpstack/sockets/errno';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, CLIENT6, NOBODY6, room, SERVER, SERVER6, type Trial } from '../trial.ts';
import { connected6, ready } from './common.ts';

const KINDS = ['IPv4', 'dual', 'IPv6 only'] as const;
type Kind = (typeof KINDS)[number];
const ADDRESSES: Readonly<Record<Kind, readonly string[]>> = {
  IPv4: ['0.0.0.0', SERVER],
  dual: ['::', SERVER6, `::ffff:${SERVER}`],
  'IPv6 only': ['::', SERVER6],
};

function open(sys: Syscalls, kind: Kind): number {
  const fd = sys.socket(kind === 'IPv4' ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  if (kind === 'IPv6 only') sys.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return fd;
}

const word = (result: number): string => (result < 0 ? errnoName(result) : 'ok');

/** Every pair of names on one port: one line each. */
function pairs({ server, quietly, note }: Trial, first: Kind, options: readonly number[], listens: boolean): void {
  for (const a of ADDRESSES[first]) {
    for (const second of KINDS) {
      for (const b of ADDRESSES[second]) {
        const result = quietly(() => {
          const [one, two] = [open(server, first), open(server, second)];
          for (const fd of [one, two]) for (const name of options) server.setsockopt(fd, SOL_SOCKET, name, 1);
          server.bind(one, a, 80);
          if (listens) server.listen(one, 5);
          const bound = server.bind(two, b, 80);
          const told = bound < 0 ? word(bound) : `ok, listen() ${word(server.listen(two, 5))}`;
          server.close(one);
          server.close(two);
          return told;
        });
        note(`beside ${first} ${a}, bind() of ${second} to ${b} = ${result}`);
      }
    }
  }
}

function matrix(title: string, options: readonly number[], listens: boolean): Case[] {
  return KINDS.map((first) => ({
    name: `names of both families, ${title}: beside ${first}`,
    run: (trial: Trial) => pairs(trial, first, options, listens),
  }));
}

export const familyCases: readonly Case[] = [
  {
    name: 'a connection over IPv6, from its beginning to its end',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected6(trial);
      server.getsockname(s);
      server.getpeername(s);
      client.getsockname(c);
      client.getpeername(c);
      client.write(c, bytes('six'));
      server.read(s, room(10));
      server.getsockopt(s, SOL_SOCKET, SO_DOMAIN);
      client.close(c);
      ready(server, s);
      server.read(s, room(10));
      server.write(s, bytes('x'));
      server.write(s, bytes('x'));
      ready(server, s);
    },
  },
  {
    name: 'a listener for both families takes IPv4, and names it as mapped',
    run({ server, client }) {
      const l = server.socket(AF_INET6);
      server.getsockname(l);
      server.bind(l, '::', 80);
      server.getsockname(l);
      server.listen(l, 5);
      const c = client.socket(AF_INET);
      client.connect(c, SERVER, 80);
      const s = server.accept(l);
      server.getsockname(s);
      server.getpeername(s);
      server.getsockopt(s, SOL_SOCKET, SO_DOMAIN);
      const d = client.socket(AF_INET6);
      client.connect(d, `::ffff:${SERVER}`, 80);
      client.getsockname(d);
      client.getpeername(d);
      server.getpeername(server.accept(l));
      client.write(d, bytes('mapped'));
    },
  },
  {
    name: 'IPV6_V6ONLY: IPv4 is refused, in both directions',
    run({ server, client }) {
      const l = server.socket(AF_INET6);
      server.setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, 1);
      server.bind(l, '::', 80);
      server.setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, 0);
      server.listen(l, 5);
      const c = client.socket(AF_INET);
      client.connect(c, SERVER, 80);
      client.connect(c, SERVER, 80);
      const d = client.socket(AF_INET6);
      client.setsockopt(d, IPPROTO_IPV6, IPV6_V6ONLY, 1);
      client.connect(d, `::ffff:${SERVER}`, 80);
      client.bind(d, '::ffff:10.0.0.2', 5000);
      client.connect(d, SERVER6, 80);
      server.getpeername(server.accept(l));
    },
  },
  {
    name: 'addresses of the wrong family, of nobody, and of nowhere',
    run({ server, client }) {
      const v4 = client.socket(AF_INET);
      const v6 = client.socket(AF_INET6);
      client.bind(v4, CLIENT6, 80);
      client.bind(v6, '10.0.0.2', 80);
      client.bind(v6, NOBODY6, 80);
      client.bind(v6, '2001:db8::1', 80);
      client.bind(v6, 'ff02::1', 80);
      client.bind(v6, '::ffff:10.0.0.99', 80);
      client.connect(v4, SERVER6, 80);
      client.connect(v6, '2001:db8::1', 80);
      client.connect(v6, 'ff02::1', 80);
      client.connect(v6, 'fe80::1', 80);
      client.connect(v6, SERVER6, 80);
      client.connect(v6, SERVER6, 80);
      server.connect(server.socket(AF_INET6), '::1', 80);
    },
  },
  {
    name: 'a host connects to itself over IPv6',
    run({ server }) {
      const l = server.socket(AF_INET6);
      server.bind(l, '::', 80);
      server.listen(l, 5);
      for (const address of ['::1', SERVER6, '::', `::ffff:${SERVER}`, '::ffff:127.0.0.1']) {
        const c = server.socket(AF_INET6);
        server.connect(c, address, 80);
        const s = server.accept(l);
        if (s < 0) continue;
        server.getpeername(s);
        server.getsockname(s);
        server.write(c, bytes('own'));
        server.read(s, room(10));
      }
    },
  },
  ...matrix('bound', [], false),
  ...matrix('the first listens', [], true),
  ...matrix('with SO_REUSEADDR', [SO_REUSEADDR], false),
  ...matrix('with SO_REUSEADDR, the first listens', [SO_REUSEADDR], true),
  ...matrix('with SO_REUSEPORT, the first listens', [SO_REUSEPORT], true),
];
