/** Every option that there is a name for: what it is before anyone sets it, what may be set, and what is inherited. */

import {
  AF_INET,
  AF_INET6,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_PKTOPTIONS,
  IP_RECVERR,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MTU,
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDTIMEO,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
} from '@tcpstack/sockets/constants';
import type { OptionValue } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, room, SERVER, SERVER6, type Trial } from '../trial.ts';
import { LEVELS, OPTIONS } from '../words.ts';
import { connected, connected6, NOT_OPEN, ready } from './common.ts';

const NUMBERS: readonly number[] = [
  ...[0, 1, 2, 3, 5, 6, 16, 87, 88, 127, 128, 254, 255, 256, 1000, 5000, 32_767, 32_768, 65_536],
  ...[2_000_000, 0x7fff_ffff, -1, -2, -0x8000_0000],
];
/** Beyond these a machine's own limits show. */
const SIZES: readonly number[] = [0, 1000, 5000, 65_536, 100_000];
const LINGERS: readonly OptionValue[] = [
  { onoff: 1, linger: 5 },
  { onoff: 0, linger: 7 },
  { onoff: 2, linger: 0 },
  { onoff: 1, linger: 100_000 },
];
const TIMES: readonly OptionValue[] = [
  { sec: 1, usec: 500_000 },
  { sec: 0, usec: 1_000_000 },
  { sec: 0, usec: -1 },
  { sec: -1, usec: 0 },
  { sec: 0, usec: 0 },
];
const CONTROLS: readonly OptionValue[] = ['', 'cubic', 'reno', 'bbr', 'nothing of that name', 'Reno'];
const DEVICES: readonly OptionValue[] = ['', 'lo', 'eth7', 'a name that is longer than any', ''];

/** Values of options that are no plain number. A value of another kind is other bytes there, and refused here. */
const VALUES: ReadonlyMap<number, ReadonlyMap<number, readonly OptionValue[]>> = new Map([
  [
    SOL_SOCKET,
    new Map<number, readonly OptionValue[]>([
      [SO_LINGER, [1, ...LINGERS]],
      [SO_RCVTIMEO, [1, LINGERS[0] as OptionValue, ...TIMES]],
      [SO_SNDTIMEO, [1, LINGERS[0] as OptionValue, ...TIMES]],
      [SO_BINDTODEVICE, DEVICES],
      [SO_SNDBUF, SIZES],
      [SO_RCVBUF, SIZES],
      [SO_SNDBUFFORCE, SIZES],
      [SO_RCVBUFFORCE, SIZES],
      [SO_RCVLOWAT, SIZES],
    ]),
  ],
  [IPPROTO_TCP, new Map([[TCP_CONGESTION, CONTROLS]])],
  [IPPROTO_IPV6, new Map<number, readonly OptionValue[]>([[IPV6_MTU, [0, 1000, 1280, 1400]]])],
]);

/** A value that most options take, and that none has by itself. */
const OTHER = 9;

/** Records that are no number, and what is asked in another way. */
function isAlone(level: number, name: number): boolean {
  return (level === IPPROTO_TCP && name === TCP_INFO) || (level === IPPROTO_IP && name === IP_PKTOPTIONS);
}

function valuesFor(level: number, name: number): readonly OptionValue[] {
  return VALUES.get(level)?.get(name) ?? NUMBERS;
}

/** Options of IPv6 are asked of sockets that speak it. */
function domainOf(level: number): number {
  return level === IPPROTO_IPV6 ? AF_INET6 : AF_INET;
}

function ranges({ server }: Trial, level: number, name: number): void {
  const fd = server.socket(domainOf(level));
  server.getsockopt(fd, level, name);
  for (const value of valuesFor(level, name)) {
    server.setsockopt(fd, level, name, value);
    server.getsockopt(fd, level, name);
  }
}

function othersFor(level: number, name: number): [OptionValue, OptionValue] {
  const values = VALUES.get(level)?.get(name);
  return values === undefined ? [OTHER, OTHER + 1] : [values[2] as OptionValue, values[1] as OptionValue];
}

function inherited({ server, client, arrange }: Trial, level: number, name: number): void {
  const [other, more] = othersFor(level, name);
  const address = level === IPPROTO_IPV6 ? SERVER6 : SERVER;
  const l = arrange(() => server.socket(domainOf(level)));
  server.setsockopt(l, level, name, other);
  server.bind(l, address, 80);
  server.listen(l, 5);
  server.getsockopt(l, level, name);
  server.setsockopt(l, level, name, more);
  server.getsockopt(l, level, name);
  const c = arrange(() => client.socket(domainOf(level)));
  client.setsockopt(c, level, name, other);
  client.connect(c, address, 80);
  const s = server.accept(l);
  server.getsockopt(s, level, name);
  client.getsockopt(c, level, name);
  client.setsockopt(c, level, name, more);
  client.getsockopt(c, level, name);
}

function plainConnection(trial: Trial, level: number, name: number): void {
  const { server, client } = trial;
  const { l, s, c } = level === IPPROTO_IPV6 ? connected6(trial) : connected(trial);
  server.getsockopt(l, level, name);
  server.getsockopt(s, level, name);
  client.getsockopt(c, level, name);
}

const everyOption = [...OPTIONS].flatMap(([level, names]) =>
  [...names].map(([number, name]) => ({ level, number, title: `${LEVELS.get(level)} ${name}` })),
);

export const optionCases: readonly Case[] = [
  ...everyOption
    .filter(({ level, number }) => !isAlone(level, number))
    .flatMap(({ level, number, title }) => [
      { name: `${title}: default, ranges and errors`, run: (trial: Trial) => ranges(trial, level, number) },
      { name: `${title}: of connections`, run: (trial: Trial) => plainConnection(trial, level, number) },
      {
        name: `${title}: set of a listener and its connections`,
        run: (trial: Trial) => inherited(trial, level, number),
      },
    ]),
  {
    name: 'levels and options that there are not, and descriptors that are none',
    run({ server }) {
      const fd = server.socket();
      for (const [level, name] of [
        [SOL_SOCKET, 9999],
        [IPPROTO_IP, 9999],
        [IPPROTO_TCP, 9999],
        [4711, 1],
        [-1, 1],
        [17, 1],
      ] as const) {
        server.getsockopt(fd, level, name);
        server.setsockopt(fd, level, name, 1);
      }
      server.getsockopt(NOT_OPEN, SOL_SOCKET, SO_KEEPALIVE);
      server.setsockopt(NOT_OPEN, SOL_SOCKET, SO_KEEPALIVE, 1);
      const ep = server.epoll_create1(0);
      server.getsockopt(ep, SOL_SOCKET, SO_KEEPALIVE);
      server.setsockopt(ep, SOL_SOCKET, SO_KEEPALIVE, 1);
      server.getsockopt(fd, IPPROTO_IP, IP_MTU);
    },
  },
  {
    name: 'options of IPv6 of a socket that does not speak it, and options of IPv4 of one that does',
    run({ server }) {
      const v4 = server.socket(AF_INET);
      for (const name of OPTIONS.get(IPPROTO_IPV6)?.keys() ?? []) {
        server.getsockopt(v4, IPPROTO_IPV6, name);
        server.setsockopt(v4, IPPROTO_IPV6, name, 1);
      }
      const v6 = server.socket(AF_INET6);
      for (const name of [IP_TOS, IP_TTL, IP_MTU_DISCOVER, IP_RECVERR, 9999]) {
        server.getsockopt(v6, IPPROTO_IP, name);
        server.setsockopt(v6, IPPROTO_IP, name, 1);
        server.getsockopt(v6, IPPROTO_IP, name);
      }
      server.getsockopt(v6, IPPROTO_IPV6, 9999);
      server.setsockopt(v6, IPPROTO_IPV6, 9999, 1);
      server.getsockopt(v6, 4711, 1);
    },
  },
  {
    name: 'IP_PKTOPTIONS and TCP_INFO can only be read',
    run(trial) {
      const { server } = trial;
      const { s } = connected(trial);
      for (const fd of [s, server.socket()]) {
        server.getsockopt(fd, IPPROTO_IP, IP_PKTOPTIONS);
        server.setsockopt(fd, IPPROTO_IP, IP_PKTOPTIONS, 1);
        server.setsockopt(fd, IPPROTO_TCP, TCP_INFO, 1);
      }
    },
  },
  {
    name: 'SO_RCVLOWAT: poll() waits for so many bytes, read() does not, and the end counts at once',
    run(trial) {
      const { server, client } = trial;
      const { s, c } = connected(trial);
      server.setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, 10);
      client.write(c, bytes('123456789'));
      ready(server, s);
      client.write(c, bytes('0'));
      ready(server, s);
      server.read(s, room(5));
      ready(server, s);
      server.read(s, room(50));
      client.write(c, bytes('12'));
      ready(server, s);
      server.setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, 1);
      ready(server, s);
      server.setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, 10);
      ready(server, s);
      client.close(c);
      ready(server, s);
    },
  },
];
