/** Names of datagram sockets: who may bind beside whom, and what connect() fixes. */

import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_V6ONLY,
  SO_PROTOCOL,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { errnoName } from '@tcpstack/sockets/errno';
import { bytes, type Case, CLIENT, NOBODY, SERVER, SERVER6, type Trial } from '../trial.ts';
import { both, boundDatagrams, type Family, hear, mapped, say } from './datagram-common.ts';

const REUSE = ['nothing', 'SO_REUSEADDR', 'SO_REUSEPORT', 'both'] as const;

/** A first socket that is bound, and what becomes of a second one: one line for each pair. */
function pairs({ server, quietly, note }: Trial, first: (typeof REUSE)[number], family: Family): void {
  const open = (reuse: (typeof REUSE)[number]): number => {
    const fd = server.socket(family.domain, SOCK_DGRAM);
    if (reuse === 'SO_REUSEADDR' || reuse === 'both') server.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (reuse === 'SO_REUSEPORT' || reuse === 'both') server.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    return fd;
  };
  for (const a of [family.any, family.server]) {
    for (const b of [family.any, family.server]) {
      for (const second of REUSE) {
        const result = quietly(() => {
          const [one, two] = [open(first), open(second)];
          server.bind(one, a, 80);
          const bound = server.bind(two, b, 80);
          server.close(one);
          server.close(two);
          return bound;
        });
        note(`beside ${a} with ${first}, bind() to ${b} with ${second} = ${result < 0 ? errnoName(result) : 'ok'}`);
      }
    }
  }
}

export const datagramNameCases: readonly Case[] = [
  ...both('socket() for datagrams', ({ server }, { domain }) => {
    server.socket(domain, SOCK_DGRAM);
    server.socket(domain, SOCK_DGRAM, IPPROTO_UDP);
    server.socket(domain, SOCK_DGRAM, IPPROTO_TCP);
    server.getsockopt(3, SOL_SOCKET, SO_TYPE);
    server.getsockopt(3, SOL_SOCKET, SO_PROTOCOL);
    server.getsockname(3);
    server.getpeername(3);
  }),
  ...REUSE.flatMap((first) =>
    both(`bind() beside a datagram socket with ${first}`, (trial, family) => pairs(trial, first, family)),
  ),
  ...both('bind() of datagram sockets: twice, to others, beside streams', ({ server }, { domain, any, ...of }) => {
    const d = server.socket(domain, SOCK_DGRAM);
    server.bind(d, of.nobody, 80);
    server.bind(d, of.server, 80);
    server.bind(d, of.server, 81);
    server.getsockname(d);
    server.bind(server.socket(domain), any, 80);
    const e = server.socket(domain, SOCK_DGRAM);
    server.connect(e, of.client, 9);
    server.bind(e, any, 90);
    server.getsockname(server.socket(domain, SOCK_DGRAM));
  }),
  {
    name: 'bind() of datagram sockets of both families to one port',
    run({ server }) {
      const [a, b, c] = [AF_INET6, AF_INET, AF_INET6].map((domain) => server.socket(domain, SOCK_DGRAM)) as [
        number,
        number,
        number,
      ];
      server.bind(a, '::', 80);
      server.bind(b, '0.0.0.0', 80);
      server.bind(b, SERVER, 80);
      server.setsockopt(c, IPPROTO_IPV6, IPV6_V6ONLY, 1);
      server.bind(c, '::', 81);
      server.bind(b, '0.0.0.0', 81);
      server.bind(server.socket(AF_INET6, SOCK_DGRAM), mapped(SERVER), 81);
      const d = server.socket(AF_INET6, SOCK_DGRAM);
      server.bind(d, mapped(SERVER), 82);
      server.getsockname(d);
      server.bind(server.socket(AF_INET6, SOCK_DGRAM), '::', 82);
    },
  },
  ...both('connect() names the peer, anew and not at all', ({ server, client }, { domain, ...of }) => {
    const c = client.socket(domain, SOCK_DGRAM);
    client.connect(c, of.server, 80);
    client.getsockname(c);
    client.getpeername(c);
    client.connect(c, of.server, 81);
    client.getpeername(c);
    client.getsockname(c);
    client.connect(c, of.server, 0);
    client.getpeername(c);
    client.write(c, bytes('x'));
    client.connect(c, { family: AF_UNSPEC, address: '', port: 0 });
    client.getpeername(c);
    client.getsockname(c);
    client.connect(c, { family: AF_UNSPEC, address: '', port: 0 });
    client.write(c, bytes('x'));
    client.connect(c, of.any, 80);
    client.getpeername(c);
    client.getsockname(c);
    server.connect(server.socket(domain, SOCK_DGRAM), of.unrouted, 80);
  }),
  ...both('AF_UNSPEC leaves what bind() chose', ({ client }, { domain, ...of }) => {
    for (const [address, port] of [
      [of.any, 70],
      [of.client, 71],
      [of.client, 0],
    ] as const) {
      const c = client.socket(domain, SOCK_DGRAM);
      client.bind(c, address, port);
      client.connect(c, of.server, 80);
      client.getsockname(c);
      client.connect(c, { family: AF_UNSPEC, address: '', port: 0 });
      client.getsockname(c);
    }
  }),
  ...both('a connected socket does not hear strangers; the more exact one hears', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    const d = client.socket(family.domain, SOCK_DGRAM);
    client.bind(c, family.any, 90);
    client.bind(d, family.any, 91);
    server.connect(s, family.client, 90);
    say(client, d, 'stranger', family.server);
    say(client, c, 'peer', family.server);
    hear(server, s);
    hear(server, s);
    say(server, s, 'to another', family.client, 91);
    hear(client, d);
    server.write(s, bytes('to the peer'));
    hear(client, c);
  }),
  {
    name: 'mapped addresses: datagrams of IPv4 on a socket of IPv6',
    run({ server, client }) {
      const s = server.socket(AF_INET6, SOCK_DGRAM);
      server.bind(s, '::', 80);
      const c = client.socket(AF_INET, SOCK_DGRAM);
      client.bind(c, '0.0.0.0', 90);
      say(client, c, 'four', SERVER);
      hear(server, s);
      say(server, s, 'mapped', mapped(CLIENT), 90);
      hear(client, c);
      server.connect(s, mapped(CLIENT), 90);
      server.getsockname(s);
      server.getpeername(s);
      server.write(s, bytes('connected'));
      hear(client, c);
      say(server, s, 'plain', CLIENT, 90);
      const only = server.socket(AF_INET6, SOCK_DGRAM);
      server.setsockopt(only, IPPROTO_IPV6, IPV6_V6ONLY, 1);
      say(server, only, 'x', mapped(CLIENT), 90);
      server.connect(only, mapped(CLIENT), 90);
      say(client, c, 'six', SERVER6);
      client.connect(c, SERVER6, 80);
      say(client, c, 'nobody', NOBODY);
    },
  },
];
