/** What transports tell the IP layer about a path (RFC 1122 §3.3.1.4). */

import type { IpAddress } from '@tcpstack/wire/ip-address';
import type { IpOutput } from './output.ts';

/**
 * Negative advice: segments to this address are not answered. It would start the search for a dead gateway; with one
 * route there is no other to turn to, so it is counted, and `deadPathAdvice` is where an owner of several links can see
 * it.
 */
export function adviseAgainst(output: IpOutput, _destination: Readonly<IpAddress>): void {
  output.counters.deadPathAdvice++;
}
