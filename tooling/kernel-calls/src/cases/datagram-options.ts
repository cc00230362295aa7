/** Every option that there is a name for, on a datagram socket. */

import {
  AF_INET,
  AF_INET6,
  IP_MTU,
  IP_PKTOPTIONS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MTU,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_LINGER,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDTIMEO,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { type Case, CLIENT, type Trial } from '../trial.ts';
import { LEVELS, OPTIONS } from '../words.ts';
import { both, say } from './datagram-common.ts';

const VALUES = [0, 1, 2, 5, 9, 255, 256, 65_536, -1, -2];

/** Values of these are records or texts, or sizes that a machine has limits for. */
const OTHERS: readonly number[] = [
  ...[SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO, SO_BINDTODEVICE, SO_RCVLOWAT],
  ...[SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE],
];

function ranges({ server }: Trial, level: number, name: number): void {
  const fd = server.socket(level === IPPROTO_IPV6 ? AF_INET6 : AF_INET, SOCK_DGRAM);
  server.getsockopt(fd, level, name);
  for (const value of VALUES) {
    server.setsockopt(fd, level, name, value);
    server.getsockopt(fd, level, name);
  }
}

function isNumber(level: number, name: number): boolean {
  return level === SOL_SOCKET ? !OTHERS.includes(name) : !(level === IPPROTO_IP && name === IP_PKTOPTIONS);
}

export const datagramOptionCases: readonly Case[] = [
  ...[...OPTIONS]
    .filter(([level]) => level !== IPPROTO_TCP)
    .flatMap(([level, names]) =>
      [...names]
        .filter(([number]) => isNumber(level, number))
        .map(([number, name]) => ({
          name: `${LEVELS.get(level)} ${name} of a datagram socket`,
          run: (trial: Trial) => ranges(trial, level, number),
        })),
    ),
  ...both('options of TCP, and of levels that there are not, of a datagram socket', ({ server }, { domain }) => {
    const fd = server.socket(domain, SOCK_DGRAM);
    for (const level of [IPPROTO_TCP, 4711, -1]) {
      server.getsockopt(fd, level, 1);
      server.setsockopt(fd, level, 1, 1);
    }
    server.getsockopt(fd, SOL_SOCKET, 9999);
    server.setsockopt(fd, SOL_SOCKET, 9999, 1);
    server.getsockopt(fd, SOL_SOCKET, SO_LINGER);
    server.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    server.getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT);
  }),
  ...both('the MTU of a connected datagram socket', ({ server }, { domain, client }) => {
    const fd = server.socket(domain, SOCK_DGRAM);
    server.connect(fd, client, 90);
    if (domain === AF_INET) server.getsockopt(fd, IPPROTO_IP, IP_MTU);
    else server.getsockopt(fd, IPPROTO_IPV6, IPV6_MTU);
  }),
  {
    name: 'to all on the link only with SO_BROADCAST',
    run({ server }) {
      const fd = server.socket(AF_INET, SOCK_DGRAM);
      say(server, fd, 'x', '10.0.0.255');
      say(server, fd, 'x', '255.255.255.255');
      server.connect(fd, '10.0.0.255', 80);
      server.setsockopt(fd, SOL_SOCKET, SO_BROADCAST, 1);
      say(server, fd, 'x', '10.0.0.255');
      server.connect(fd, '10.0.0.255', 80);
      server.getpeername(fd);
      server.connect(fd, CLIENT, 80);
      const bound = server.socket(AF_INET, SOCK_DGRAM);
      server.bind(bound, '10.0.0.255', 80);
      server.getsockname(bound);
      server.bind(server.socket(AF_INET, SOCK_DGRAM), '224.0.0.5', 80);
    },
  },
];
