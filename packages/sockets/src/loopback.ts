/** The way from this Host to itself: what leaves by `lo` comes in again with the next turn. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { takeBatch } from './input.ts';
import type { Kernel } from './kernel.ts';
import { isWaiting, type Outlet } from './outlet.ts';
import { fillOutlet } from './transmit.ts';

/** A few of the largest packets; who has more to send waits for the next turn. */
const WAITING_PACKETS = 64;
const WAITING_BYTES = 512 * 1024;

/** Packets on their way, none of which can be lost or damaged. */
export class Loopback {
  /** Made when it is first used: most Hosts never talk to themselves. */
  #batch: PacketBatch | null = null;

  /** Whether packets are under way: `deliver` is due. */
  get isCarrying(): boolean {
    return this.#batch !== null && this.#batch.count > 0;
  }

  /** Takes what waits in the outlet of `lo`, once what was under way has arrived. */
  collect(kernel: Kernel, outlet: Outlet): void {
    if (this.isCarrying || !isWaiting(outlet)) return;
    this.#batch ??= new PacketBatch({ capacityPackets: WAITING_PACKETS, arenaBytes: WAITING_BYTES });
    this.#batch.clear();
    fillOutlet(kernel, outlet, this.#batch);
  }

  /** Lets arrive what is under way; not while another batch is borrowed. */
  deliver(kernel: Kernel): void {
    if (this.#batch === null || this.#batch.count === 0 || kernel.shared.loans.isOpen) return;
    takeBatch(kernel, this.#batch, 0);
    this.#batch.clear();
  }
}
