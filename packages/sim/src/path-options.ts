/** How bad one direction of a network is. */

import type { Bottleneck, BottleneckOptions } from './bottleneck.ts';
import type { BurstLoss } from './loss.ts';

/** One-way path. Shares are 0 to 1. By default packets arrive at once, in order, all of them. */
export interface PathOptions {
  /** A queue of its own, or one that it shares with other paths. */
  readonly bottleneck?: BottleneckOptions | Bottleneck;
  /** Propagation delay. Default 0. */
  readonly delayMs?: number;
  /** Up to this much more for each packet; they keep their order all the same. Default 0. */
  readonly jitterMs?: number;
  /** Share of packets lost, each by itself. */
  readonly lossShare?: number;
  readonly burstLoss?: BurstLoss;
  /** Share of packets that take `reorderMs` longer, so that later ones overtake them. */
  readonly reorderShare?: number;
  /** Default 1. */
  readonly reorderMs?: number;
  /** Share of packets that arrive twice. */
  readonly duplicateShare?: number;
  /** Share of packets in which one bit flips. */
  readonly damageShare?: number;
  /** A packet longer than this is dropped. Default: none is. */
  readonly mtuBytes?: number;
  /** Whether the sender is told of that; false is a black hole. Default true. */
  readonly saysTooBig?: boolean;
  /** Largest super-segment that goes on whole. Default 0: all are split into packets of a segment each. */
  readonly superSegmentBytes?: number;
}

/** What happened to the packets of a path, super-segments counted by their parts. Counters only grow. */
export interface PathStats {
  sent: number;
  sentBytes: number;
  arrivals: number;
  lost: number;
  overflowed: number;
  marked: number;
  reordered: number;
  duplicated: number;
  damaged: number;
  tooBig: number;
  /** Dropped while the path was cut. */
  cut: number;
}

export function createPathStats(): PathStats {
  return {
    sent: 0,
    sentBytes: 0,
    arrivals: 0,
    lost: 0,
    overflowed: 0,
    marked: 0,
    reordered: 0,
    duplicated: 0,
    damaged: 0,
    tooBig: 0,
    cut: 0,
  };
}
