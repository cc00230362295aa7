/** Where packets go first: what an Ethernet interface asks its host. */

import type { IpAddress } from '@tcpstack/wire/ip-address';

/** The routes, seen from one interface. */
export interface NextHops {
  /**
   * Writes the neighbour to which a packet for `destination` goes into `into`: the destination itself, or a router.
   *
   * @returns False when there is no way by this interface.
   */
  nextHopFor(destination: Readonly<IpAddress>, into: IpAddress): boolean;
}
