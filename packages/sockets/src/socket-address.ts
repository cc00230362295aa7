/** Socket addresses, as calls take and give them: text outside, words inside. */

import { needsScope } from '@tcpstack/ip/routes';
import { formatAddress, formatIpv6, IpAddress, ipv4Address, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';
import type { SockAddr } from './call-types.ts';
import { AF_INET, AF_INET6 } from './constants.ts';
import { EAFNOSUPPORT, EINVAL, ENETUNREACH } from './errno.ts';
import type { Kernel } from './kernel.ts';
import type { Socket } from './socket.ts';

const PORT_MAX = 65_535;

/** A socket address in words. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
  /** Index of the interface that `address` is meant on; -1 when it is not said. */
  readonly scopeIndex: number;
}

/** Whether `port` is a whole number of 0 to 65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= PORT_MAX;
}

/**
 * Reads what a user gave to a call of `socket`; a negative errno when it is none of its family. An AF_INET6 socket takes
 * IPv4 addresses in their mapped form only.
 *
 * @param noInterface What to say of a link-local address on an interface that there is not.
 */
export function readSockAddr(
  kernel: Kernel,
  socket: Socket,
  given: string | SockAddr,
  givenPort: number | undefined,
  noInterface = ENETUNREACH,
): Endpoint | number {
  const whole = typeof given === 'string' ? { address: given, port: givenPort ?? -1 } : given;
  const [text = '', zone] = whole.address.split('%');
  const isIpv6Text = text.includes(':');
  if (socket.domain === AF_INET && (isIpv6Text || whole.family === AF_INET6)) {
    return parseAddress(text) === null ? -EINVAL : -EAFNOSUPPORT;
  }
  if (socket.domain === AF_INET6 && (!isIpv6Text || whole.family === AF_INET)) return -EINVAL;
  const address = parseAddress(text);
  if (address === null || !isPort(whole.port)) return -EINVAL;
  const scopeIndex = scopeOf(kernel, zone ?? whole.scopeId);
  if (scopeIndex !== null) return { address, port: whole.port, scopeIndex };
  if (zone !== undefined) return -EINVAL;
  // Like Linux: only link-local addresses have a scope.
  return needsScope(address) ? -noInterface : { address, port: whole.port, scopeIndex: -1 };
}

/** -1 for none, `null` for an interface that there is not. */
function scopeOf(kernel: Kernel, zone: string | number | undefined): number | null {
  if (zone === undefined || zone === 0 || zone === '') return -1;
  const { interfaces } = kernel.routing;
  const found = interfaces.find(zone) ?? (/^[0-9]+$/.test(String(zone)) ? interfaces.find(Number(zone)) : null);
  return found?.index ?? null;
}

/**
 * The interface to which `socket` is bound, or that a link-local address names; -1 for any, and -EINVAL when one must be
 * named and is not, or two different ones are.
 */
export function interfaceFor(socket: Socket, { address, scopeIndex }: Endpoint): number {
  const { interfaceIndex } = socket.options;
  if (!needsScope(address)) return interfaceIndex;
  if (scopeIndex < 0) return interfaceIndex < 0 ? -EINVAL : interfaceIndex;
  return interfaceIndex >= 0 && interfaceIndex !== scopeIndex ? -EINVAL : scopeIndex;
}

/** As getsockname(2) and its like show it. */
export function showSockAddr(socket: Socket, address: Readonly<IpAddress>, port: number): SockAddr {
  if (socket.domain === AF_INET) return { family: AF_INET, address: formatAddress(address), port };
  const shown: SockAddr = { family: AF_INET6, address: formatIpv6(address), port };
  const scoped = needsScope(address) && socket.options.interfaceIndex > 0;
  return scoped ? { ...shown, scopeId: socket.options.interfaceIndex } : shown;
}

/** 127.0.0.1 or ::1, by the family of `any`. */
export function loopbackOf(any: Readonly<IpAddress>): IpAddress {
  return isIpv4(any) ? ipv4Address(0x7f00_0001) : new IpAddress(0, 0, 0, 1);
}
