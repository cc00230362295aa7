/** A connection from a SYN cookie: the state that a SYN and our SYN-ACK would have left (RFC 4987 §3.6). */

import { add, type Seq } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { advertiseWindow } from '../output/advertise.ts';
import { ackSent } from '../output/delayed-ack.ts';
import { stopTiming } from '../rtt.ts';
import type { Tcb } from '../tcb.ts';
import { acceptSyn } from './listen.ts';

/**
 * Brings a fresh TCB to SYN-RECEIVED; the segment that carried the cookie must follow.
 *
 * @param syn What is known of the SYN.
 * @param iss The cookie.
 */
export function acceptCookie(tcb: Tcb, syn: Segment, nowMs: number, iss: Seq): void {
  acceptSyn(tcb, syn, nowMs, iss);
  advertiseWindow(tcb, true);
  tcb.snd.nxt = add(iss, 1);
  tcb.out.probeEnd = tcb.snd.nxt;
  ackSent(tcb);
  // Nobody knows when the SYN-ACK left: its timestamp carries other things in its low bits.
  stopTiming(tcb, nowMs);
}
