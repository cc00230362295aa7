/** Everything that a host emits is well formed: it parses, and its checksums are right. */

import { PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { checkIcmp } from '@tcpstack/wire/icmp';
import {
  checkIpv4,
  destination,
  headerBytes,
  isFragment,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  protocol,
  pseudoHeaderSum,
  source,
  totalLength,
} from '@tcpstack/wire/ipv4';
import { createSegment, readSegment } from '@tcpstack/wire/segment';
import { summarizePacket } from '@tcpstack/wire/summary';
import type { Packet } from '../packet.ts';
import type { SimHost } from '../sim-host.ts';
import type { Observer } from '../world.ts';
import { check } from './failure.ts';

export class WireChecker implements Observer {
  /** Packets that were looked at. */
  packets = 0;
  readonly #segment = createSegment();

  sent(_nowMs: number, from: SimHost, packet: Packet): void {
    const { bytes, lengthBytes, flags } = packet;
    this.packets++;
    const fault = this.#faultOf(bytes, lengthBytes, (flags & PKT_CSUM_PARTIAL) !== 0);
    check(
      fault === null,
      () => `wire: ${from.address} sent a bad packet, ${fault}: ${summarizePacket(bytes, 0, lengthBytes)}`,
    );
  }

  #faultOf(bytes: Uint8Array, lengthBytes: number, partial: boolean): string | null {
    const fault = checkIpv4(bytes, 0, lengthBytes);
    if (fault !== null) return fault;
    if (totalLength(bytes, 0) !== lengthBytes) return 'bytes after its end';
    if (isFragment(bytes, 0)) return null;
    const at = headerBytes(bytes, 0);
    if (protocol(bytes, 0) === PROTOCOL_ICMP) return checkIcmp(bytes, at, lengthBytes);
    if (protocol(bytes, 0) !== PROTOCOL_TCP) return null;
    const pseudoSum = pseudoHeaderSum(source(bytes, 0), destination(bytes, 0), PROTOCOL_TCP);
    return readSegment(bytes, at, lengthBytes, pseudoSum, partial, this.#segment);
  }
}
