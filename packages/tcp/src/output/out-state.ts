/** What a connection owes its peer besides data, and what it wants in the IP header. */

import { type Seq, seq } from '@tcpstack/seq/seq';
import { DEFAULT_TTL_HOPS, QUICK_ACKS } from '../limits.ts';

/** What the connection wants to send besides data. */
export interface OutState {
  /** An ACK is owed now. */
  ackNow: boolean;
  /** A SYN or SYN-ACK must be sent again. */
  resendSyn: boolean;
  /** One byte (or FIN) must be sent although the window forbids it. */
  probe: boolean;
  /** One past what a probe carried beyond SND.NXT; a peer that kept it may acknowledge up to here. */
  probeEnd: Seq;
  /** Window probes sent since the peer last answered. */
  probesUnanswered: number;
  /** Received bytes not yet acknowledged. */
  unackedBytes: number;
  /** Segments still acknowledged at once. */
  quickAcks: number;
  /** Segments that left. */
  segmentsOut: number;
  /** When something that takes a sequence number last left. */
  sentAtMs: number;
  /** Last time a challenge ACK was sent. */
  challengedAtMs: number;
  /** ECN field of the packet of the segment just written. */
  ipEcn: number;
  /** What the user wants in the IP header: the Diffserv field, its two ECN bits zero, and the time to live. */
  tosByte: number;
  ttlHops: number;
}

/** Nothing is owed. */
export function createOutState(): OutState {
  return {
    ackNow: false,
    resendSyn: false,
    probe: false,
    probeEnd: seq(0),
    probesUnanswered: 0,
    unackedBytes: 0,
    quickAcks: QUICK_ACKS,
    segmentsOut: 0,
    sentAtMs: Infinity,
    challengedAtMs: -Infinity,
    ipEcn: 0,
    tosByte: 0,
    ttlHops: DEFAULT_TTL_HOPS,
  };
}
