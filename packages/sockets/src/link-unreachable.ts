/** A packet of ours cannot go on: nobody on the link answers for its next hop. */

import { ICMP_UNREACHABLE } from '@tcpstack/ip/icmp-error';
import { icmpArrives, report } from '@tcpstack/tcp/connection';
import { CODE6_ADDRESS, ICMPV6_UNREACHABLE } from '@tcpstack/wire/icmpv6';
import { IpAddress, isIpv4, readIpv4Address, readIpv6Address, setAddress } from '@tcpstack/wire/ip-address';
import { headerBytes, PROTOCOL_TCP, PROTOCOL_UDP, protocol } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES, nextHeader } from '@tcpstack/wire/ipv6';
import { destinationPort, sourcePort } from '@tcpstack/wire/tcp';
import { afterActivity } from './connections.ts';
import { EHOSTUNREACH } from './errno.ts';
import { hopFailed } from './forwarding.ts';
import type { Kernel } from './kernel.ts';
import { datagramFailed } from './udp-icmp.ts';

/** Of "destination unreachable" (RFC 792). */
const CODE_HOST = 1;

const source = new IpAddress();
const destination = new IpAddress();

/**
 * Tells the socket that sent the IP packet `bytes[at, end)`: EHOSTUNREACH, as in Linux. It ends one that is opening,
 * and is only the reason given should an open one end later. That TCP must not abort for such errors (RFC 9293 §3.9.2.2)
 * is said of what comes from the network; here it is our own link that says so.
 */
export function nextHopFailed(
  kernel: Kernel,
  bytes: Uint8Array,
  at: number,
  end: number,
  interfaceIndex: number,
): void {
  const transportAt = readEnds(bytes, at);
  if (!kernel.routing.interfaces.isOwn(source)) {
    hopFailed(kernel, bytes, at, end, interfaceIndex);
    return;
  }
  if (transportAt + 4 > end) return;
  // In the error queue it looks like the ICMP message that a router would have sent: we are its author.
  const [type, code] = isIpv4(source) ? [ICMP_UNREACHABLE, CODE_HOST] : [ICMPV6_UNREACHABLE, CODE6_ADDRESS];
  const number = isIpv4(source) ? protocol(bytes, at) : nextHeader(bytes, at);
  if (number === PROTOCOL_TCP) connectionFailed(kernel, bytes, transportAt, type, code);
  else if (number === PROTOCOL_UDP) datagramLost(kernel, bytes, at, transportAt, end, type, code);
}

function connectionFailed(kernel: Kernel, bytes: Uint8Array, transportAt: number, type: number, code: number): void {
  const remotePort = destinationPort(bytes, transportAt);
  const connection = kernel.connections.find(destination, remotePort, source, sourcePort(bytes, transportAt));
  if (connection === null) return;
  const { tcb } = connection;
  report(tcb, 'icmp', 'EHOSTUNREACH', type, code, 0, source);
  icmpArrives(tcb, tcb.state === 'SYN-SENT', 'EHOSTUNREACH');
  afterActivity(kernel, connection);
}

/** It may come back: like Linux only sockets with IP_RECVERR hear of it. */
function datagramLost(
  kernel: Kernel,
  bytes: Uint8Array,
  at: number,
  transportAt: number,
  end: number,
  type: number,
  code: number,
): void {
  const error = kernel.icmpError;
  error.version = isIpv4(source) ? 4 : 6;
  error.type = type;
  error.code = code;
  error.isTooBig = false;
  error.nextHopMtuBytes = 0;
  setAddress(error.offender, source);
  error.protocol = PROTOCOL_UDP;
  setAddress(error.source, source);
  setAddress(error.destination, destination);
  error.totalBytes = end - at;
  error.transportAt = transportAt;
  datagramFailed(kernel, bytes, end, error, EHOSTUNREACH, false);
}

/** Fills the addresses from a packet that we wrote; where its transport header begins. */
function readEnds(bytes: Uint8Array, at: number): number {
  if ((bytes[at] as number) >> 4 === 4) {
    readIpv4Address(bytes, at + 12, source);
    readIpv4Address(bytes, at + 16, destination);
    return at + headerBytes(bytes, at);
  }
  readIpv6Address(bytes, at + 8, source);
  readIpv6Address(bytes, at + 24, destination);
  return at + IPV6_HEADER_BYTES;
}
