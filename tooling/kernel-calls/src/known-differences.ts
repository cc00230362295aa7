/**
 * Where a call of ours gives something else than the same call on Linux, and why. The comparison fails on a difference that
 * is not here, and on one here that is gone. docs/deviations.md says the same to readers.
 */

import type { Difference } from './comparison.ts';

/** Why some results of a case differ. */
export interface KnownDifference {
  readonly case: string;
  /** The row of docs/deviations.md, in short. */
  readonly reason: string;
  /** What the comparison says, line by line. */
  readonly results: readonly string[];
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  ...[0, 5].map((value) => ({
    case: `too big, with IP_MTU_DISCOVER ${value}, over IPv4`,
    reason: 'tcpi_pmtu is what the path is known to carry, and not what the connection used last',
    results: ['client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours pmtu 1300, Linux pmtu 1500'],
  })),
  {
    case: 'bind() to the broadcast address and to a multicast group',
    reason: 'a stream has no peer there; bind() says so at once',
    results: [
      'server.bind(3, 255.255.255.255, 80): ours EADDRNOTAVAIL, Linux 0',
      'server.bind(4, 224.0.0.1, 80): ours EADDRNOTAVAIL, Linux 0',
      'server.bind(5, 10.0.0.255, 80): ours EADDRNOTAVAIL, Linux 0',
    ],
  },
  {
    case: 'connect() on a listener, to the any address, to port 0, to broadcast and multicast',
    reason: 'nobody can listen on port 0',
    results: ['client.connect(3, 10.0.0.1, 0): ours EINVAL, Linux EINPROGRESS'],
  },
  {
    case: 'SO_OOBINLINE leaves it in the stream, and reading stops before it',
    reason: 'RFC 9293 §3.9.1.3: what follows the urgent pointer is not read together with what precedes it',
    results: [
      'server.read(4, [20]): ours 1 "U", Linux 3 "Ude"',
      'server.poll(4: all): ours 1 {4: POLLIN|POLLOUT|POLLRDNORM|POLLWRNORM}, Linux 1 {4: POLLOUT|POLLWRNORM}',
    ],
  },
  {
    case: 'socket() takes families, types and protocols that fit, and flags',
    reason: 'there are no raw sockets',
    results: ['server.socket(AF_INET, 3, 0): ours ESOCKTNOSUPPORT, Linux EPROTONOSUPPORT'],
  },
  {
    case: 'SOL_SOCKET SO_SNDBUF: default, ranges and errors',
    reason: 'no doubling, and other buffers to begin with',
    results: [
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 1048576, Linux 16384',
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 4096, Linux 4608',
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 4096, Linux 4608',
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 5000, Linux 10000',
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 65536, Linux 131072',
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 100000, Linux 200000',
    ],
  },
  {
    case: 'SOL_SOCKET SO_SNDBUF: of connections',
    reason: 'no doubling, and other buffers to begin with',
    results: [
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 1048576, Linux 16384',
      'server.getsockopt(4, SOL_SOCKET, SO_SNDBUF): ours 1048576, Linux 46080',
      'client.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 1048576, Linux 46080',
    ],
  },
  {
    case: 'SOL_SOCKET SO_SNDBUF: set of a listener and its connections',
    reason: 'no doubling, and other buffers to begin with',
    results: [
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 5000, Linux 10000',
      'server.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 4096, Linux 4608',
      'server.getsockopt(4, SOL_SOCKET, SO_SNDBUF): ours 4096, Linux 4608',
      'client.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 5000, Linux 10000',
      'client.getsockopt(3, SOL_SOCKET, SO_SNDBUF): ours 4096, Linux 4608',
    ],
  },
  {
    case: 'SOL_SOCKET SO_RCVBUF: default, ranges and errors',
    reason: 'no doubling, and other buffers to begin with',
    results: [
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 1048576, Linux 131072',
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 4096, Linux 2304',
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 4096, Linux 2304',
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 5000, Linux 10000',
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 65536, Linux 131072',
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 100000, Linux 200000',
    ],
  },
  {
    case: 'SOL_SOCKET SO_RCVBUF: of connections',
    reason: 'no doubling, and other buffers to begin with',
    results: [
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 1048576, Linux 131072',
      'server.getsockopt(4, SOL_SOCKET, SO_RCVBUF): ours 1048576, Linux 131072',
      'client.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 1048576, Linux 131072',
    ],
  },
  {
    case: 'SOL_SOCKET SO_RCVBUF: set of a listener and its connections',
    reason: 'no doubling, and other buffers to begin with',
    results: [
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 5000, Linux 10000',
      'server.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 4096, Linux 2304',
      'server.getsockopt(4, SOL_SOCKET, SO_RCVBUF): ours 4096, Linux 2304',
      'client.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 5000, Linux 10000',
      'client.getsockopt(3, SOL_SOCKET, SO_RCVBUF): ours 5000, Linux 2304',
    ],
  },
  {
    case: 'IPPROTO_TCP TCP_SYNCNT: default, ranges and errors',
    reason: 'a SYN is sent again 7 times',
    results: [
      'server.getsockopt(3, IPPROTO_TCP, TCP_SYNCNT): ours 7, Linux 6',
      'server.getsockopt(3, IPPROTO_TCP, TCP_SYNCNT): ours 7, Linux 6',
    ],
  },
  {
    case: 'IPPROTO_TCP TCP_SYNCNT: of connections',
    reason: 'a SYN is sent again 7 times',
    results: [
      'server.getsockopt(3, IPPROTO_TCP, TCP_SYNCNT): ours 7, Linux 6',
      'server.getsockopt(4, IPPROTO_TCP, TCP_SYNCNT): ours 7, Linux 6',
      'client.getsockopt(3, IPPROTO_TCP, TCP_SYNCNT): ours 7, Linux 6',
    ],
  },
  {
    case: 'IPPROTO_TCP TCP_WINDOW_CLAMP: of connections',
    reason: 'without a clamp it is the buffer, which begins larger',
    results: [
      'server.getsockopt(4, IPPROTO_TCP, TCP_WINDOW_CLAMP): ours 1048576, Linux 64088',
      'client.getsockopt(3, IPPROTO_TCP, TCP_WINDOW_CLAMP): ours 1048576, Linux 64088',
    ],
  },
  {
    case: 'IPPROTO_TCP TCP_QUICKACK: default, ranges and errors',
    reason: 'of a socket without a connection there is nothing to keep',
    results: ['server.getsockopt(3, IPPROTO_TCP, TCP_QUICKACK): ours 1, Linux 0'],
  },
  {
    case: 'sendmsg() sets time to live and TOS of one datagram, over IPv6',
    reason: 'RFC 3542 §6.5: -1 is the default, and not what fits of it into a byte',
    results: [
      'server.recvmsg(3, [50], 0): ours 5 "hello" from [fd00::2]:port1, flags 0, {"level":41,"type":50,"info":{"interfaceIndex":1,"address":"fd00::1"}} {"level":41,"type":52,"value":64} {"level":41,"type":67,"value":0}, Linux 5 "hello" from [fd00::2]:port1, flags 0, {"level":41,"type":50,"info":{"interfaceIndex":1,"address":"fd00::1"}} {"level":41,"type":52,"value":64} {"level":41,"type":67,"value":255}',
    ],
  },
  {
    case: 'TCP_INFO of a connection that was used in both directions',
    reason: 'bytes are those of the stream, without the SYN',
    results: [
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours bytes_acked 0, Linux bytes_acked 1',
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours bytes_acked 10, Linux bytes_acked 11',
    ],
  },
  {
    case: 'TCP_INFO while a SYN is sent again',
    reason: 'a SYN is no loss of data, and its time-out doubles from the first (RFC 6298 §5.5)',
    results: [
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours ca_state 0, Linux ca_state 4',
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours backoff 1, Linux backoff 0',
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours lost 0, Linux lost 1',
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours retrans 0, Linux retrans 1',
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours snd_cwnd 10, Linux snd_cwnd 1',
      'client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours snd_ssthresh 2147483647, Linux snd_ssthresh 5',
    ],
  },
  {
    case: 'TCP_INFO of a socket that is new',
    reason: 'without a connection there is no window',
    results: ['client.getsockopt(3, IPPROTO_TCP, TCP_INFO): ours snd_cwnd 0, Linux snd_cwnd 10'],
  },
  {
    case: 'a hard ICMP error ends what opens, over IPv4',
    reason: 'reports are for who asked for them with IP_RECVERR, as over IPv6',
    results: [
      'client.recvmsg(3, [0], MSG_ERRQUEUE): ours EAGAIN, Linux 0 from 10.0.0.99:80, flags MSG_TRUNC|MSG_ERRQUEUE, {"level":0,"type":11,"error":{"errno":111,"origin":2,"type":3,"code":3,"info":0,"data":0,"offender":"10.0.0.1"}}',
    ],
  },
  {
    case: 'IP_RECVERR: an ICMP error about a SYN is in the error queue, over IPv4',
    reason: 'of a segment nothing is kept but its bytes in the stream',
    results: [
      'client.recvmsg(3, [0], MSG_ERRQUEUE): ours 0 from 10.0.0.99:80, flags MSG_ERRQUEUE, {"level":0,"type":11,"error":{"errno":111,"origin":2,"type":3,"code":3,"info":0,"data":0,"offender":"10.0.0.1"}}, Linux 0 from 10.0.0.99:80, flags MSG_TRUNC|MSG_ERRQUEUE, {"level":0,"type":11,"error":{"errno":111,"origin":2,"type":3,"code":3,"info":0,"data":0,"offender":"10.0.0.1"}}',
    ],
  },
  {
    case: 'IP_RECVERR: an ICMP error about a SYN is in the error queue, over IPv6',
    reason: 'of a segment nothing is kept but its bytes in the stream',
    results: [
      'client.recvmsg(3, [0], MSG_ERRQUEUE): ours 0 from [fd00::99]:80, flags MSG_ERRQUEUE, {"level":41,"type":25,"error":{"errno":111,"origin":3,"type":1,"code":4,"info":0,"data":0,"offender":"fd00::1"}}, Linux 0 from [fd00::99]:80, flags MSG_TRUNC|MSG_ERRQUEUE, {"level":41,"type":25,"error":{"errno":111,"origin":3,"type":1,"code":4,"info":0,"data":0,"offender":"fd00::1"}}',
    ],
  },
  {
    case: 'IP_RECVERR of a connection that is open, over IPv4',
    reason: 'the connection goes on, and so do its calls: the error waits in the error queue',
    results: [
      'client.recvmsg(3, [0], MSG_ERRQUEUE): ours 0 from 10.0.0.1:80, flags MSG_ERRQUEUE, {"level":0,"type":11,"error":{"errno":113,"origin":2,"type":3,"code":1,"info":0,"data":0,"offender":"10.0.0.1"}}, Linux EAGAIN',
      'client.read(3, [4]): ours EAGAIN, Linux EHOSTUNREACH',
      'client.getsockopt(3, SOL_SOCKET, SO_ERROR): ours EHOSTUNREACH, Linux 0',
    ],
  },
  {
    case: 'IP_RECVERR of a connection that is open, over IPv6',
    reason: 'the connection goes on, and so do its calls: the error waits in the error queue',
    results: [
      'client.recvmsg(3, [0], MSG_ERRQUEUE): ours 0 from [fd00::1]:80, flags MSG_ERRQUEUE, {"level":41,"type":25,"error":{"errno":101,"origin":3,"type":1,"code":0,"info":0,"data":0,"offender":"fd00::1"}}, Linux EAGAIN',
      'client.read(3, [4]): ours EAGAIN, Linux ENETUNREACH',
      'client.getsockopt(3, SOL_SOCKET, SO_ERROR): ours ENETUNREACH, Linux 0',
    ],
  },
  {
    case: 'IPPROTO_IP IP_MULTICAST_TTL: of connections',
    reason: 'Linux shows there how the SYN came',
    results: ['server.getsockopt(4, IPPROTO_IP, IP_MULTICAST_TTL): ours 1, Linux 64'],
  },
  {
    case: 'IPPROTO_IPV6 IPV6_MULTICAST_IF: of connections',
    reason: 'Linux shows there how the SYN came',
    results: ['server.getsockopt(4, IPPROTO_IPV6, IPV6_MULTICAST_IF): ours 0, Linux 1'],
  },
  {
    case: 'IPPROTO_IPV6 IPV6_MULTICAST_HOPS: of connections',
    reason: 'Linux shows there how the SYN came',
    results: ['server.getsockopt(4, IPPROTO_IPV6, IPV6_MULTICAST_HOPS): ours 1, Linux 64'],
  },
  {
    case: 'IPPROTO_IP IP_MULTICAST_TTL: set of a listener and its connections',
    reason: 'Linux shows there how the SYN came',
    results: ['server.getsockopt(4, IPPROTO_IP, IP_MULTICAST_TTL): ours 1, Linux 64'],
  },
  {
    case: 'IPPROTO_IPV6 IPV6_MULTICAST_IF: set of a listener and its connections',
    reason: 'Linux shows there how the SYN came',
    results: ['server.getsockopt(4, IPPROTO_IPV6, IPV6_MULTICAST_IF): ours 0, Linux 1'],
  },
  {
    case: 'IPPROTO_IPV6 IPV6_MULTICAST_HOPS: set of a listener and its connections',
    reason: 'Linux shows there how the SYN came',
    results: ['server.getsockopt(4, IPPROTO_IPV6, IPV6_MULTICAST_HOPS): ours 1, Linux 64'],
  },
  {
    case: 'what recvmsg() tells of a datagram to a group, over IPv4',
    reason: 'what may go no further than this host does not leave it',
    results: [
      'server.recvmsg(3, [50], 0): ours EAGAIN, Linux 4 "none" from 10.0.0.2:port1, flags 0, {"level":0,"type":8,"info":{"interfaceIndex":1,"localAddress":"10.0.0.1","address":"239.1.2.3"}} {"level":0,"type":2,"value":0}',
      'server.recvmsg(3, [50], 0): ours EAGAIN, Linux 9 "connected" from 10.0.0.2:port1, flags 0, {"level":0,"type":8,"info":{"interfaceIndex":1,"localAddress":"10.0.0.1","address":"239.1.2.3"}} {"level":0,"type":2,"value":0}',
    ],
  },
  {
    case: 'what recvmsg() tells of a datagram to a group, over IPv6',
    reason: 'what may go no further than this host does not leave it',
    results: [
      'server.recvmsg(3, [50], 0): ours EAGAIN, Linux 4 "none" from [fd00::2]:port1, flags 0, {"level":41,"type":50,"info":{"interfaceIndex":1,"address":"ff05::1:2"}} {"level":41,"type":52,"value":0}',
      'server.recvmsg(3, [50], 0): ours EAGAIN, Linux 9 "connected" from [fd00::2]:port1, flags 0, {"level":41,"type":50,"info":{"interfaceIndex":1,"address":"ff05::1:2"}} {"level":41,"type":52,"value":0}',
    ],
  },
];

/** The known differences of one case. */
export function expectedDifferences(name: string): string[] {
  return KNOWN_DIFFERENCES.filter((known) => known.case === name).flatMap(({ results }) => results);
}

export function differenceWords({ call, ours, linux }: Difference): string {
  return `${call}: ours ${ours}, Linux ${linux}`;
}
