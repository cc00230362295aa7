/** Broadcast and multicast: who may send, who hears, and how groups are joined and left. */

import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_PKTINFO,
  IP_RECVTTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import type { GroupRequest, Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, CLIENT, DEVICE, NOBODY, SERVER, SERVER6, type Trial } from '../trial.ts';
import { both, type Family, hear, mapped, say } from './datagram-common.ts';
import { hearAll } from './datagram-control.ts';

const EVERYBODY = '255.255.255.255';
const SUBNET = '10.0.0.255';
const MEMBERSHIPS_MAX = 20;

/** Groups of one family, and how they are joined. */
interface Groups {
  readonly one: string;
  readonly other: string;
  readonly level: number;
  readonly join: number;
  readonly leave: number;
  readonly all: number;
  readonly loop: number;
  readonly hops: number;
}

function groupsOf({ domain }: Family): Groups {
  const of4 = { level: IPPROTO_IP, join: IP_ADD_MEMBERSHIP, leave: IP_DROP_MEMBERSHIP };
  const of6 = { level: IPPROTO_IPV6, join: IPV6_JOIN_GROUP, leave: IPV6_LEAVE_GROUP };
  return domain === AF_INET
    ? {
        one: '239.1.2.3',
        other: '239.1.2.4',
        ...of4,
        all: IP_MULTICAST_ALL,
        loop: IP_MULTICAST_LOOP,
        hops: IP_MULTICAST_TTL,
      }
    : {
        one: 'ff05::1:2',
        other: 'ff05::1:3',
        ...of6,
        all: IPV6_MULTICAST_ALL,
        loop: IPV6_MULTICAST_LOOP,
        hops: IPV6_MULTICAST_HOPS,
      };
}

/** A socket on port 80 beside others. */
function shared({ server, arrange }: Trial, domain: number, address: string): number {
  return arrange(() => {
    const fd = server.socket(domain, SOCK_DGRAM);
    server.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    server.bind(fd, address, 80);
    return fd;
  });
}

/** A socket of the client that sends to groups on the cable. */
function sender({ client, arrange }: Trial, { domain }: Family): number {
  return arrange(() => {
    const fd = client.socket(domain, SOCK_DGRAM);
    if (domain === AF_INET) client.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, CLIENT);
    else client.setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1);
    client.setsockopt(fd, SOL_SOCKET, SO_BROADCAST, 1);
    return fd;
  });
}

function request(sys: Syscalls, fd: number, level: number, name: number, group: GroupRequest): number {
  return sys.setsockopt(fd, level, name, group);
}

export const datagramsToManyCases: readonly Case[] = [
  {
    name: 'who hears a broadcast',
    run(trial) {
      const { server, client } = trial;
      const c = sender(trial, { domain: AF_INET } as Family);
      const fds = ['0.0.0.0', SERVER, SUBNET, EVERYBODY, '0.0.0.0'].map((address) => shared(trial, AF_INET, address));
      fds.push(shared(trial, AF_INET6, '::'));
      server.connect(fds[4] as number, NOBODY, 9);
      const open = client.socket(AF_INET, SOCK_DGRAM);
      client.bind(open, '0.0.0.0', 80);
      server.setsockopt(fds[0] as number, IPPROTO_IP, IP_PKTINFO, 1);
      client.setsockopt(open, IPPROTO_IP, IP_PKTINFO, 1);
      client.setsockopt(c, SOL_SOCKET, SO_BINDTODEVICE, DEVICE);
      for (const to of [SUBNET, EVERYBODY]) {
        say(client, c, 'all', to);
        for (const fd of fds) hearAll(server, fd);
        hearAll(client, open);
        hearAll(client, open);
      }
      say(client, c, 'nobody', SUBNET, 99);
    },
  },
  {
    name: 'where a broadcast goes that no route leads to, and who may send it',
    run({ client }) {
      const c = client.socket(AF_INET, SOCK_DGRAM);
      say(client, c, 'x', EVERYBODY);
      client.setsockopt(c, SOL_SOCKET, SO_BINDTODEVICE, DEVICE);
      say(client, c, 'x', EVERYBODY);
      client.connect(c, EVERYBODY, 80);
      client.setsockopt(c, SOL_SOCKET, SO_BROADCAST, 1);
      say(client, c, 'x', EVERYBODY);
      client.connect(c, EVERYBODY, 80);
      client.getsockname(c);
      client.write(c, bytes('x'));
      const b = client.socket(AF_INET, SOCK_DGRAM);
      client.bind(b, CLIENT, 81);
      client.setsockopt(b, SOL_SOCKET, SO_BROADCAST, 1);
      say(client, b, 'x', EVERYBODY);
      client.connect(b, SUBNET, 80);
      client.getpeername(b);
    },
  },
  ...both('bind() to groups and broadcasts', ({ server }, { domain }) => {
    const list =
      domain === AF_INET
        ? [SUBNET, EVERYBODY, '224.0.0.5', '239.1.1.1', '10.0.1.255']
        : ['ff05::5', 'ff0e::1', 'ff02::5', mapped('239.1.1.1'), mapped(SUBNET)];
    for (const address of list) {
      const fd = server.socket(domain, SOCK_DGRAM);
      server.bind(fd, address, 80);
      server.getsockname(fd);
    }
  }),
  ...both('a group is heard by who joined it, and by who hears all groups', (trial, family) => {
    const { server, client } = trial;
    const { one, other, level, join, leave, all } = groupsOf(family);
    const c = sender(trial, family);
    const fds = [family.any, family.any, one, other, family.server].map((address) =>
      shared(trial, family.domain, address),
    );
    const [a = -1, b = -1] = fds;
    const listen = (to: string) => {
      say(client, c, to, to);
      for (const fd of fds) hear(server, fd);
    };
    listen(one);
    request(server, a, level, join, { group: one, interfaceIndex: 1 });
    listen(one);
    listen(other);
    server.setsockopt(b, level, all, 0);
    listen(one);
    request(server, b, level, join, { group: other, interfaceIndex: 1 });
    listen(one);
    listen(other);
    request(server, a, level, leave, { group: one, interfaceIndex: 1 });
    listen(one);
    listen(other);
    server.close(b);
    fds.splice(1, 1);
    listen(other);
  }),
  ...both('what recvmsg() tells of a datagram to a group', (trial, family) => {
    const { server, client } = trial;
    const { one, level, join, hops } = groupsOf(family);
    const c = sender(trial, family);
    const s = shared(trial, family.domain, family.any);
    request(server, s, level, join, { group: one, interfaceIndex: 1 });
    for (const name of family.domain === AF_INET ? [IP_PKTINFO, IP_RECVTTL] : [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT]) {
      server.setsockopt(s, level, name, 1);
    }
    say(client, c, 'one', one);
    hearAll(server, s);
    client.setsockopt(c, level, hops, 9);
    say(client, c, 'nine', one);
    hearAll(server, s);
    client.setsockopt(c, level, hops, 0);
    say(client, c, 'none', one);
    hearAll(server, s);
    client.connect(c, one, 80);
    client.getsockname(c);
    client.write(c, bytes('connected'));
    hearAll(server, s);
  }),
  ...both('what a socket sends to a group is heard on its own host', (trial, family) => {
    const { server } = trial;
    const { one, level, join, loop, hops } = groupsOf(family);
    const s = shared(trial, family.domain, family.any);
    if (family.domain === AF_INET) server.setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, SERVER);
    else server.setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1);
    say(server, s, 'not joined', one);
    hear(server, s);
    request(server, s, level, join, { group: one, interfaceIndex: 1 });
    say(server, s, 'joined', one);
    hear(server, s);
    server.setsockopt(s, level, hops, 0);
    say(server, s, 'inside', one);
    hear(server, s);
    server.setsockopt(s, level, loop, 0);
    say(server, s, 'not looped', one);
    hear(server, s);
    say(server, s, 'everybody', family.domain === AF_INET ? '224.0.0.1' : 'ff02::1');
    hear(server, s);
  }),
  ...both('errors of joining and leaving', (trial, family) => {
    const { server } = trial;
    const { one, other, level, join, leave } = groupsOf(family);
    const s = server.socket(family.domain, SOCK_DGRAM);
    const both2 = (group: GroupRequest) => {
      request(server, s, level, join, group);
      request(server, s, level, join, group);
      request(server, s, level, leave, group);
      request(server, s, level, leave, group);
    };
    both2({ group: one, interfaceIndex: 1 });
    both2({ group: one, interfaceIndex: 77 });
    both2({ group: one });
    both2({ group: family.server, interfaceIndex: 1 });
    both2({ group: family.any, interfaceIndex: 1 });
    both2({ group: family.domain === AF_INET ? '224.0.0.1' : 'ff02::1', interfaceIndex: 1 });
    request(server, s, level, join, { group: one, interfaceIndex: 1 });
    request(server, s, level, join, { group: one });
    request(server, s, level, leave, { group: other, interfaceIndex: 1 });
    request(server, s, level, leave, { group: other });
    request(server, s, level, leave, { group: one });
    request(server, s, level, leave, { group: one, interfaceIndex: 1 });
    const stream = server.socket(family.domain);
    both2({ group: one, interfaceIndex: 1 });
    request(server, stream, level, join, { group: one, interfaceIndex: 1 });
    request(server, stream, level, leave, { group: one, interfaceIndex: 1 });
    server.setsockopt(stream, level, join, 1);
    server.setsockopt(s, level, join, 1);
  }),
  {
    name: 'the interface of a group is named by an address, too',
    run({ server }) {
      const s = server.socket(AF_INET, SOCK_DGRAM);
      const group = '239.1.2.3';
      const ask = (name: number, more: Partial<GroupRequest>) =>
        request(server, s, IPPROTO_IP, name, { group, ...more });
      ask(IP_ADD_MEMBERSHIP, { address: SERVER });
      ask(IP_ADD_MEMBERSHIP, { interfaceIndex: 1 });
      ask(IP_ADD_MEMBERSHIP, { address: NOBODY });
      ask(IP_ADD_MEMBERSHIP, { address: NOBODY, interfaceIndex: 1 });
      ask(IP_ADD_MEMBERSHIP, { address: '127.0.0.1' });
      ask(IP_DROP_MEMBERSHIP, { address: NOBODY });
      ask(IP_DROP_MEMBERSHIP, { address: '127.0.0.1' });
      ask(IP_DROP_MEMBERSHIP, { address: '127.0.0.1' });
      ask(IP_DROP_MEMBERSHIP, { interfaceIndex: 1 });
      ask(IP_DROP_MEMBERSHIP, { interfaceIndex: 1 });
    },
  },
  {
    name: 'a socket joins 20 groups of IPv4',
    run({ server }) {
      const s = server.socket(AF_INET, SOCK_DGRAM);
      for (let i = 1; i <= MEMBERSHIPS_MAX + 1; i++) {
        request(server, s, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group: `239.0.0.${i}`, interfaceIndex: 1 });
      }
      request(server, s, IPPROTO_IP, IP_DROP_MEMBERSHIP, { group: '239.0.0.7', interfaceIndex: 1 });
      request(server, s, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group: '239.0.0.99', interfaceIndex: 1 });
    },
  },
  {
    name: 'IP_MULTICAST_IF by address and by number',
    run({ server }) {
      const s = server.socket(AF_INET, SOCK_DGRAM);
      const set = (value: string | GroupRequest) => {
        server.setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, value);
        server.getsockopt(s, IPPROTO_IP, IP_MULTICAST_IF);
        say(server, s, 'x', '239.1.2.3');
      };
      set('0.0.0.0');
      set(SERVER);
      set(NOBODY);
      set('0.0.0.0');
      set({ group: '0.0.0.0', interfaceIndex: 1 });
      set({ group: '0.0.0.0', interfaceIndex: 77 });
      set({ group: '0.0.0.0', interfaceIndex: 1, address: '1.2.3.4' });
      set('0.0.0.0');
      server.setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, 'lo');
      set(SERVER);
      set('127.0.0.1');
      const stream = server.socket();
      server.setsockopt(stream, IPPROTO_IP, IP_MULTICAST_IF, SERVER);
      server.setsockopt(stream, IPPROTO_IP, IP_MULTICAST_TTL, 4);
    },
  },
  {
    name: 'groups of IPv4 on sockets of IPv6',
    run(trial) {
      const { server, client } = trial;
      const s = shared(trial, AF_INET6, '::');
      const c = sender(trial, { domain: AF_INET } as Family);
      const group = '239.1.2.3';
      request(server, s, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group, interfaceIndex: 1 });
      request(server, s, IPPROTO_IPV6, IPV6_JOIN_GROUP, { group: mapped(group), interfaceIndex: 1 });
      say(client, c, 'four', group);
      hear(server, s);
      server.setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, SERVER);
      say(server, s, 'looped', mapped(group));
      hear(server, s);
      server.setsockopt(s, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
      say(server, s, 'still looped', mapped(group));
      hear(server, s);
      server.setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
      say(server, s, 'not looped', mapped(group));
      hear(server, s);
    },
  },
  {
    name: 'which link a group of IPv6 is on',
    run({ server }) {
      const s = server.socket(AF_INET6, SOCK_DGRAM);
      say(server, s, 'x', 'ff05::1:2');
      say(server, s, 'x', 'ff02::1:2');
      server.sendto(s, bytes('x'), 0, 1, 0, { address: 'ff02::1:2', port: 80, scopeId: 77 });
      server.connect(s, 'ff02::1:2', 80);
      server.setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1);
      server.connect(s, 'ff02::1:2', 80);
      server.connect(server.socket(AF_INET6, SOCK_DGRAM), 'ff05::1:2', 80);
      say(server, s, 'to one', SERVER6);
    },
  },
  {
    name: 'streams have nothing to do with groups',
    run({ server }) {
      const s = server.socket(AF_INET);
      server.connect(s, '239.1.2.3', 80);
      server.connect(s, EVERYBODY, 80);
      server.connect(server.socket(AF_INET6), 'ff05::1:2', 80);
      server.bind(server.socket(AF_INET6), 'ff05::1:2', 80);
    },
  },
];
