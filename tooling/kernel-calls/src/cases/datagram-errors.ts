/** What becomes of datagrams that nobody takes, and how a socket is told. */

import {
  AF_INET,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  MSG_PEEK,
  SO_ERROR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, room } from '../trial.ts';
import { ready } from './common.ts';
import { both, boundDatagrams, connectedDatagrams, type Family, hear, say } from './datagram-common.ts';

function wantReports(sys: Syscalls, fd: number, { domain }: Family): void {
  if (domain === AF_INET) sys.setsockopt(fd, IPPROTO_IP, IP_RECVERR, 1);
  else sys.setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

export const datagramErrorCases: readonly Case[] = [
  ...both('nobody there: a connected socket is told once', (trial, family) => {
    const { client } = trial;
    const c = connectedDatagrams(trial, family);
    client.write(c, bytes('anybody?'));
    ready(client, c);
    client.read(c, room(5));
    ready(client, c);
    client.read(c, room(5));
    client.write(c, bytes('anybody?'));
    client.write(c, bytes('lost'));
    client.write(c, bytes('anybody?'));
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    client.recvmsg(c, { iov: [room(5)] }, MSG_ERRQUEUE);
  }),
  ...both('nobody there: the error comes before what waits', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    client.write(c, bytes('hello'));
    const from = { name: null as { address: string; port: number } | null };
    server.recvfrom(s, room(9), 0, 9, 0, from);
    server.sendto(s, bytes('answer'), 0, 6, 0, from.name && { address: from.name.address, port: from.name.port });
    server.close(s);
    client.write(c, bytes('gone?'));
    ready(client, c);
    hear(client, c, 9, MSG_PEEK);
    hear(client, c);
    hear(client, c);
  }),
  ...both('nobody there: a socket without a peer is not told', (trial, family) => {
    const { client } = trial;
    const c = client.socket(family.domain, SOCK_DGRAM);
    say(client, c, 'anybody?', family.server);
    ready(client, c);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    hear(client, c);
  }),
  ...both('nobody there: IP_RECVERR tells whom it was for', (trial, family) => {
    const { client } = trial;
    const c = client.socket(family.domain, SOCK_DGRAM);
    wantReports(client, c, family);
    say(client, c, 'anybody?', family.server, 80);
    ready(client, c);
    client.recvmsg(c, { iov: [room(20)] }, MSG_ERRQUEUE);
    ready(client, c);
    client.recvmsg(c, { iov: [room(20)] }, MSG_ERRQUEUE);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    say(client, c, 'one', family.server, 81);
    say(client, c, 'two', family.server, 82);
    say(client, c, 'three', family.server, 83);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    ready(client, c);
    client.recvmsg(c, { iov: [room(2)] }, MSG_ERRQUEUE);
    client.recvmsg(c, { iov: [room(2)] }, MSG_ERRQUEUE | MSG_PEEK);
    client.getsockopt(c, SOL_SOCKET, SO_ERROR);
    hear(client, c);
    client.recvmsg(c, { iov: [room(2)] }, MSG_ERRQUEUE);
    ready(client, c);
  }),
  ...both('nobody there: IP_RECVERR of a connected socket', (trial, family) => {
    const { client } = trial;
    const c = connectedDatagrams(trial, family);
    wantReports(client, c, family);
    client.write(c, bytes('anybody?'));
    client.read(c, room(20));
    ready(client, c);
    client.recv(c, room(20), 0, 20, MSG_ERRQUEUE);
    client.recv(c, room(20), 0, 20, MSG_ERRQUEUE);
    client.write(c, bytes('anybody?'));
    client.connect(c, family.server, 81);
    client.read(c, room(20));
    ready(client, c);
  }),
  ...both('too long for the MTU: IP_RECVERR tells of that', (trial, family) => {
    const { client } = trial;
    const c = connectedDatagrams(trial, family);
    wantReports(client, c, family);
    if (family.domain === AF_INET) client.setsockopt(c, IPPROTO_IP, 10, 2);
    else client.setsockopt(c, IPPROTO_IPV6, 23, 2);
    client.write(c, room(2000));
    ready(client, c);
    client.recvmsg(c, { iov: [room(20)] }, MSG_ERRQUEUE);
    ready(client, c);
    client.write(c, room(66_000));
    ready(client, c);
    client.recvmsg(c, { iov: [room(20)] }, MSG_ERRQUEUE);
  }),
];
