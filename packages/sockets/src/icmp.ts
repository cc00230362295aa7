/** An ICMP error arrives: which connection sent what it quotes, and how bad it is. */

import { ICMP_PARAMETER_PROBLEM, ICMP_UNREACHABLE, type IcmpError, readIcmpError } from '@tcpstack/ip/icmp-error';
import type { IpPacket } from '@tcpstack/ip/packet';
import { icmpArrives, isOutstanding, report } from '@tcpstack/tcp/connection';
import type { TcpError } from '@tcpstack/tcp/tcb';
import { CODE6_PORT, CODE6_PROHIBITED, ICMPV6_PARAMETER_PROBLEM, ICMPV6_UNREACHABLE } from '@tcpstack/wire/icmpv6';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { destinationPort, sequence, sourcePort } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { afterActivity } from './connections.ts';
import { errnoOf } from './errno.ts';
import type { Kernel } from './kernel.ts';
import { packetTooBig } from './path-mtu.ts';
import { datagramFailed } from './udp-icmp.ts';

/** Errors by the code of "destination unreachable", as Linux has them; 4 is path MTU discovery's. */
const UNREACHABLE: readonly TcpError[] = [
  ...(['ENETUNREACH', 'EHOSTUNREACH', 'ENOPROTOOPT', 'ECONNREFUSED', '', 'EOPNOTSUPP'] as const),
  ...(['ENETUNREACH', 'EHOSTDOWN', 'ENONET', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTUNREACH'] as const),
  ...(['EHOSTUNREACH', 'EHOSTUNREACH', 'EHOSTUNREACH'] as const),
];
/** The same of ICMPv6 (`icmpv6_err_convert`). */
const UNREACHABLE_V6: readonly TcpError[] = [
  ...(['ENETUNREACH', 'EACCES', 'EHOSTUNREACH', 'EHOSTUNREACH', 'ECONNREFUSED', 'EACCES', 'EACCES'] as const),
];
/** Codes 0 and 1 of "destination unreachable", source route failed, and 0 and 1 for a type of service. */
const SOFT_CODES: ReadonlySet<number> = new Set([0, 1, 5, 11, 12]);
const CODE_PROTOCOL = 2;
const CODE_PORT = 3;

/** Takes the ICMP message of a packet; false when it is no error message. Whatever it says, nothing throws. */
export function takeIcmpError(kernel: Kernel, packet: IpPacket): boolean {
  const error = kernel.icmpError;
  kernel.counters.icmpReceived++;
  const verdict = readIcmpError(packet, kernel.ip.counters, error);
  if (verdict === 'error') dispatch(kernel, packet.bytes, packet.end, error);
  return verdict !== 'other';
}

/**
 * "TCP implementations MUST act on an ICMP error message passed up from the IP layer, directing it to the connection that
 * created the error (MUST-54). The necessary demultiplexing information can be found in the IP header contained within
 * the ICMP message." — RFC 9293 §3.9.2.2
 */
function dispatch(kernel: Kernel, bytes: Uint8Array, end: number, error: IcmpError): void {
  const { transportAt, source, destination } = error;
  if (error.protocol === PROTOCOL_UDP && kernel.routing.interfaces.own(source) !== null) {
    if (datagramFailed(kernel, bytes, end, error, errnoOf(errorOf(error)), isHardForDatagrams(error))) return;
  }
  if (error.protocol !== PROTOCOL_TCP || !kernel.routing.interfaces.isOwn(source)) {
    kernel.counters.strayIcmpErrors++;
    return;
  }
  const remotePort = destinationPort(bytes, transportAt);
  const localPort = sourcePort(bytes, transportAt);
  const connection = kernel.connections.find(destination, remotePort, source, localPort);
  if (connection === null) {
    // Of a connection in TIME-WAIT nothing is outstanding.
    const inTimeWait = kernel.timeWaits.find(destination, remotePort, source, localPort) >= 0;
    if (inTimeWait) {
      kernel.counters.connectionIcmpErrors++;
      kernel.shared.counters.icmpOutOfWindow++;
    } else kernel.counters.strayIcmpErrors++;
    return;
  }
  kernel.counters.connectionIcmpErrors++;
  if (isOutstanding(connection.tcb, sequence(bytes, transportAt))) toConnection(kernel, connection, error);
}

function toConnection(kernel: Kernel, connection: Connection, error: IcmpError): void {
  const { tcb } = connection;
  if (error.isTooBig) {
    packetTooBig(kernel, connection, error);
    return;
  }
  const name = errorOf(error);
  report(tcb, 'icmp', name, error.type, error.code, 0, error.offender);
  icmpArrives(tcb, isHard(error), name);
  afterActivity(kernel, connection);
}

/** Of ICMPv6 codes 1 and 4 of "destination unreachable" are (RFC 5461 §2.2); Linux takes more of them for hard. */
function isHard({ version, type, code }: IcmpError): boolean {
  if (version === 6) return type === ICMPV6_UNREACHABLE && (code === CODE6_PROHIBITED || code === CODE6_PORT);
  return type === ICMP_UNREACHABLE && (code === CODE_PROTOCOL || code === CODE_PORT);
}

/** Linux's `fatal`: networks and hosts that cannot be reached may be so for a while only, time may not run out again. */
function isHardForDatagrams({ version, type, code }: IcmpError): boolean {
  if (version === 6) {
    if (type === ICMPV6_UNREACHABLE) return code === CODE6_PROHIBITED || code >= CODE6_PORT;
    return type === ICMPV6_PARAMETER_PROBLEM;
  }
  if (type === ICMP_UNREACHABLE) return !SOFT_CODES.has(code);
  return type === ICMP_PARAMETER_PROBLEM;
}

function errorOf({ version, type, code }: IcmpError): TcpError {
  if (version === 6) {
    if (type === ICMPV6_UNREACHABLE) return UNREACHABLE_V6[code] ?? 'EPROTO';
    return type === ICMPV6_PARAMETER_PROBLEM ? 'EPROTO' : 'EHOSTUNREACH';
  }
  if (type === ICMP_UNREACHABLE) return UNREACHABLE[code] ?? 'EHOSTUNREACH';
  return type === ICMP_PARAMETER_PROBLEM ? 'EPROTO' : 'EHOSTUNREACH';
}
