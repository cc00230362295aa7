/** What a Host sends by one interface, handed over to the link that it is. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import type { Host } from '@tcpstack/sockets/host';
import { ETHERNET_HEADER_BYTES } from '@tcpstack/wire/ethernet';
import type { Link } from './link.ts';

/** Packets of the batch for output; a batch full is handed over and filled again. */
const TRANSMIT_PACKETS = 256;
/** Output arena: large enough to spread the cost of a crossing, small enough to stay in the cache. */
const TRANSMIT_ARENA_BYTES = 1024 * 1024;
/** Batches handed over before the event loop gets its turn. */
const TRANSMIT_BATCHES_PER_TURN_MAX = 32;

/** One link of a Driver. */
export class LinkOutput {
  readonly link: Link;
  /** Of the Host's interface. */
  readonly interfaceIndex: number;
  readonly #batch: PacketBatch;
  readonly #onTransmitted: () => void;

  constructor(link: Link, interfaceIndex: number, onTransmitted: () => void) {
    this.link = link;
    this.interfaceIndex = interfaceIndex;
    this.#onTransmitted = onTransmitted;
    // The host writes the frame's header in front of each packet, the link its own in front of that.
    const headroomBytes = link.headroomBytes + (link.carries === 'ethernet' ? ETHERNET_HEADER_BYTES : 0);
    this.#batch = new PacketBatch({
      capacityPackets: TRANSMIT_PACKETS,
      arenaBytes: Math.max(TRANSMIT_ARENA_BYTES, 4 * (Math.max(link.mtuBytes, link.superSegmentBytes) + headroomBytes)),
      headroomBytes,
    });
  }

  /** Hands all that waits to the link; false when it stopped at the limit of a turn. */
  transmit(host: Host, nowMs: number): boolean {
    const batch = this.#batch;
    for (let batches = 0; batches < TRANSMIT_BATCHES_PER_TURN_MAX; batches++) {
      batch.clear();
      const more = host.pollTransmit(nowMs, batch, this.interfaceIndex);
      if (batch.count > 0) {
        this.link.transmit(batch);
        this.#onTransmitted();
      }
      if (!more) return true;
    }
    return false;
  }
}
