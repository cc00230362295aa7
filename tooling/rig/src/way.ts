/** How bad the network is one way; travels to the bridge's process as JSON. */

/** One direction. What is left out is perfect. */
export interface Way {
  /** Decides which packets are hit, by their order: the same seed and traffic, the same fates. */
  readonly seed: number;
  /** Time that every packet takes, besides its time in the queue. */
  readonly delayMs?: number;
  /** Rate of the bottleneck. Default: no limit, and no queue. */
  readonly mbitPerSecond?: number;
  /** Queue of the bottleneck; what does not fit is dropped. Default 256 KiB. */
  readonly bufferBytes?: number;
  /** Packets lost, 0 to 100. */
  readonly lossPercent?: number;
  /** Packets that arrive twice, 0 to 100. */
  readonly duplicatePercent?: number;
  /** Packets that take `reorderMs` longer, so that others overtake them, 0 to 100. */
  readonly reorderPercent?: number;
  /** Default 2. */
  readonly reorderMs?: number;
  /** Packets of ECN-capable transports that get the mark "congestion experienced", 0 to 100. */
  readonly markPercent?: number;
}

/** What became of the packets that came in one way. */
export interface WayStats {
  arrived: number;
  lost: number;
  /** Dropped by the full queue of the bottleneck. */
  overflowed: number;
  duplicated: number;
  reordered: number;
  marked: number;
  /** Packets that went out, with the second copies. */
  passed: number;
  /** More than the bridge can hold: it is too small for this network, which is a fault of the rig. */
  refused: number;
}

/** Both directions, as seen from the near side. */
export interface Ways {
  readonly forth: Way;
  readonly back: Way;
}

/** What became of the packets of both directions. */
export interface WaysStats {
  readonly forth: WayStats;
  readonly back: WayStats;
}
