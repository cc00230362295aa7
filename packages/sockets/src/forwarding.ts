/** Packets for other hosts, which this one passes on where it is told to: the outlets and ICMP behind `ip/forward`. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { forward } from '@tcpstack/ip/forward';
import { NO_HOST } from '@tcpstack/ip/icmp-send';
import { readIpv4Packet } from '@tcpstack/ip/input-ipv4';
import { readIpv6Packet } from '@tcpstack/ip/input-ipv6';
import { tellSender, tellTrouble } from './ip-layer.ts';
import type { Kernel } from './kernel.ts';

/** Packet `i` of the batch, which was read last, goes no further up: it goes on, or its sender is told why not. */
export function turnAway(kernel: Kernel, batch: PacketBatch, i: number): void {
  const { ipInput, forwarder, packet } = kernel;
  if (!ipInput.isForOthers) {
    tellTrouble(kernel);
    return;
  }
  ipInput.isForOthers = false;
  const complaint = forward(forwarder, packet, batch.flagsAt(i), batch.segmentBytesAt(i));
  if (complaint !== null) tellSender(kernel, packet, complaint, forwarder.detail);
}

/** Nobody on the next link answers for the packet `bytes[at, end)`, which is another's: its sender is told. */
export function hopFailed(kernel: Kernel, bytes: Uint8Array, at: number, end: number, interfaceIndex: number): void {
  const { packet, ip } = kernel;
  const is4 = (bytes[at] as number) >> 4 === 4;
  const isRead = is4
    ? readIpv4Packet(bytes, at, end, ip.counters, packet)
    : readIpv6Packet(bytes, at, end, ip.counters, packet);
  packet.interfaceIndex = interfaceIndex;
  if (isRead) tellSender(kernel, packet, NO_HOST);
}
