/** The contract between a Host's driver and whatever carries its packets. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';

/**
 * Receives a batch from a link. Programs run inside of the call, and read out of the batch: they may transmit, or close
 * the link, and still its memory stays as it is, and no other batch is received, until the call returns or throws.
 *
 * @param batch Borrowed until the call returns.
 */
export type ReceiveBatch = (batch: PacketBatch) => void;

/** What a link did so far. Counters only grow. */
export interface LinkStats {
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  /** Packets given to `transmit` that did not leave: queue full, device down, refused by the device. */
  readonly sendDrops: number;
  /** Packets that arrived and could not be kept. */
  readonly receiveDrops: number;
}

/** A carrier of batches of IP packets, or of Ethernet frames. */
export interface Link {
  /** Most bytes of an IP packet on it, header included; 68 or more. */
  readonly mtuBytes: number;
  /** Largest IP packet (a super-segment) that it splits for us; 0 when it splits none. */
  readonly superSegmentBytes: number;
  /** Whether it may hand us packets beyond the MTU, merged from segments of one flow. */
  readonly receivesSuperSegments: boolean;
  /**
   * Who sums TCP payloads: `software`, we do, both ways; `offload`, we leave the pseudo-header's sum
   * (`PKT_CSUM_PARTIAL`) and the link finishes it; `trusted`, the same, and nobody ever needs it.
   */
  readonly checksum: 'software' | 'offload' | 'trusted';
  /** Free bytes that it wants in front of each packet of a batch it transmits. */
  readonly headroomBytes: number;
  /** What crosses it: IP packets, or Ethernet frames without their check sequence. Default `ip`. */
  readonly carries?: 'ip' | 'ethernet';
  /** Our address on a link of frames, as `02:00:00:00:00:01`. */
  readonly macAddress?: string | null;
  /** Counters so far. */
  readonly stats: LinkStats;
  /** Begins to deliver batches. Called once. */
  start(receive: ReceiveBatch): void;
  /** Sends a batch now, or counts what it could not send; the batch is borrowed until it returns. */
  transmit(batch: PacketBatch): void;
  /** Stops delivering and lets go of everything it holds. Resolves when done; calling twice is fine. */
  close(): Promise<void>;
}
