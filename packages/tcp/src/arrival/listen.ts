/** A SYN meets a listener: the half-open connection it makes (RFC 9293 §3.10.7.2). */

import { add, type Seq } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { agreeOnSyn } from '../ecn.ts';
import { adoptOptions, offerOptions } from '../options.ts';
import { enter } from '../state.ts';
import type { Tcb } from '../tcb.ts';

/**
 * Turns a fresh TCB into a half-open connection; the SYN-ACK goes out with the next output.
 *
 * @param seg A segment with SYN, without ACK or RST.
 * @param iss Our initial sequence number.
 */
export function acceptSyn(tcb: Tcb, seg: Segment, nowMs: number, iss: Seq): void {
  enter(tcb, 'LISTEN');
  // "Set RCV.NXT to SEG.SEQ+1, IRS is set to SEG.SEQ, and any other control or text should be queued for
  // processing later." Text on a SYN is not acknowledged instead, so that the peer sends it again.
  tcb.rcv.nxt = add(seg.seq, 1);
  tcb.rcv.irs = seg.seq;
  tcb.rcv.edge = tcb.rcv.nxt;
  tcb.snd.iss = iss;
  tcb.snd.una = iss;
  // "SND.NXT is set to ISS+1 and SND.UNA to ISS": when the SYN-ACK is written.
  tcb.snd.nxt = iss;
  offerOptions(tcb, seg.options);
  adoptOptions(tcb, seg.options, nowMs);
  agreeOnSyn(tcb, seg);
  // The window of a SYN is never scaled (RFC 7323 §2.2).
  tcb.snd.wnd = seg.wndRaw;
  tcb.snd.wl1 = seg.seq;
  tcb.snd.wl2 = iss;
  enter(tcb, 'SYN-RECEIVED');
}
