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
    case: 'connect() where no route leads',
    reason: 'a Host with one link sends everything there',
    results: [
      'client.connect(3, 192.0.2.1, 80): ours EINPROGRESS, Linux ENETUNREACH',
      'client.poll(3: all): ours 0 {3: 0}, Linux 1 {3: POLLOUT|POLLHUP|POLLWRNORM}',
      'client.getsockname(3): ours 10.0.0.2:port1, Linux 0.0.0.0:0',
      'client.connect(3, 10.0.0.1, 80): ours EALREADY, Linux EINPROGRESS',
      'client.getsockopt(3, SOL_SOCKET, SO_ERROR): ours 0, Linux ECONNREFUSED',
    ],
  },
  {
    case: 'a host connects to itself',
    reason: 'no loopback inside the stack yet',
    results: [
      'server.connect(4, 10.0.0.1, 80): ours ENETUNREACH, Linux EINPROGRESS',
      'server.accept(3): ours EAGAIN, Linux 5',
      'server.getsockname(4): ours 0.0.0.0:0, Linux 10.0.0.1:port1',
      'server.write(4, [3]): ours EPIPE, Linux 3',
      'line 6: ours server.read(-11, [10]) = EBADF, Linux server.read(5, [10]) = 3 "own"',
      'server.socket(): ours 5, Linux 6',
      'line 8: ours server.connect(5, 127.0.0.1, 80) = ENETUNREACH, Linux server.connect(6, 127.0.0.1, 80) = EINPROGRESS',
      'server.accept(3): ours EAGAIN, Linux 7',
      'line 10: ours server.getpeername(-11) = EBADF, Linux server.getpeername(7) = 127.0.0.1:port2',
      'server.socket(): ours 6, Linux 8',
      'line 12: ours server.connect(6, 0.0.0.0, 80) = ENETUNREACH, Linux server.connect(8, 0.0.0.0, 80) = EINPROGRESS',
      'server.accept(3): ours EAGAIN, Linux 9',
      'line 14: ours server.getpeername(-11) = EBADF, Linux server.getpeername(9) = 127.0.0.1:port3',
    ],
  },
  {
    case: 'a port that a connection in TIME-WAIT had, with and without SO_REUSEADDR',
    reason: 'connections that a closed listener left do not hold its port yet',
    results: ['server.bind(3, 0.0.0.0, 80): ours 0, Linux EADDRINUSE'],
  },
  {
    case: 'a port of connections that are open, with and without SO_REUSEADDR',
    reason: 'connections that a closed listener left do not hold its port yet',
    results: ['server.bind(3, 0.0.0.0, 80): ours 0, Linux EADDRINUSE'],
  },
];

/** The known differences of one case. */
export function expectedDifferences(name: string): string[] {
  return KNOWN_DIFFERENCES.filter((known) => known.case === name).flatMap(({ results }) => results);
}

export function differenceWords({ call, ours, linux }: Difference): string {
  return `${call}: ours ${ours}, Linux ${linux}`;
}
