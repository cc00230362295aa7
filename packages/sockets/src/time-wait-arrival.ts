/**
 * Segments for connections in TIME-WAIT that have no TCB any more, in the order of RFC 9293 §3.10.7.4. What the engine's
 * `arrival/` does with a TCB in that state is the reference: test/time-wait-twin.test.ts holds the two together.
 */

import { add, diff, gt, inWindow, le, lt, type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { CHALLENGE_ACK_INTERVAL_MS, TS_RECENT_STALE_MS } from '@tcpstack/tcp/limits';
import type { TcpShared } from '@tcpstack/tcp/tcb';
import type { Segment } from '@tcpstack/wire/segment';
import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import {
  CHALLENGED_AT_MS,
  MAX_WND_BYTES,
  RCV_NXT,
  RCV_WND_BYTES,
  SND_NXT,
  SND_WL1,
  TIMESTAMPS,
  type TimeWaitTable,
  TRAITS,
  TS_RECENT,
  TS_RECENT_AT_MS,
} from './time-wait-table.ts';

/** Takes one segment for the entry `index`; 'over' when the connection is, and the caller removes it. */
export function arriveTimeWait(
  table: TimeWaitTable,
  index: number,
  seg: Segment,
  nowMs: number,
  shared: TcpShared,
): 'over' | 'stays' {
  const { counters } = shared;
  if (failsPaws(table, index, seg, nowMs)) {
    counters.pawsDrops++;
    refuse(table, index, seg, nowMs, shared);
    return 'stays';
  }
  const nxt = seqOf(table, index, RCV_NXT);
  // "First, check sequence number"
  if (!isAcceptable(table, index, seg)) {
    counters.unacceptableSegments++;
    if ((seg.flags & (RST | SYN)) === 0 && diff(add(seg.seq, seg.len), nxt) >= 0)
      rememberTimestamp(table, index, seg, nowMs);
    if (findsNoWindow(table, index, seg) && !takesAck(table, index, seg, nowMs, shared)) return 'stays';
    refuse(table, index, seg, nowMs, shared);
    return 'stays';
  }
  // "Second, check the RST bit"
  if ((seg.flags & RST) !== 0) {
    if (seg.seq !== nxt) {
      counters.resetChallenges++;
      challenge(table, index, nowMs, shared);
    } else if (shared.rfc1337) counters.timeWaitResets++;
    else {
      counters.resetsReceived++;
      return 'over';
    }
    return 'stays';
  }
  // "Fourth, check the SYN bit"
  if ((seg.flags & SYN) !== 0) {
    counters.synChallenges++;
    challenge(table, index, nowMs, shared);
  }
  // "Fifth, check the ACK field: if the ACK bit is off, drop the segment and return"
  else if ((seg.flags & ACK) === 0) counters.noAckDrops++;
  else {
    rememberTimestamp(table, index, seg, nowMs);
    // What is sent behind the FIN is ignored: "Seventh ... This should not occur", "Eighth".
    if (takesAck(table, index, seg, nowMs, shared) && seg.len > 0) counters.textAfterFin++;
  }
  return 'stays';
}

function seqOf(table: TimeWaitTable, index: number, field: number): Seq {
  return seq(table.word(index, field));
}

/** RFC 7323 §5.3 R1. */
function failsPaws(table: TimeWaitTable, index: number, seg: Segment, nowMs: number): boolean {
  if (!usesTimestamps(table, index, seg) || (seg.flags & (RST | SYN)) !== 0) return false;
  return isOlder(table, index, seg, nowMs);
}

function usesTimestamps(table: TimeWaitTable, index: number, seg: Segment): boolean {
  return (table.word(index, TRAITS) & TIMESTAMPS) !== 0 && seg.options.hasTimestamps;
}

function isOlder(table: TimeWaitTable, index: number, seg: Segment, nowMs: number): boolean {
  return (
    gt(seqOf(table, index, TS_RECENT), seg.options.tsVal) &&
    nowMs - table.time(index, TS_RECENT_AT_MS) < TS_RECENT_STALE_MS
  );
}

/** RFC 7323 §4.3 (2). All that came is acknowledged: Last.ACK.sent is RCV.NXT. */
function rememberTimestamp(table: TimeWaitTable, index: number, seg: Segment, nowMs: number): void {
  if (!usesTimestamps(table, index, seg)) return;
  if (isOlder(table, index, seg, nowMs) || gt(seg.seq, seqOf(table, index, RCV_NXT))) return;
  table.setWord(index, TS_RECENT, toInt32(seg.options.tsVal));
  table.setTime(index, TS_RECENT_AT_MS, nowMs);
}

/** The four cases of segment length and window, and the one that the table leaves out (RFC 9293 §3.4). */
function isAcceptable(table: TimeWaitTable, index: number, seg: Segment): boolean {
  const nxt = seqOf(table, index, RCV_NXT);
  const wnd = table.word(index, RCV_WND_BYTES);
  if (seg.len === 0) return wnd === 0 ? seg.seq === nxt : inWindow(seg.seq, nxt, wnd);
  if (wnd === 0) return (seg.flags & RST) !== 0 && seg.seq === nxt;
  return (
    inWindow(seg.seq, nxt, wnd) ||
    inWindow(add(seg.seq, seg.len - 1), nxt, wnd) ||
    (seg.len > wnd && diff(seg.seq, nxt) < 0 && diff(add(seg.seq, seg.len), add(nxt, wnd)) > 0)
  );
}

function findsNoWindow(table: TimeWaitTable, index: number, seg: Segment): boolean {
  const plain = (seg.flags & (SYN | RST | ACK)) === ACK;
  return plain && table.word(index, RCV_WND_BYTES) === 0 && seg.seq === seqOf(table, index, RCV_NXT);
}

/** False when the ACK is neither of what we sent last nor a late one: "send an ACK, drop the segment, and return". */
function takesAck(table: TimeWaitTable, index: number, seg: Segment, nowMs: number, shared: TcpShared): boolean {
  const nxt = seqOf(table, index, SND_NXT);
  const maxWndBytes = table.word(index, MAX_WND_BYTES);
  if (gt(seg.ack, nxt) || lt(seg.ack, add(nxt, -maxWndBytes))) {
    shared.counters.unacceptableAcks++;
    challenge(table, index, nowMs, shared);
    return false;
  }
  // Only the largest window counts now, since nothing more is sent: it says which ACKs may be late.
  if (seg.ack === nxt && le(seqOf(table, index, SND_WL1), seg.seq)) {
    const sndScale = (table.word(index, TRAITS) >>> 20) & 0xf;
    table.setWord(index, SND_WL1, toInt32(seg.seq));
    table.setWord(index, MAX_WND_BYTES, Math.max(maxWndBytes, seg.wndRaw * 2 ** sndScale));
  }
  return true;
}

/** "If an incoming segment is not acceptable, an acknowledgment should be sent in reply (unless the RST bit is set)" */
function refuse(table: TimeWaitTable, index: number, seg: Segment, nowMs: number, shared: TcpShared): void {
  if ((seg.flags & RST) !== 0) return;
  // "TIME-WAIT: Remain in the TIME-WAIT state. Restart the 2 MSL time-wait timeout."
  if ((seg.flags & FIN) !== 0) table.restart(index, nowMs + shared.timeWaitMs);
  if ((seg.flags & SYN) !== 0) shared.counters.synChallenges++;
  if (seg.len === 0 || (seg.flags & SYN) !== 0) challenge(table, index, nowMs, shared);
  else table.owe(index);
}

/** At a bounded rate (RFC 5961 §7). */
function challenge(table: TimeWaitTable, index: number, nowMs: number, shared: TcpShared): void {
  if (nowMs - table.time(index, CHALLENGED_AT_MS) < CHALLENGE_ACK_INTERVAL_MS) return;
  if (!shared.challenges.take(nowMs)) {
    shared.counters.challengesSuppressed++;
    return;
  }
  table.setTime(index, CHALLENGED_AT_MS, nowMs);
  table.owe(index);
  shared.counters.challengeAcks++;
}
