/** What auto-tuning remembers of one connection, and how far it may go. */

import type { SlabPool } from '@tcpstack/bytes/slab-pool';
import { type Seq, seq } from '@tcpstack/seq/seq';

/** How far buffers grow by themselves. */
export interface BufferLimits {
  /** A send buffer never grows beyond this by itself; Linux's `tcp_wmem[2]`. */
  sendBufferMaxBytes: number;
  /** The same of a receive buffer; Linux's `tcp_rmem[2]`. */
  receiveBufferMaxBytes: number;
  /** While all buffers of a Host hold so much, none grows; Linux's `tcp_mem`. */
  bufferMemoryMaxBytes: number;
}

/** One round of a measurement: what had passed when it began. */
export interface TuneRound {
  /** -1 before the first. */
  sinceMs: number;
  /** Stream offset at that time. */
  offset: number;
}

/** Auto-tuning of one connection. */
export interface TuneState {
  /** Least round trip seen lately; -1 before the first. */
  rttMs: number;
  rttAtMs: number;
  /** When text last came. */
  heardAtMs: number;
  /** Our timestamp that the peer echoed last. */
  echoed: Seq;
  /** From a moment until a byte comes that had not been offered by then: one round trip, or more. */
  readonly turn: TuneRound;
  /** Bytes that the user took. */
  readonly taken: TuneRound;
  /** Bytes that the peer acknowledged; `null` until the user met a full buffer. */
  acked: TuneRound | null;
}

/** A round that has not begun. */
export function createRound(): TuneRound {
  return { sinceMs: -1, offset: 0 };
}

function createTuneState(): TuneState {
  return {
    rttMs: -1,
    rttAtMs: 0,
    heardAtMs: -1,
    echoed: seq(0),
    turn: createRound(),
    taken: createRound(),
    acked: null,
  };
}

/** To be written: made when data first flows. */
export function tuneOf(tcb: { tune: TuneState | null }): TuneState {
  tcb.tune ??= createTuneState();
  return tcb.tune;
}

/** Whether the buffers of the Host hold all that they may. */
export function isMemoryShort(shared: BufferLimits & { readonly pool: SlabPool }): boolean {
  return shared.pool.stats().lentBytes >= shared.bufferMemoryMaxBytes;
}
