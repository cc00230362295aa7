/** A UDP datagram arrives (RFC 768): checked, and refused while nobody can have its port. */

import type { IpPacket } from '@tcpstack/ip/packet';
import { PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { checksumValid, checkUdp } from '@tcpstack/wire/udp';
import { refusePort } from './ip-layer.ts';
import type { Kernel } from './kernel.ts';

/** @param trusted The checksum was verified, or vouched for, below us. */
export function takeDatagram(kernel: Kernel, packet: IpPacket, trusted: boolean): void {
  const { bytes, transportAt, end, source, destination, version } = packet;
  if (checkUdp(bytes, transportAt, end) !== null) {
    kernel.counters.badDatagrams++;
    return;
  }
  const pseudoSum = trusted ? 0 : pseudoHeaderSumOf(source, destination, PROTOCOL_UDP);
  if (!trusted && !checksumValid(bytes, transportAt, pseudoSum, version)) {
    kernel.counters.badDatagramChecksums++;
    return;
  }
  kernel.counters.noDatagramPort++;
  refusePort(kernel, packet);
}
