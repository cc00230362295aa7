/** All levels of options, and the one way in which a connection gets them. */

import { isIpv4 } from '@tcpstack/wire/ip-address';
import type { Connection } from '../../connection.ts';
import { AF_INET6, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP, SOL_SOCKET } from '../../constants.ts';
import type { OptionValues } from '../../option-values.ts';
import type { Socket } from '../../socket.ts';
import { IP_OPTIONS } from './ip.ts';
import { IPV6_OPTIONS } from './ipv6.ts';
import type { OptionTable, SocketOption } from './option.ts';
import { SOCKET_OPTIONS } from './socket.ts';
import { TCP_OPTIONS } from './tcp.ts';
import { UDP_OPTIONS } from './udp.ts';

/** The tables by the number of their level. */
export const OPTION_LEVELS: ReadonlyMap<number, OptionTable> = new Map([
  [SOL_SOCKET, SOCKET_OPTIONS],
  [IPPROTO_IP, IP_OPTIONS],
  [IPPROTO_IPV6, IPV6_OPTIONS],
  [IPPROTO_TCP, TCP_OPTIONS],
  [IPPROTO_UDP, UDP_OPTIONS],
]);

const APPLIED = [...OPTION_LEVELS.values()]
  .flatMap((table) => [...table.values()])
  .filter(({ apply }) => apply !== null);

/** The option, or `null` when there is none of that number at that level, or not for sockets of this domain and type. */
export function findOption({ domain, datagrams }: Socket, level: number, name: number): SocketOption | null {
  if (level === (datagrams === null ? IPPROTO_UDP : IPPROTO_TCP)) return null;
  // As in Linux a socket of IPv6 has both levels: what goes over IPv4 has IPv4's fields.
  if (level === IPPROTO_IPV6 && domain !== AF_INET6) return null;
  return OPTION_LEVELS.get(level)?.get(name) ?? null;
}

/**
 * Makes a connection do what its socket, or the listener that it came to, was told.
 *
 * @param isOpen False before the first segment.
 */
export function applyOptions(connection: Connection, values: OptionValues, isOpen: boolean, nowMs: number): void {
  for (const option of APPLIED) applyOption(option, connection, values, isOpen, nowMs);
}

/** The same with one option. */
export function applyOption(
  option: SocketOption,
  { tcb, remoteAddress }: Connection,
  values: OptionValues,
  isOpen: boolean,
  nowMs: number,
): void {
  option.apply?.(tcb, values, isOpen, nowMs, !isIpv4(remoteAddress));
}
