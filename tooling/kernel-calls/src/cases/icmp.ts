/** ICMP errors about segments, and how a stream's user is told. */

import {
  AF_INET,
  AF_INET6,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  SO_ERROR,
  SOL_SOCKET,
  TCP_QUICKACK,
  TCP_USER_TIMEOUT,
} from '@tcpstack/sockets/constants';
import type { IcmpError } from '../icmp-words.ts';
import { bytes, type Case, NOBODY, NOBODY6, room, type Trial } from '../trial.ts';
import { connected, connected6, ready } from './common.ts';
import { info } from './tcp-info.ts';

interface Family {
  readonly domain: number;
  readonly nobody: string;
  readonly recverr: readonly [level: number, name: number];
  readonly mtu: readonly [level: number, name: number];
  readonly discover: readonly [level: number, name: number];
  readonly soft: IcmpError;
  readonly hard: IcmpError;
  readonly tooBig: IcmpError;
}

const FAMILIES: readonly Family[] = [
  {
    domain: AF_INET,
    nobody: NOBODY,
    recverr: [IPPROTO_IP, IP_RECVERR],
    mtu: [IPPROTO_IP, IP_MTU],
    discover: [IPPROTO_IP, IP_MTU_DISCOVER],
    soft: { type: 3, code: 1 },
    hard: { type: 3, code: 3 },
    tooBig: { type: 3, code: 4, word: 1300 },
  },
  {
    domain: AF_INET6,
    nobody: NOBODY6,
    recverr: [IPPROTO_IPV6, IPV6_RECVERR],
    mtu: [IPPROTO_IPV6, IPV6_MTU],
    discover: [IPPROTO_IPV6, IPV6_MTU_DISCOVER],
    soft: { type: 1, code: 0 },
    hard: { type: 1, code: 4 },
    tooBig: { type: 2, code: 0, word: 1300 },
  },
];

const NEEDS = { icmp: true, isBrief: true } as const;
const USER_TIMEOUT_MS = 500;
const UNTIL_GIVEN_UP_MS = 1200;

function both(name: string, run: (trial: Trial, family: Family) => void): Case[] {
  return FAMILIES.map((family) => ({
    name: `${name}, over ${family.domain === AF_INET ? 'IPv4' : 'IPv6'}`,
    needs: NEEDS,
    run: (trial: Trial) => run(trial, family),
  }));
}

/** A SYN that nobody answers is on its way. */
function opening({ client }: Trial, { domain, nobody }: Family): number {
  const c = client.socket(domain);
  client.connect(c, nobody, 80);
  return c;
}

/** A connection whose last packet is one of the client's, with data that is not acknowledged. */
function outstanding(trial: Trial, { domain }: Family, data = bytes('data')): { s: number; c: number } {
  const { s, c } = domain === AF_INET ? connected(trial) : connected6(trial);
  trial.arrange(() => trial.server.setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, 0));
  trial.client.write(c, data);
  return { s, c };
}

export const icmpCases: readonly Case[] = [
  ...both('a hard ICMP error ends what opens', (trial, family) => {
    const { client } = trial;
    const c = opening(trial, family);
    trial.icmp(family.hard);
    ready(client, c);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    client.recvmsg(c, { iov: [room(0)] }, MSG_ERRQUEUE);
  }),
  ...both('a soft ICMP error is the reason why a connection did not open', (trial, family) => {
    const { client, arrange } = trial;
    const c = client.socket(family.domain);
    arrange(() => client.setsockopt(c, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS));
    client.connect(c, family.nobody, 80);
    trial.icmp(family.soft);
    trial.pass(UNTIL_GIVEN_UP_MS);
    ready(client, c);
    client.connect(c, family.nobody, 80);
  }),
  ...both('IP_RECVERR: an ICMP error about a SYN is in the error queue', (trial, family) => {
    const { client } = trial;
    const [level, name] = family.recverr;
    const c = client.socket(family.domain);
    client.setsockopt(c, level, name, 1);
    client.connect(c, family.nobody, 80);
    trial.icmp(family.hard);
    ready(client, c);
    client.recvmsg(c, { iov: [room(0)] }, MSG_ERRQUEUE);
    client.recvmsg(c, { iov: [room(0)] }, MSG_ERRQUEUE);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    ready(client, c);
  }),
  ...both('ICMP errors about a connection that is open are told by SO_ERROR, and end nothing', (trial, family) => {
    const { server, client } = trial;
    const { s, c } = outstanding(trial, family);
    for (const error of [family.soft, family.hard]) {
      trial.icmp(error);
      ready(client, c);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    }
    server.read(s, room(10));
    client.write(c, bytes('more'));
    trial.pass(60);
    server.read(s, room(10));
  }),
  ...both('IP_RECVERR of a connection that is open', (trial, family) => {
    const { client } = trial;
    const [level, name] = family.recverr;
    const { c } = outstanding(trial, family);
    client.setsockopt(c, level, name, 1);
    trial.icmp(family.soft);
    ready(client, c);
    client.recvmsg(c, { iov: [room(0)] }, MSG_ERRQUEUE);
    client.read(c, room(4));
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    ready(client, c);
  }),
  ...both('too big: the path MTU and the segments become smaller', (trial, family) => {
    const { client } = trial;
    const [level, name] = family.mtu;
    const { c } = outstanding(trial, family, room(1400));
    client.getsockopt(c, level, name);
    trial.icmp(family.tooBig);
    client.getsockopt(c, level, name);
    info(trial, 'client', c, ['pmtu', 'snd_mss']);
    ready(client, c);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
  }),
  // One of each kind: 1 and 2 are as without it, 4 is as 5.
  ...[0, 3, 5].flatMap((value) =>
    both(`too big, with IP_MTU_DISCOVER ${value}`, (trial, family) => {
      const { client } = trial;
      const [level, name] = family.mtu;
      const { c } = outstanding(trial, family, room(1400));
      client.setsockopt(c, ...family.discover, value);
      trial.icmp(family.tooBig);
      client.getsockopt(c, level, name);
      info(trial, 'client', c, ['pmtu', 'snd_mss']);
      ready(client, c);
      client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    }),
  ),
];
