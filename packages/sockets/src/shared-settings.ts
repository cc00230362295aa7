/** What connections have of the settings: handed to them when it changes. */

import { isIpv4 } from '@tcpstack/wire/ip-address';
import type { Connection } from './connection.ts';
import type { Kernel } from './kernel.ts';
import { shareSettings } from './settings.ts';

/** The settings of TCP, or the hops of packets, changed: connections that live follow where Linux reads a value anew. */
export function spreadSettings(kernel: Kernel): void {
  const { settings, shared } = kernel;
  const { defaultTtlHops, defaultHopLimit } = shared;
  shareSettings(settings, shared);
  const hasChanged = defaultTtlHops !== shared.defaultTtlHops || defaultHopLimit !== shared.defaultHopLimit;
  // Linux looks at it for each packet (`ip_select_ttl`); here every connection is told, as it hardly ever changes.
  if (hasChanged) for (const one of kernel.connections.values()) followHops(one, defaultTtlHops, defaultHopLimit);
}

/** Unless the user said how many. */
function followHops(connection: Connection, oldTtlHops: number, oldHopLimit: number): void {
  const { tcb, socket, listener, remoteAddress } = connection;
  const { shared, out } = tcb;
  const isIpv6 = !isIpv4(remoteAddress);
  const options = socket?.options ?? listener?.socket.options ?? null;
  const asked = isIpv6 ? options?.unicastHops : options?.ttlHops;
  // Without a descriptor nobody knows any more who chose them.
  const isFree = asked === undefined ? out.ttlHops === (isIpv6 ? oldHopLimit : oldTtlHops) : asked === -1;
  if (isFree) out.ttlHops = isIpv6 ? shared.defaultHopLimit : shared.defaultTtlHops;
}
