/** `struct sockaddr_in` and `sockaddr_in6`, and what our calls have in their place. */

import { AF_INET, AF_INET6, AF_UNSPEC } from '@tcpstack/sockets/constants';
import {
  formatAddress,
  formatIpv6,
  IpAddress,
  parseAddress,
  readIpv4Address,
  readIpv6Address,
  writeIpv6Address,
} from '@tcpstack/wire/ip-address';

/** Room for any address. */
export const SOCKADDR_BYTES = 128;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

/** An address as our calls take and give it; of the family that its text shows, unless it says another. */
export interface Endpoint {
  readonly family?: number;
  readonly address: string;
  readonly port: number;
  readonly scopeId?: number;
}

/** The bytes of an address; `null` when the text is none. */
export function encodeSockaddr(endpoint: Endpoint): Uint8Array | null {
  const { address, port, scopeId = 0 } = endpoint;
  const family = endpoint.family ?? (address.includes(':') ? AF_INET6 : AF_INET);
  const parsed = family === AF_UNSPEC && address === '' ? new IpAddress() : parseAddress(address);
  if (parsed === null) return null;
  const bytes = new Uint8Array(family === AF_INET6 ? SOCKADDR_IN6_BYTES : SOCKADDR_IN_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port);
  if (family === AF_INET6) {
    writeIpv6Address(bytes, 8, parsed);
    view.setUint32(24, scopeId, true);
  } else {
    view.setInt32(4, parsed.w3);
  }
  return bytes;
}

/** The address in bytes that the kernel wrote. */
export function decodeSockaddr(bytes: Uint8Array): Endpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  const address = new IpAddress();
  if (family === AF_INET6) {
    readIpv6Address(bytes, 8, address);
    return { family, address: formatIpv6(address), port, scopeId: view.getUint32(24, true) };
  }
  if (family !== AF_INET) return { family, address: '', port: 0 };
  readIpv4Address(bytes, 4, address);
  return { family, address: formatAddress(address), port };
}
