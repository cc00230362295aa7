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
import type { IpCounters } from './counters.ts';
import { type DatagramOutput, type DatagramPlace, datagramHeadroom, sendDatagram } from './datagram-output.ts';
import type { HopSettings } from './output.ts';
import type { IpPacket } from './packet.ts';

/** What answering needs of the host. */
export interface EchoOutput extends DatagramOutput {
  readonly counters: IpCounters;
  readonly settings: HopSettings;
}

/** Where replies are made; as large as the largest so far. */
let scratch = new Uint8Array(2048);

/**
 * Takes a packet that carries ICMP or ICMPv6; an echo request is answered into `place`. Anything else is counted.
 *
 * @param mtuBytes Of the way back; longer replies leave in fragments.
 */
export function answerEcho(output: EchoOutput, packet: IpPacket, mtuBytes: number, place: DatagramPlace): void {
  const { counters, settings } = output;
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
  const { bytes, transportAt, source, destination, tosByte } = packet;
  const headroom = datagramHeadroom(source);
  const end = headroom + packet.end - transportAt;
  if (end > scratch.length) scratch = new Uint8Array(end);
  scratch.set(bytes.subarray(transportAt, packet.end), headroom);
  writeReply(scratch, headroom, end, packet);
  const protocol = isIpv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  // Like Linux, replies take the TOS byte of their request, and may be cut on their way.
  const verdict = sendDatagram(
    output,
    place,
    scratch,
    0,
    end,
    protocol,
    destination,
    source,
    mtuBytes,
    'dont',
    tosByte,
    isIpv4 ? settings.defaultTtlHops : settings.defaultHopLimit,
  );
  if (verdict === 'sent') counters.echoRepliesSent++;
  else counters.echoRepliesDropped++;
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
