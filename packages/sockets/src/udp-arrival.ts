/** A UDP datagram arrives (RFC 768): checked, and put in the queue of whoever has its port. */

import type { IpPacket } from '@tcpstack/ip/packet';
import { PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import {
  checksumValid,
  checkUdp,
  destinationPort,
  lengthBytes,
  sourcePort,
  UDP_HEADER_BYTES,
} from '@tcpstack/wire/udp';
import { refusePort } from './ip-layer.ts';
import type { Kernel } from './kernel.ts';
import { datagramSocketFor } from './udp-demux.ts';
import { deliverToMany, giveDatagram } from './udp-many.ts';

/** @param trusted The checksum was verified, or vouched for, below us. */
export function takeDatagram(kernel: Kernel, packet: IpPacket, trusted: boolean): void {
  const { bytes, transportAt, end, source, destination, version, interfaceIndex } = packet;
  const { counters } = kernel;
  counters.datagramsArrived++;
  if (checkUdp(bytes, transportAt, end) !== null) {
    counters.badDatagrams++;
    return;
  }
  const pseudoSum = trusted ? 0 : pseudoHeaderSumOf(source, destination, PROTOCOL_UDP);
  if (!trusted && !checksumValid(bytes, transportAt, pseudoSum, version)) {
    counters.badDatagramChecksums++;
    return;
  }
  const from = sourcePort(bytes, transportAt);
  const to = destinationPort(bytes, transportAt);
  const dataEnd = transportAt + lengthBytes(bytes, transportAt);
  if (packet.isToMany) {
    deliverToMany(kernel, packet, from, to, transportAt + UDP_HEADER_BYTES, dataEnd);
    return;
  }
  const socket = datagramSocketFor(kernel, source, from, destination, to, interfaceIndex);
  if (socket === null) {
    counters.noDatagramPort++;
    refusePort(kernel, packet);
    return;
  }
  giveDatagram(kernel, socket, packet, from, transportAt + UDP_HEADER_BYTES, dataEnd);
}
