/** Telling the peer what arrived twice: D-SACK (RFC 2883). */

import { add, diff, lt, type Seq, seq } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { SYN } from '@tcpstack/wire/tcp';
import { QUICK_ACKS } from './limits.ts';
import { hurryAcks } from './output/delayed-ack.ts';
import type { Tcb } from './tcb.ts';

/** The duplicate that the next ACK reports: `[start, end)`. */
export interface DsackState {
  due: boolean;
  start: Seq;
  end: Seq;
}

function createDsack(): DsackState {
  return { due: false, start: seq(0), end: seq(0) };
}

/** That of every connection to which nothing came twice. */
export const NO_DUPLICATE: Readonly<DsackState> = createDsack();

/** To be written: that of this connection alone. */
function ownDsack(tcb: Tcb): DsackState {
  if (tcb.dsack === NO_DUPLICATE) tcb.dsack = createDsack();
  return tcb.dsack;
}

/**
 * "A D-SACK block is only used to report a duplicate contiguous sequence of data received by the receiver in the most
 * recent packet"; so a later duplicate takes the place of one that waits — RFC 2883 §4 (1)
 */
function report(tcb: Tcb, start: Seq, end: Seq): void {
  if (!tcb.shared.dsack) return;
  const dsack = ownDsack(tcb);
  dsack.due = true;
  dsack.start = start;
  dsack.end = end;
  if (!tcb.recovery.sackEnabled) return;
  if (lt(start, tcb.rcv.nxt)) tcb.shared.counters.dsacksOldSent++;
  else tcb.shared.counters.dsacksHeldSent++;
}

/** Reports the text of `seg` that lies below RCV.NXT. Returns whether there was any. */
export function reportOldText(tcb: Tcb, seg: Segment): boolean {
  const { nxt } = tcb.rcv;
  const textBytes = seg.payloadEnd - seg.payloadAt;
  if (textBytes === 0 || !lt(seg.seq, nxt) || (seg.flags & SYN) !== 0) return false;
  report(tcb, seg.seq, add(seg.seq, Math.min(textBytes, diff(nxt, seg.seq))));
  return true;
}

/** Reports a segment whose text is all old. The peer missed our ACK: like in Linux it does not wait for the next ones. */
export function reportOldSegment(tcb: Tcb, seg: Segment): void {
  if (reportOldText(tcb, seg)) hurryAcks(tcb, QUICK_ACKS);
}

/**
 * Reports the first part of `[start, end)`, as stream offsets, that was held out of order already; call it before the
 * text is added. Of several such parts the others are not told: one packet, one block.
 */
export function reportHeldText(tcb: Tcb, start: number, end: number): void {
  const { pending, rcv } = tcb;
  if (pending === null) return;
  for (let i = 0; i < pending.size && pending.startAt(i) < end; i++) {
    const from = Math.max(start, pending.startAt(i));
    const to = Math.min(end, pending.endAt(i));
    if (from >= to) continue;
    report(tcb, add(rcv.nxt, from - rcv.nxtOffset), add(rcv.nxt, to - rcv.nxtOffset));
    return;
  }
}

/**
 * Whether the SACK option that is written now begins with the report. "Each duplicate contiguous sequence of data
 * received is reported in at most one D-SACK block" — RFC 2883 §4 (2)
 */
export function takeReport(tcb: Tcb): boolean {
  const { due } = tcb.dsack;
  if (due) ownDsack(tcb).due = false;
  return due;
}
