/** One entry of a neighbour cache, and the times and limits of the cache. */

import { IpAddress } from '@tcpstack/wire/ip-address';

/**
 * RFC 4861 §7.3.2, for both families as in Linux; 'FAILED' is Linux's: nobody answered. 'NONE' is an entry that nobody
 * asked for yet.
 */
export type NeighbourState = 'NONE' | 'INCOMPLETE' | 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE' | 'FAILED';

/** A packet that waits until its neighbour's address is known: a copy. */
export interface WaitingPacket {
  /** The IP packet. */
  readonly bytes: Uint8Array;
  /** `PKT_*` bits. */
  readonly flags: number;
  readonly segmentBytes: number;
}

/** A neighbour. Records are used again for other neighbours: keep none. */
export class Neighbour {
  readonly address = new IpAddress();
  state: NeighbourState = 'NONE';
  /** 48 bits, or -1 while not known. */
  mac = -1;
  /** The Ethernet header of packets to it, good once `mac` is known. */
  readonly header = new Uint8Array(14);
  /** It said that it is a router (RFC 4861 §7.3.3). */
  isRouter = false;
  /** Solicitations since the last answer. */
  probes = 0;
  /** When it last was known to hear us. */
  confirmedMs = -Infinity;
  /** When a packet was last sent to it. */
  usedMs = -Infinity;
  /** When it last changed. */
  updatedMs = -Infinity;
  /** When its timer rings; `Infinity` when it has none. */
  timerMs = Infinity;
  /** Which address of ours the solicitations come from. */
  readonly source = new IpAddress();
  readonly waiting: WaitingPacket[] = [];
  waitingBytes = 0;
  /** Place in the table's list. */
  place = -1;
  /** Next entry with the same hash. */
  next: Neighbour | null = null;
}

/** Times and limits, with Linux's names and values (`net.ipv4.neigh.default.*`, `net.ipv6.neigh.default.*`). */
export interface NeighbourSettings {
  /** `base_reachable_time_ms`: a neighbour counts as reachable for half to one and a half of it (RFC 4861 §6.3.2). */
  readonly baseReachableMs: number;
  /** `delay_first_probe_time`. */
  readonly delayFirstProbeMs: number;
  /** `retrans_time_ms`. */
  readonly retransMs: number;
  /** `ucast_solicit`. */
  readonly unicastSolicits: number;
  /** `mcast_solicit`. */
  readonly multicastSolicits: number;
  /** `unres_qlen_bytes`: bytes that may wait for one neighbour. */
  readonly waitingMaxBytes: number;
  /**
   * Bytes that may wait for all of them together.
   *
   * Deviation: Linux bounds each neighbour's queue only, and a scan of many addresses fills a thousand of them.
   */
  readonly waitingTotalMaxBytes: number;
  /** `gc_thresh1`: with fewer entries nothing is cleared away. */
  readonly gcThreshold1: number;
  /** `gc_thresh2`: with more, entries go as soon as they have rested 5 s. */
  readonly gcThreshold2: number;
  /** `gc_thresh3`: there are never more. */
  readonly gcThreshold3: number;
  /** `gc_interval`. */
  readonly gcIntervalMs: number;
  /** `gc_stale_time`. */
  readonly gcStaleMs: number;
  /** `locktime` of ARP: an address that just changed does not change again. */
  readonly lockMs: number;
}

/** Linux's defaults. */
export function createNeighbourSettings(): NeighbourSettings {
  return {
    baseReachableMs: 30_000,
    delayFirstProbeMs: 5000,
    retransMs: 1000,
    unicastSolicits: 3,
    multicastSolicits: 3,
    waitingMaxBytes: 212_992,
    waitingTotalMaxBytes: 4 * 1024 * 1024,
    gcThreshold1: 128,
    gcThreshold2: 512,
    gcThreshold3: 1024,
    gcIntervalMs: 30_000,
    gcStaleMs: 60_000,
    lockMs: 1000,
  };
}
