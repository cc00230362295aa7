/** A Link that shows every packet that crosses another one to a sink, with checksums a reader can verify. */

import { type PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { ETHERNET_HEADER_BYTES } from '@tcpstack/wire/ethernet';
import { finishPacket } from '@tcpstack/wire/finish';
import {
  interfaceBlock,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  packetBlock,
  sectionHeaderBlock,
} from '@tcpstack/wire/pcapng';
import type { Link, LinkStats, ReceiveBatch } from './link.ts';
import { nodeScheduler, type Scheduler } from './scheduler.ts';

/** One packet seen by a capture. Borrowed, with its bytes, until the sink returns. */
export interface CapturedPacket {
  /** On the clock of the scheduler. */
  readonly nowMs: number;
  /** Seen from the host: `in` is received. */
  readonly direction: 'in' | 'out';
  /** The packet from its IP header on, or the frame that the link carries. Its checksum is complete, also where the link left that to others. */
  readonly bytes: Uint8Array;
  /** Payload bytes per segment of a super-segment, 0 for an ordinary packet. */
  readonly segmentBytes: number;
}

/** Takes each captured packet, in the order of crossing. */
export type PacketSink = (packet: CapturedPacket) => void;

/** Wraps `link`; use the result in its place. */
export function captureLink(link: Link, sink: PacketSink, options: { readonly scheduler?: Scheduler } = {}): Link {
  return new CaptureLink(link, sink, options.scheduler ?? nodeScheduler);
}

/**
 * A sink that writes a pcapng file, block by block, beginning with the first two blocks at once.
 *
 * @param write Gets bytes that it may keep.
 * @param options.epochMs What the scheduler's 0 is in milliseconds since 1970. Default: that of `nodeScheduler`.
 * @param options.name Name of the interface in the file. Default "tcpstack".
 * @param options.carries What the link carries: `link.carries`. Default IP packets.
 */
export function pcapngSink(
  write: (bytes: Uint8Array) => void,
  options: { readonly epochMs?: number; readonly name?: string; readonly carries?: 'ip' | 'ethernet' } = {},
): PacketSink {
  const epochMs = options.epochMs ?? performance.timeOrigin;
  write(sectionHeaderBlock('tcpstack'));
  const linkType = options.carries === 'ethernet' ? LINKTYPE_ETHERNET : LINKTYPE_RAW;
  write(interfaceBlock({ linkType, resolution: 'nanoseconds', name: options.name ?? 'tcpstack' }));
  return ({ nowMs, direction, bytes }) => {
    write(
      packetBlock(bytes, 0, bytes.length, {
        interfaceId: 0,
        resolution: 'nanoseconds',
        timestampMs: epochMs + nowMs,
        direction: direction === 'in' ? 'inbound' : 'outbound',
      }),
    );
  };
}

class CaptureLink implements Link {
  readonly mtuBytes: number;
  readonly superSegmentBytes: number;
  readonly receivesSuperSegments: boolean;
  readonly checksum: Link['checksum'];
  readonly headroomBytes: number;
  readonly carries: 'ip' | 'ethernet';
  readonly macAddress: string | null;
  readonly #inner: Link;
  readonly #sink: PacketSink;
  readonly #scheduler: Scheduler;

  constructor(inner: Link, sink: PacketSink, scheduler: Scheduler) {
    this.#inner = inner;
    this.#sink = sink;
    this.#scheduler = scheduler;
    this.mtuBytes = inner.mtuBytes;
    this.superSegmentBytes = inner.superSegmentBytes;
    this.receivesSuperSegments = inner.receivesSuperSegments;
    this.checksum = inner.checksum;
    this.headroomBytes = inner.headroomBytes;
    this.carries = inner.carries ?? 'ip';
    this.macAddress = inner.macAddress ?? null;
  }

  get stats(): LinkStats {
    return this.#inner.stats;
  }

  start(receive: ReceiveBatch): void {
    this.#inner.start((batch) => {
      this.#show(batch, 'in');
      receive(batch);
    });
  }

  transmit(batch: PacketBatch): void {
    // Before the link has it: a link may write its own header, or the checksum, into the arena.
    this.#show(batch, 'out');
    this.#inner.transmit(batch);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #show(batch: PacketBatch, direction: 'in' | 'out'): void {
    const nowMs = this.#scheduler.nowMs();
    for (let i = 0; i < batch.count; i++) {
      const at = batch.offsetAt(i);
      let bytes = batch.arena.subarray(at, at + batch.lengthAt(i));
      if ((batch.flagsAt(i) & PKT_CSUM_PARTIAL) !== 0) {
        bytes = bytes.slice();
        finishPacket(bytes, this.carries === 'ethernet' ? ETHERNET_HEADER_BYTES : 0, bytes.length);
      }
      this.#sink({ nowMs, direction, bytes, segmentBytes: batch.segmentBytesAt(i) });
    }
  }
}
