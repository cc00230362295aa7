/** What a link does with a super-segment (TSO): packets of one segment each, as the peer sees them. */

import { PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { add } from '@tcpstack/seq/seq';
import { headerBytes, identification } from '@tcpstack/wire/ipv4';
import {
  acknowledgment,
  CWR,
  dataOffsetBytes,
  destinationPort,
  FIN,
  flags,
  PSH,
  sequence,
  sourcePort,
  urgentPointer,
  windowRaw,
  writeTcp,
} from '@tcpstack/wire/tcp';
import { setIpLength, sumTcp } from './header-fields.ts';
import type { Packet, PacketPool } from './packet.ts';

/**
 * Cuts a TCP packet into packets of at most `segmentBytes` payload. Each has the whole header; PSH and FIN stand on the
 * last alone, CWR on the first alone.
 *
 * @param packet Owned; it goes back to the pool when it was cut.
 * @param each Owns what it is given.
 */
export function splitPacket(
  pool: PacketPool,
  packet: Packet,
  segmentBytes: number,
  each: (part: Packet) => void,
): void {
  const { bytes, lengthBytes } = packet;
  const tcpAt = headerBytes(bytes, 0);
  const payloadAt = tcpAt + dataOffsetBytes(bytes, tcpAt);
  if (lengthBytes - payloadAt <= segmentBytes) {
    packet.segmentBytes = 0;
    each(packet);
    return;
  }
  for (let from = payloadAt, i = 0; from < lengthBytes; from += segmentBytes, i++) {
    const to = Math.min(lengthBytes, from + segmentBytes);
    const part = pool.take(payloadAt + to - from);
    part.lengthBytes = payloadAt + to - from;
    part.flags = packet.flags;
    part.segmentBytes = 0;
    part.bytes.set(bytes.subarray(0, payloadAt));
    part.bytes.set(bytes.subarray(from, to), payloadAt);
    setIpLength(part.bytes, part.lengthBytes, (identification(bytes, 0) + i) & 0xffff);
    writePartHeader(packet, part, tcpAt, from - payloadAt, to === lengthBytes);
    sumTcp(part.bytes, part.lengthBytes, (part.flags & PKT_CSUM_PARTIAL) === 0);
    each(part);
  }
  pool.give(packet);
}

function writePartHeader(whole: Packet, part: Packet, tcpAt: number, offsetBytes: number, last: boolean): void {
  const { bytes } = whole;
  let bits = flags(bytes, tcpAt);
  if (!last) bits &= ~(FIN | PSH);
  if (offsetBytes > 0) bits &= ~CWR;
  writeTcp(
    part.bytes,
    tcpAt,
    sourcePort(bytes, tcpAt),
    destinationPort(bytes, tcpAt),
    add(sequence(bytes, tcpAt), offsetBytes),
    acknowledgment(bytes, tcpAt),
    dataOffsetBytes(bytes, tcpAt),
    bits,
    windowRaw(bytes, tcpAt),
    urgentPointer(bytes, tcpAt),
  );
}
