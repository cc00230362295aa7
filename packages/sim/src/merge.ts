/** What a receiving link does (GRO): joins a packet to the one before it when it continues that one's stream. */

import { PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { add } from '@tcpstack/seq/seq';
import {
  destination,
  headerBytes,
  identification,
  isFragment,
  PROTOCOL_TCP,
  protocol,
  pseudoHeaderSum,
  source,
} from '@tcpstack/wire/ipv4';
import {
  ACK,
  acknowledgment,
  checksumValid,
  checkTcp,
  dataOffsetBytes,
  destinationPort,
  FIN,
  flags,
  PSH,
  sequence,
  sourcePort,
  windowRaw,
} from '@tcpstack/wire/tcp';
import { ecnField, setIpLength } from './header-fields.ts';
import type { Packet } from './packet.ts';

const IPV4_PACKET_BYTES_MAX = 65_535;

/**
 * Appends `next` to `whole` when the two are one run of a stream with the same header otherwise: Linux's rules. `whole`
 * must have room for 65536 bytes; it is vouched for afterwards, as both parts were summed here.
 *
 * @returns Whether it was done; `next` stays the caller's.
 */
export function mergePacket(whole: Packet, next: Packet): boolean {
  if (!isAlike(whole, next) || !isIntact(whole) || !isIntact(next)) return false;
  const tcpAt = headerBytes(whole.bytes, 0);
  const payloadAt = tcpAt + dataOffsetBytes(whole.bytes, tcpAt);
  if (whole.segmentBytes === 0) whole.segmentBytes = whole.lengthBytes - payloadAt;
  whole.bytes.set(next.bytes.subarray(payloadAt, next.lengthBytes), whole.lengthBytes);
  whole.lengthBytes += next.lengthBytes - payloadAt;
  whole.bytes[tcpAt + 13] = flags(whole.bytes, tcpAt) | (flags(next.bytes, tcpAt) & (PSH | FIN));
  setIpLength(whole.bytes, whole.lengthBytes, identification(whole.bytes, 0));
  whole.flags |= PKT_CSUM_VALID;
  return true;
}

function isAlike(a: Packet, b: Packet): boolean {
  if (!isPlainTcp(a) || !isPlainTcp(b)) return false;
  const { bytes } = a;
  const tcpAt = headerBytes(bytes, 0);
  const payloadAt = tcpAt + dataOffsetBytes(bytes, tcpAt);
  const payloadBytes = a.lengthBytes - payloadAt;
  const nextBytes = b.lengthBytes - payloadAt;
  const size = a.segmentBytes === 0 ? payloadBytes : a.segmentBytes;
  return (
    // A segment shorter than the first, or with PSH, ends the run.
    payloadBytes > 0 &&
    payloadBytes % size === 0 &&
    nextBytes > 0 &&
    nextBytes <= size &&
    a.lengthBytes + nextBytes <= IPV4_PACKET_BYTES_MAX &&
    flags(bytes, tcpAt) === ACK &&
    (flags(b.bytes, tcpAt) & ~(PSH | FIN)) === ACK &&
    isSameFlow(a, b, tcpAt) &&
    sequence(b.bytes, tcpAt) === add(sequence(bytes, tcpAt), payloadBytes) &&
    isSameHeader(bytes, b.bytes, tcpAt, payloadAt)
  );
}

function isPlainTcp({ bytes, lengthBytes }: Packet): boolean {
  const at = headerBytes(bytes, 0);
  return protocol(bytes, 0) === PROTOCOL_TCP && !isFragment(bytes, 0) && checkTcp(bytes, at, lengthBytes) === null;
}

function isSameFlow(a: Packet, b: Packet, tcpAt: number): boolean {
  return (
    headerBytes(b.bytes, 0) === tcpAt &&
    source(a.bytes, 0) === source(b.bytes, 0) &&
    destination(a.bytes, 0) === destination(b.bytes, 0) &&
    sourcePort(a.bytes, tcpAt) === sourcePort(b.bytes, tcpAt) &&
    destinationPort(a.bytes, tcpAt) === destinationPort(b.bytes, tcpAt) &&
    // A mark on one of them must not be spread over, nor lost among, the others (RFC 3168 §5.3 on fragments).
    ecnField(a.bytes) === ecnField(b.bytes)
  );
}

/** Acknowledgment, window, length of the header and options are the same. */
function isSameHeader(a: Uint8Array, b: Uint8Array, tcpAt: number, payloadAt: number): boolean {
  if (
    acknowledgment(a, tcpAt) !== acknowledgment(b, tcpAt) ||
    windowRaw(a, tcpAt) !== windowRaw(b, tcpAt) ||
    dataOffsetBytes(a, tcpAt) !== dataOffsetBytes(b, tcpAt)
  ) {
    return false;
  }
  for (let i = tcpAt + 20; i < payloadAt; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Vouched for, or its checksum is right: a damaged packet must reach the host alone. */
function isIntact({ bytes, lengthBytes, flags: packetFlags }: Packet): boolean {
  if (packetFlags !== 0) return true;
  const at = headerBytes(bytes, 0);
  return checksumValid(bytes, at, lengthBytes, pseudoHeaderSum(source(bytes, 0), destination(bytes, 0), PROTOCOL_TCP));
}
