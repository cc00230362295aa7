/** Packets that wait until the address of their next hop is known: bounded for each neighbour, and for all together. */

import type { EthernetCounters } from './ethernet-counters.ts';
import type { Neighbour, NeighbourSettings, WaitingPacket } from './neighbour.ts';

/** The waiting room of a neighbour cache. */
export class NeighbourWaiting {
  /** Bytes of all that waits. */
  bytes = 0;
  readonly #settings: NeighbourSettings;
  readonly #counters: EthernetCounters;

  constructor(settings: NeighbourSettings, counters: EthernetCounters) {
    this.#settings = settings;
    this.#counters = counters;
  }

  /**
   * Keeps the packet, if there is room for it at all.
   *
   * "When a queue overflows, the new arrival SHOULD replace the oldest entry." — RFC 4861 §7.2.2
   */
  add(entry: Neighbour, packet: WaitingPacket): void {
    const settings = this.#settings;
    const size = packet.bytes.length;
    while (entry.waiting.length > 0 && entry.waitingBytes + size > settings.waitingMaxBytes) this.#dropOldest(entry);
    if (size > settings.waitingMaxBytes || this.bytes + size > settings.waitingTotalMaxBytes) {
      this.#counters.unresolvedDropped++;
      return;
    }
    entry.waiting.push(packet);
    entry.waitingBytes += size;
    this.bytes += size;
  }

  /** Forgets what waited for `entry`. */
  clear(entry: Neighbour): void {
    this.bytes -= entry.waitingBytes;
    entry.waiting.length = 0;
    entry.waitingBytes = 0;
  }

  #dropOldest(entry: Neighbour): void {
    const oldest = entry.waiting.shift() as WaitingPacket;
    entry.waitingBytes -= oldest.bytes.length;
    this.bytes -= oldest.bytes.length;
    this.#counters.unresolvedDropped++;
  }
}
