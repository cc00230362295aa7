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
import { POLLIN, POLLRDNORM } from './constants.ts';
import { refusePort } from './ip-layer.ts';
import type { Kernel } from './kernel.ts';
import { wake } from './readiness.ts';
import { datagramSocketFor } from './udp-demux.ts';

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
  const socket = datagramSocketFor(kernel, source, from, destination, to, interfaceIndex);
  const datagrams = socket?.datagrams ?? null;
  if (socket === null || datagrams === null) {
    counters.noDatagramPort++;
    refusePort(kernel, packet);
    return;
  }
  datagrams.queue.limitBytes = socket.options.receiveBufferBytes;
  const dataAt = transportAt + UDP_HEADER_BYTES;
  if (datagrams.queue.push(packet, from, bytes, dataAt, transportAt + lengthBytes(bytes, transportAt))) {
    counters.datagramsReceived++;
    wake(kernel, socket, POLLIN | POLLRDNORM);
  } else counters.datagramQueueDrops++;
}
