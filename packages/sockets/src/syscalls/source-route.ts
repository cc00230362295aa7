/** setsourceroute: what IP_OPTIONS with a loose source route is on Linux. */

import { parseIpv4 } from '@tcpstack/wire/address';
import { ROUTE_HOPS_MAX } from '@tcpstack/wire/ip-options';
import { EINVAL, EISCONN } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { notSocket } from './descriptor.ts';

/**
 * "An application MUST be able to specify a source route when it actively opens a TCP connection" — RFC 9293 §3.9.2.1
 * [MUST-51]
 */
export function sysSetsourceroute(kernel: Kernel, fd: number, hops: readonly string[]): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (socket.connection !== null) return -EISCONN;
  const parsed = hops.map(parseIpv4);
  if (hops.length > ROUTE_HOPS_MAX || parsed.includes(null)) return -EINVAL;
  // Nothing but headers must fit into the smallest packet.
  if (kernel.shared.advertisedMssBytes < 128 && hops.length > 0) return -EINVAL;
  socket.sourceRoute = parsed.filter((hop) => hop !== null);
  return 0;
}
