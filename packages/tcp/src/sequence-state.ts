/** The sequence variables of one connection (RFC 9293 §3.3.1), and what timestamps remember (RFC 7323). */

import { type Seq, seq } from '@tcpstack/seq/seq';
import { DEFAULT_SEND_MSS_BYTES } from './limits.ts';

/** Send side (RFC 9293 §3.3.1, figure 3). Windows are in bytes, after scaling. */
export interface SendState {
  /** SND.UNA */
  una: Seq;
  /** SND.NXT: one past the highest sequence number ever sent. */
  nxt: Seq;
  /** SND.WND in bytes: up to 30 bits, kept whole [REC-1]. */
  wnd: number;
  /** Largest SND.WND seen, for the sender's SWS rule. */
  maxWnd: number;
  /** SND.WL1 */
  wl1: Seq;
  /** SND.WL2 */
  wl2: Seq;
  /** ISS */
  iss: Seq;
  /** Shift of the windows that the peer sends us. */
  scale: number;
  /** Most payload bytes of one segment, options of data segments already taken off (Eff.snd.MSS). */
  mssBytes: number;
  /** Stream offset of SND.UNA: bytes acknowledged so far (not counting SYN). */
  unaOffset: number;
}

/** Receive side (RFC 9293 §3.3.1, figure 4). */
export interface ReceiveState {
  /** RCV.NXT */
  nxt: Seq;
  /** IRS */
  irs: Seq;
  /** Right edge that we last offered: RCV.NXT + RCV.WND. It never moves left [SHLD-14]. */
  edge: Seq;
  /** Shift of the windows that we send. */
  scale: number;
  /** Stream offset of RCV.NXT. */
  nxtOffset: number;
  /** Stream offset of the peer's FIN, or -1 while none was seen. */
  finOffset: number;
  /** The peer's FIN was reached: RCV.NXT is past it. */
  finReceived: boolean;
}

/** Timestamps (RFC 7323). */
export interface TimestampState {
  enabled: boolean;
  /** Added to the clock, so that uptime does not show (RFC 7323 §5.4). */
  offset: number;
  /** TS.Recent */
  recent: Seq;
  recentAtMs: number;
  /** Last.ACK.sent */
  lastAckSent: Seq;
}

const ZERO = seq(0);

/** Nothing sent yet. */
export function createSendState(): SendState {
  return {
    una: ZERO,
    nxt: ZERO,
    wnd: 0,
    maxWnd: 0,
    wl1: ZERO,
    wl2: ZERO,
    iss: ZERO,
    scale: 0,
    mssBytes: DEFAULT_SEND_MSS_BYTES,
    unaOffset: 0,
  };
}

/** Nothing received yet. */
export function createReceiveState(): ReceiveState {
  return { nxt: ZERO, irs: ZERO, edge: ZERO, scale: 0, nxtOffset: 0, finOffset: -1, finReceived: false };
}

/** Not agreed on yet. */
export function createTimestampState(offset: number): TimestampState {
  return { enabled: false, offset, recent: ZERO, recentAtMs: 0, lastAckSent: ZERO };
}
