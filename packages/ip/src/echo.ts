/** Answers ping: "Every host MUST implement an ICMP Echo server function" — RFC 1122 §3.2.2.6; RFC 4443 §4.2. */

import {
  checkIcmp,
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  identifier,
  sequence,
  type,
  writeEcho,
} from '@tcpstack/wire/icmp';
import * as Icmpv6 from '@tcpstack/wire/icmpv6';
import { PROTOCOL_ICMP } from '@tcpstack/wire/ipv4';
import { PROTOCOL_ICMPV6 } from '@tcpstack/wire/ipv6';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { headroomFor, type IpOutput, writeHeader } from './output.ts';
import type { IpPacket } from './packet.ts';
import type { PacketQueue } from './packet-queue.ts';

/**
 * Takes a packet that carries ICMP or ICMPv6; an echo request is answered into `queue`. Anything else is counted.
 *
 * @param mtuBytes Most bytes of a reply: nothing is fragmented.
 */
export function answerEcho(output: IpOutput, packet: IpPacket, mtuBytes: number, queue: PacketQueue): void {
  const { counters } = output;
  const isIpv4 = packet.version === 4;
  if (!isSound(packet)) {
    counters.icmpErrors++;
    return;
  }
  if (type(packet.bytes, packet.transportAt) !== (isIpv4 ? ICMP_ECHO_REQUEST : Icmpv6.ICMPV6_ECHO_REQUEST)) {
    counters.icmpIgnored++;
    return;
  }
  counters.echoRequests++;
  const headroom = headroomFor(packet.source);
  const total = headroom + packet.end - packet.transportAt;
  const at = total > mtuBytes ? -1 : queue.reserve(total);
  if (at < 0) {
    counters.echoRepliesDropped++;
    return;
  }
  const { arena } = queue;
  arena.set(packet.bytes.subarray(packet.transportAt, packet.end), at + headroom);
  writeReply(arena, at + headroom, at + total, packet);
  const protocol = isIpv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  writeHeader(output, arena, at, total, protocol, packet.destination, packet.source);
  queue.commit(total);
  counters.echoRepliesSent++;
}

function isSound({ version, bytes, transportAt, end, source, destination }: IpPacket): boolean {
  if (version === 4) return checkIcmp(bytes, transportAt, end) === null;
  return Icmpv6.checkIcmpv6(bytes, transportAt, end, pseudoHeaderSumOf(source, destination, PROTOCOL_ICMPV6)) === null;
}

/** Over the copy of the request `bytes[at, end)`, whose data stay: "MUST be entirely included in the ... Reply". */
function writeReply(bytes: Uint8Array, at: number, end: number, { version, source, destination }: IpPacket): void {
  const [id, number] = [identifier(bytes, at), sequence(bytes, at)];
  if (version === 4) {
    writeEcho(bytes, at, end, ICMP_ECHO_REPLY, id, number);
    return;
  }
  const pseudoSum = pseudoHeaderSumOf(destination, source, PROTOCOL_ICMPV6);
  Icmpv6.writeEcho6(bytes, at, end, Icmpv6.ICMPV6_ECHO_REPLY, id, number, pseudoSum);
}
