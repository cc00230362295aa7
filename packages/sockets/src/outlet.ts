/** What waits to leave by one interface, and what TCP must know of it. */

import type { Interface } from '@tcpstack/ip/interfaces';
import { PacketQueue } from '@tcpstack/ip/packet-queue';
import { DEFAULT_SEND_MSS_BYTES, DEFAULT_SEND_MSS_IPV6_BYTES } from '@tcpstack/tcp/limits';
import type { LinkLimits } from '@tcpstack/tcp/tcb';
import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import { IPV4_HEADER_BYTES } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES } from '@tcpstack/wire/ipv6';
import { TCP_HEADER_BYTES, TCP_HEADER_BYTES_MAX } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { ResetQueue } from './reset-queue.ts';
import { SynAckQueue } from './syn-ack-queue.ts';

/** What a length field can say: of the whole packet in IPv4, of what is behind the header in IPv6. */
const LENGTH_FIELD_MAX = 65_535;

/** As much as a few batches of a link bring. */
const TRANSIT_PACKETS = 1024;
const TRANSIT_BYTES = 4 * 1024 * 1024;

/** Most bytes of a packet with an IP header of `headerBytes` over a link that takes `mtuBytes`. */
export function packetMaxBytes(mtuBytes: number, headerBytes: number): number {
  return Math.min(mtuBytes, headerBytes === IPV6_HEADER_BYTES ? LENGTH_FIELD_MAX + headerBytes : LENGTH_FIELD_MAX);
}

/** One for each interface. */
export interface Outlet {
  readonly out: Interface;
  /** Connections that may have something to send. */
  readonly dirty: Connection[];
  readonly resets: ResetQueue;
  /** Of SYN cookies. */
  readonly synAcks: SynAckQueue;
  /** What the IP layer itself has to say. */
  readonly packets: PacketQueue;
  /** What others sent, and we pass on. */
  readonly transit: PacketQueue;
  readonly ipv4: LinkLimits;
  ipv6: LinkLimits;
}

export function createOutlet(out: Interface): Outlet {
  return {
    out,
    dirty: [],
    resets: new ResetQueue(),
    synAcks: new SynAckQueue(),
    packets: new PacketQueue(),
    transit: new PacketQueue(TRANSIT_PACKETS, TRANSIT_BYTES),
    ipv4: limitsOf(out, out.mtuBytes, IPV4_HEADER_BYTES, DEFAULT_SEND_MSS_BYTES),
    ipv6: ipv6LimitsOf(out),
  };
}

/** A router said how large IPv6 packets may be. Connections that are open keep what they told their peers. */
export function ipv6MtuChanged(outlet: Outlet): void {
  outlet.ipv6 = ipv6LimitsOf(outlet.out);
}

function ipv6LimitsOf(out: Interface): LinkLimits {
  return limitsOf(out, out.ipv6MtuBytes, IPV6_HEADER_BYTES, DEFAULT_SEND_MSS_IPV6_BYTES);
}

/** Those for a connection to this address. */
export function limitsFor({ ipv4, ipv6 }: Outlet, remote: Readonly<IpAddress>): LinkLimits {
  return isIpv4(remote) ? ipv4 : ipv6;
}

/** Whether anything waits. */
export function isWaiting({ dirty, resets, synAcks, packets, transit }: Outlet): boolean {
  return dirty.length > 0 || resets.length > 0 || synAcks.length > 0 || packets.pending || transit.pending;
}

/**
 * "when the effective MTU of an interface varies packet-to-packet, TCP implementations SHOULD use the smallest effective
 * MTU of the interface to calculate the value to advertise in the MSS Option" — RFC 9293 §3.7.3 [SHLD-6]
 */
function limitsOf(out: Interface, mtuBytes: number, ipHeaderBytes: number, defaultSendMssBytes: number): LinkLimits {
  const smallestBytes = packetMaxBytes(Math.min(out.smallestMtuBytes, mtuBytes), ipHeaderBytes);
  const superBytes = out.superSegmentBytes - ipHeaderBytes - TCP_HEADER_BYTES_MAX;
  return {
    advertisedMssBytes: smallestBytes - ipHeaderBytes - TCP_HEADER_BYTES,
    defaultSendMssBytes,
    superSegmentPayloadBytes: out.superSegmentBytes === 0 ? 0 : superBytes,
  };
}
