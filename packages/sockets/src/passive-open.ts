/** What a packet from elsewhere is answered by: the way back, and a connection over it. */

import type { IpPacket } from '@tcpstack/ip/packet';
import { needsScope, type Route } from '@tcpstack/ip/routes';
import { copyOf, type IpAddress } from '@tcpstack/wire/ip-address';
import type { Segment } from '@tcpstack/wire/segment';
import type { Connection } from './connection.ts';
import { openConnection } from './connections.ts';
import type { Kernel } from './kernel.ts';
import type { Listener } from './listener.ts';

/** The packet in hand: between whom, and where it came in. */
export type Arrival = Pick<IpPacket, 'source' | 'destination' | 'interfaceIndex'>;

/** The way to who sent the packet, or `null`. What means something on one link only goes back over that. */
export function wayBack({ routing }: Kernel, { source, interfaceIndex }: Arrival): Route | null {
  return routing.lookup(source, needsScope(source) ? routing.interfaces.find(interfaceIndex) : null);
}

/** A connection in the table for who sent the segment to `listener`; `null` when there is no way back. */
export function openPassive(kernel: Kernel, listener: Listener, arrival: Arrival, seg: Segment): Connection | null {
  const path = wayBack(kernel, arrival);
  if (path === null) return null;
  const { source, interfaceIndex } = arrival;
  const boundIndex = needsScope(source) ? interfaceIndex : listener.socket.options.interfaceIndex;
  const local = ownAddressOf(kernel, arrival);
  return openConnection(kernel, true, local, seg.destinationPort, source, seg.sourcePort, path, boundIndex);
}

/** The address of ours that a packet was for, to be kept. */
function ownAddressOf({ routing }: Kernel, { destination }: Arrival): Readonly<IpAddress> {
  return routing.interfaces.own(destination)?.address ?? copyOf(destination);
}
