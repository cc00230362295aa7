/** What has passed over one connection, counted in segments, for `TCP_INFO`. */

import type { Segment } from '@tcpstack/wire/segment';
import { optionOverheadBytes } from './mss.ts';
import type { Tcb } from './tcb.ts';

/** Part of the TCB. */
export interface Traffic {
  /** Segments with payload; those that the link splits or merges count as what they are split into. */
  dataSegmentsIn: number;
  dataSegmentsOut: number;
  /** Payload sent again. */
  resentBytes: number;
  /** Segments that came out of order. */
  heldSegments: number;
  /** D-SACKs that came. */
  duplicatesTold: number;
  /** Segments that arrived after some that were sent later. */
  reorderings: number;
  /** Retransmission time-outs, that of a SYN included. */
  timeouts: number;
}

/** That of every connection over which no data has passed. */
export const NO_TRAFFIC: Readonly<Traffic> = {
  dataSegmentsIn: 0,
  dataSegmentsOut: 0,
  resentBytes: 0,
  heldSegments: 0,
  duplicatesTold: 0,
  reorderings: 0,
  timeouts: 0,
};

/** To be written: that of this connection alone. */
export function ownTraffic(tcb: Tcb): Traffic {
  if (tcb.traffic === NO_TRAFFIC) tcb.traffic = { ...NO_TRAFFIC };
  return tcb.traffic;
}

/** A segment of the peer came. What is larger than our MSS, links have merged from full ones. */
export function countSegmentIn(tcb: Tcb, seg: Segment): void {
  const payloadBytes = seg.payloadEnd - seg.payloadAt;
  const most = tcb.link.advertisedMssBytes;
  const segments = payloadBytes <= most ? 1 : Math.ceil(payloadBytes / (most - optionOverheadBytes(tcb)));
  tcb.liveness.segmentsIn += segments;
  if (payloadBytes > 0) ownTraffic(tcb).dataSegmentsIn += segments;
}

/** A segment of ours left. */
export function countSegmentOut(tcb: Tcb, payloadBytes: number): void {
  const segments = segmentsOf(tcb, payloadBytes);
  tcb.out.segmentsOut += segments;
  if (payloadBytes > 0) ownTraffic(tcb).dataSegmentsOut += segments;
}

/** Segments that so much payload makes; an empty one is one. */
export function segmentsOf({ snd }: Tcb, payloadBytes: number): number {
  return payloadBytes <= snd.mssBytes ? 1 : Math.ceil(payloadBytes / snd.mssBytes);
}
