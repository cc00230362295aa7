/** Control messages of datagrams: what recvmsg() tells of each, and what sendmsg() may say. */

import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  MSG_MORE,
  MSG_PEEK,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import type { ControlMessage, SockAddr, Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, CLIENT, CLIENT6, NOBODY, NOBODY6, room, SERVER, SERVER6 } from '../trial.ts';
import { both, boundDatagrams, type Family, mapped, say } from './datagram-common.ts';

/** All that can be told of datagrams of one family, and of a socket of IPv6 also of the other. */
function wantAll(sys: Syscalls, fd: number, domain: number, on = 1): void {
  for (const name of [IP_PKTINFO, IP_RECVTTL, IP_RECVTOS]) sys.setsockopt(fd, IPPROTO_IP, name, on);
  if (domain === AF_INET) return;
  for (const name of [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS]) {
    sys.setsockopt(fd, IPPROTO_IPV6, name, on);
  }
}

export function hearAll(sys: Syscalls, fd: number, flags = 0): number {
  return sys.recvmsg(fd, { iov: [room(50)] }, flags);
}

/** `sendmsg` of one text with control messages. */
function tell(sys: Syscalls, fd: number, control: readonly ControlMessage[], name: SockAddr | null, flags = 0): number {
  return sys.sendmsg(fd, { iov: [bytes('hello')], name, control }, flags);
}

function info4(localAddress: string, interfaceIndex = 0): ControlMessage {
  return { level: IPPROTO_IP, type: IP_PKTINFO, info: { interfaceIndex, localAddress, address: '1.2.3.4' } };
}

function info6(address: string, interfaceIndex = 0): ControlMessage {
  return { level: IPPROTO_IPV6, type: IPV6_PKTINFO, info: { interfaceIndex, address } };
}

const ip = (type: number, value?: number): ControlMessage =>
  value === undefined ? { level: IPPROTO_IP, type } : { level: IPPROTO_IP, type, value };
const ipv6 = (type: number, value: number): ControlMessage => ({ level: IPPROTO_IPV6, type, value });

const VALUES = [-2, -1, 0, 1, 7, 255, 256];

function tosAndHops({ domain }: Family): [number, (value: number) => ControlMessage][] {
  if (domain === AF_INET) {
    return [
      [IP_TTL, (value) => ip(IP_TTL, value)],
      [IP_TOS, (value) => ip(IP_TOS, value)],
    ];
  }
  return [
    [IPV6_HOPLIMIT, (value) => ipv6(IPV6_HOPLIMIT, value)],
    [IPV6_TCLASS, (value) => ipv6(IPV6_TCLASS, value)],
  ];
}

/** Other levels are passed over, of ours only what there is counts. */
const STRANGE: readonly ControlMessage[] = [
  { level: SOL_SOCKET, type: 9999, value: 1 },
  { level: IPPROTO_TCP, type: 1, value: 1 },
  { level: IPPROTO_UDP, type: 9999, value: 1 },
  { level: 4711, type: 1, value: 1 },
  ip(9999, 1),
  ip(IP_TTL),
  ip(IP_TTL, 9),
  ipv6(9999, 1),
  ipv6(IPV6_HOPLIMIT, 9),
  info4('0.0.0.0'),
  info6('::'),
];

export const datagramControlCases: readonly Case[] = [
  ...both('recvmsg() tells of a datagram whom it was for, its time to live and its TOS', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    hearAll(server, s);
    wantAll(server, s, family.domain);
    say(client, c, 'one', family.server);
    hearAll(server, s, MSG_PEEK);
    hearAll(server, s);
    client.setsockopt(c, IPPROTO_IP, IP_TTL, 9);
    client.setsockopt(c, IPPROTO_IP, IP_TOS, 0x13);
    if (family.domain === AF_INET6) client.setsockopt(c, IPPROTO_IPV6, IPV6_TCLASS, 0x15);
    say(client, c, 'two', family.server);
    hearAll(server, s);
    wantAll(server, s, family.domain, 0);
    say(client, c, 'three', family.server);
    hearAll(server, s);
  }),
  {
    name: 'a socket of IPv6 is told of datagrams of IPv4 what both levels ask for',
    run({ server, client }) {
      const s = server.socket(AF_INET6, SOCK_DGRAM);
      server.bind(s, '::', 80);
      wantAll(server, s, AF_INET6);
      const c = client.socket(AF_INET, SOCK_DGRAM);
      say(client, c, 'four', SERVER);
      hearAll(server, s);
      const d = client.socket(AF_INET6, SOCK_DGRAM);
      tell(client, d, [info6(mapped(CLIENT), 1)], { address: mapped(SERVER), port: 80 });
      hearAll(server, s);
      tell(client, d, [info6(mapped(NOBODY))], { address: mapped(SERVER), port: 80 });
      tell(client, d, [info6(CLIENT6)], { address: mapped(SERVER), port: 80 });
      tell(client, d, [info4(CLIENT), ip(IP_TTL, 3)], { address: mapped(SERVER), port: 80 });
      hearAll(server, s);
      tell(client, d, [info4(CLIENT), ip(IP_TTL, 3)], { address: SERVER6, port: 80 });
      hearAll(server, s);
    },
  },
  ...both('sendmsg() sets time to live and TOS of one datagram', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    wantAll(server, s, family.domain);
    const to = { address: family.server, port: 80 };
    for (const [, of] of tosAndHops(family)) {
      for (const value of VALUES) if (tell(client, c, [of(value)], to) > 0) hearAll(server, s);
    }
    tell(
      client,
      c,
      tosAndHops(family).map(([, of]) => of(5)),
      to,
    );
    hearAll(server, s);
    say(client, c, 'as ever', family.server);
    hearAll(server, s);
    client.connect(c, family.server, 80);
    for (const [, of] of tosAndHops(family)) tell(client, c, [of(8)], null);
    hearAll(server, s);
    hearAll(server, s);
  }),
  ...both('sendmsg() names the source of one datagram and the interface that it leaves by', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    const is4 = family.domain === AF_INET;
    const info = is4 ? info4 : info6;
    wantAll(server, s, family.domain);
    const to = { address: family.server, port: 80 };
    for (const message of [
      info(family.client),
      info(family.any),
      info(is4 ? NOBODY : NOBODY6),
      info(is4 ? '127.0.0.1' : '::1'),
      info(is4 ? '224.0.0.1' : 'ff02::1'),
      info(is4 ? '10.0.0.255' : 'fe80::1'),
      info(family.any, 1),
      info(family.client, 1),
      info(family.client, 77),
      info(family.any, -1),
    ]) {
      if (tell(client, c, [message], to) > 0) hearAll(server, s);
    }
    const b = client.socket(family.domain, SOCK_DGRAM);
    client.bind(b, family.client, 90);
    tell(client, b, [info(family.any)], to);
    hearAll(server, s);
    tell(client, b, [info(family.client), info(family.any)], to);
    hearAll(server, s);
    wantAll(client, b, family.domain);
    tell(client, b, [info(family.client)], { address: family.client, port: 90 });
    hearAll(client, b);
  }),
  ...both('which control messages sendmsg() takes', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    for (const message of STRANGE) {
      if (tell(client, c, [message], { address: family.server, port: 80 }) > 0) hearAll(server, s);
    }
    tell(client, c, [ip(9999, 1)], { address: family.server, port: 0 });
    tell(client, c, [ip(9999, 1), ipv6(9999, 1)], { address: family.unrouted, port: 80 });
    tell(client, c, [ip(9999, 1)], null);
  }),
  ...both('what the first call with MSG_MORE says counts for the whole datagram', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    wantAll(server, s, family.domain);
    const [[, hops]] = tosAndHops(family) as [[number, (value: number) => ControlMessage]];
    tell(client, c, [hops(4)], { address: family.server, port: 80 }, MSG_MORE);
    tell(client, c, [hops(5)], null);
    hearAll(server, s);
  }),
  {
    name: 'a stream is told nothing, and passes over what sendmsg() says of IP',
    run({ server, client }) {
      const l = server.socket();
      server.bind(l, SERVER, 80);
      server.listen(l, 1);
      const c = client.socket();
      client.connect(c, SERVER, 80);
      const s = server.accept(l);
      wantAll(server, s, AF_INET);
      tell(client, c, [ip(9999, 1), info4(NOBODY)], null);
      hearAll(server, s);
    },
  },
];
