/** Grows the receive buffer with what the user takes (Linux's dynamic right-sizing, `tcp_rcv_space_adjust`). */

import { diff, toInt32 } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { MAX_RTO_MS, TUNE_ECHO_MIN_MS, TUNE_SLACK_SEGMENTS } from '../limits.ts';
import { fieldBytesMax } from '../output/advertise.ts';
import { timestampNow } from '../rtt.ts';
import type { Tcb } from '../tcb.ts';
import { endRound, noteRoundTrip } from './round.ts';
import { isMemoryShort, type TuneState, tuneOf } from './state.ts';

/**
 * In-order text arrives, and was not put into the ring yet. Once a round trip: room for twice what the user took in
 * the last one, so that the sender may double its rate. A user who does not read gets no larger buffer; an offer once
 * made stays, since buffers only grow.
 */
export function tuneReceive(tcb: Tcb, seg: Segment, nowMs: number): void {
  const { rcv, receiveRing, shared } = tcb;
  if (tcb.receiveBufferLocked || !shared.receiveAutoTuning || receiveRing.limitBytes >= shared.receiveBufferMaxBytes)
    return;
  const tune = tuneOf(tcb);
  // What arrives together tells no more than its first segment.
  if (tune.heardAtMs === nowMs) return;
  tune.heardAtMs = nowMs;
  if (tune.rttMs < 0 && tcb.rtt.srttMs >= 0) noteRoundTrip(tune, nowMs, tcb.rtt.srttMs);
  measureTurn(tcb, tune, nowMs);
  measureEcho(tcb, tune, seg, nowMs);
  const takenBytes = endRound(tune, tune.taken, nowMs, rcv.nxtOffset - receiveRing.readable);
  if (takenBytes <= 0) return;
  const wanted = Math.floor(2 * takenBytes) + TUNE_SLACK_SEGMENTS * tcb.link.advertisedMssBytes;
  const bytes = Math.min(wanted, shared.receiveBufferMaxBytes, fieldBytesMax(tcb));
  if (bytes > receiveRing.limitBytes && !isMemoryShort(shared)) receiveRing.limitBytes = bytes;
}

/** A byte beyond all that was offered when the turn began answers an offer made since. */
function measureTurn({ rcv }: Tcb, tune: TuneState, nowMs: number): void {
  const { turn } = tune;
  if (turn.sinceMs >= 0) {
    if (rcv.nxtOffset <= turn.offset) return;
    // Longer than a round trip, unless the window alone held the sender back: only worth something as a bound.
    if (nowMs - turn.sinceMs < tune.rttMs) noteRoundTrip(tune, nowMs, nowMs - turn.sinceMs);
  }
  turn.sinceMs = nowMs;
  turn.offset = rcv.nxtOffset + Math.max(0, diff(rcv.edge, rcv.nxt));
}

/** The age of the echoed timestamp, where it has ticks enough to mean something. */
function measureEcho(tcb: Tcb, tune: TuneState, seg: Segment, nowMs: number): void {
  const { ts } = tcb;
  if (!ts.enabled || !seg.options.hasTimestamps || seg.options.tsEcr === tune.echoed) return;
  tune.echoed = seg.options.tsEcr;
  const elapsedMs = (toInt32(timestampNow(tcb, nowMs)) - toInt32(tune.echoed)) | 0;
  if (elapsedMs >= TUNE_ECHO_MIN_MS && elapsedMs < MAX_RTO_MS) noteRoundTrip(tune, nowMs, elapsedMs);
}
