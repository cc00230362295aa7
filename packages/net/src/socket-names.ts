/** Addresses as Node shows them. */

import { AF_INET6 } from '@tcpstack/sockets/constants';
import type { SockAddr } from '@tcpstack/sockets/syscalls';

/** As Node calls it. What a server on `::` has of IPv4 is IPv6 as well: "::ffff:10.0.0.2". */
export type Family = 'IPv4' | 'IPv6';

/** Address, family and port, as Node gives them. */
export interface AddressInfo {
  address: string;
  family: Family;
  port: number;
}

/** In Node's form; none when the call that asked for it failed. */
export function addressInfo(name: SockAddr | number): AddressInfo | null {
  return typeof name === 'number' ? null : { address: name.address, family: familyOf(name), port: name.port };
}

function familyOf({ family }: SockAddr): Family {
  return family === AF_INET6 ? 'IPv6' : 'IPv4';
}
