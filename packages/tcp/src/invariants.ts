/** Facts that hold for every connection after every step. Too slow for production; tests check them always. */

import { assert } from '@tcpstack/bytes/assert';
import type { RangeSet } from '@tcpstack/bytes/range-set';
import { add, diff, ge, le, type Seq } from '@tcpstack/seq/seq';
import { awaitsThirdSegment } from './fast-open.ts';
import { flightBytes } from './recovery/marks.ts';
import { LOST, SACKED } from './recovery/sent-log.ts';
import { hasClosed, isSynchronized } from './state.ts';
import type { Tcb } from './tcb.ts';
import { nextDeadlineMs } from './timers.ts';

/** Watches one connection: what may not go back is compared with the step before. */
export class Invariants {
  readonly #tcb: Tcb;
  #una: Seq;
  #nxt: Seq;
  #rcvNxt: Seq;
  #edge: Seq;
  #synchronized = false;
  #probes = 0;

  constructor(tcb: Tcb) {
    this.#tcb = tcb;
    this.#una = tcb.snd.una;
    this.#nxt = tcb.snd.nxt;
    this.#rcvNxt = tcb.rcv.nxt;
    this.#edge = tcb.rcv.edge;
  }

  /** After a segment, a user call or a time-out. */
  check(): void {
    const tcb = this.#tcb;
    if (tcb.state === 'CLOSED') {
      noTimerRuns(tcb);
      return;
    }
    this.#monotone();
    rings(tcb);
    receivedRanges(tcb);
    recovery(tcb);
    flagsFitState(tcb);
  }

  /** Just before a segment is written. */
  beforeWrite(): void {
    this.#nxt = this.#tcb.snd.nxt;
    this.#probes = this.#tcb.shared.counters.windowProbes;
  }

  /** Just after the segment `[first, end)` with this acknowledgment was written. */
  afterWrite(first: Seq, end: Seq, acknowledges: Seq | null): void {
    const { snd, rcv, shared, state } = this.#tcb;
    assert(acknowledges === null || acknowledges === rcv.nxt, 'an acknowledgment is RCV.NXT');
    const isKeepAlive = first === end && first === add(snd.nxt, -1) && snd.una === snd.nxt;
    assert(isKeepAlive || ge(first, snd.una), 'nothing below SND.UNA is sent');
    if (!isSynchronized(state) || shared.counters.windowProbes > this.#probes) return;
    if (snd.nxt === this.#nxt) assert(le(end, snd.nxt), 'what is not new was sent before');
    else {
      assert(first === this.#nxt && end === snd.nxt, 'new data follows what was sent');
      assert(diff(snd.nxt, snd.una) <= snd.wnd, 'new data stays inside the window of the peer');
    }
  }

  /** Once there is nothing more to write at this moment. */
  settled(): void {
    const { state, snd, timers, out, sendRing, finSent, finQueued } = this.#tcb;
    if (state === 'CLOSED') return;
    assert(!out.ackNow, 'an acknowledgment that is owed leaves');
    assert(!out.probe, 'a probe that is owed leaves');
    const outstanding = snd.una !== snd.nxt;
    const running = timers.retransmitAtMs !== Infinity;
    assert(
      running === ((outstanding || awaitsThirdSegment(this.#tcb)) && state !== 'TIME-WAIT'),
      'the retransmission timer runs while data is outstanding',
    );
    assert(!running || timers.persistAtMs === Infinity, 'a window is not probed while data is outstanding');
    if (!isSynchronized(state)) return;
    const unsent = sendRing.readable > 0 || (finQueued && !finSent);
    const waits = Math.min(timers.persistAtMs, timers.paceAtMs, timers.corkAtMs) !== Infinity;
    assert(outstanding || !unsent || waits, 'data that waits has a timer');
  }

  #monotone(): void {
    const { snd, rcv, state } = this.#tcb;
    assert(le(snd.una, snd.nxt), 'SND.UNA is not past SND.NXT');
    if (state !== 'SYN-SENT' && state !== 'LISTEN') {
      if (this.#synchronized) {
        assert(ge(snd.una, this.#una), 'SND.UNA never moves back');
        assert(ge(rcv.nxt, this.#rcvNxt), 'RCV.NXT never moves back');
        assert(ge(rcv.edge, this.#edge), 'the right edge of the window never moves left');
      }
      assert(ge(rcv.edge, rcv.nxt), 'the right edge is not behind RCV.NXT');
      this.#synchronized = true;
    }
    this.#una = snd.una;
    this.#rcvNxt = rcv.nxt;
    this.#edge = rcv.edge;
  }
}

function rings(tcb: Tcb): void {
  const { snd, rcv, sendRing, receiveRing, state } = tcb;
  assert(sendRing.readable <= sendRing.limitBytes, 'the send buffer keeps its limit');
  assert(receiveRing.readable <= receiveRing.limitBytes, 'the receive buffer keeps its limit');
  const promised = receiveRing.readable + diff(rcv.edge, rcv.nxt);
  // Stepping over a FIN that came at the very edge promises nothing: no byte follows it.
  assert(rcv.finReceived || promised <= receiveRing.limitBytes, 'what the window promises fits the receive buffer');
  if (!isSynchronized(state) || state === 'TIME-WAIT') return;
  const outstanding = diff(snd.nxt, snd.una) - (tcb.finSent && snd.una !== snd.nxt ? 1 : 0);
  assert(outstanding <= sendRing.readable, 'bytes that are outstanding are kept');
  assert(!tcb.finSent || outstanding === sendRing.readable, 'nothing follows the FIN');
}

function receivedRanges(tcb: Tcb): void {
  const { pending, rcv } = tcb;
  if (pending === null) return;
  const edgeOffset = rcv.nxtOffset + diff(rcv.edge, rcv.nxt);
  assert(sortedApart(pending), 'out-of-order ranges are sorted and apart');
  for (let i = 0; i < pending.size; i++) {
    assert(pending.startAt(i) > rcv.nxtOffset, 'out-of-order data lies behind a hole');
    assert(pending.endAt(i) <= edgeOffset, 'out-of-order data lies inside the window');
  }
}

function sortedApart(ranges: RangeSet): boolean {
  for (let i = 0; i < ranges.size; i++) {
    if (ranges.startAt(i) >= ranges.endAt(i)) return false;
    if (i > 0 && ranges.startAt(i) <= ranges.endAt(i - 1)) return false;
  }
  return true;
}

function recovery(tcb: Tcb): void {
  const { snd, recovery, congestion, state } = tcb;
  if (!isSynchronized(state)) return;
  const outstanding = diff(snd.nxt, snd.una);
  const flight = flightBytes(tcb);
  assert(flight >= 0 && flight <= outstanding, 'what is in flight is part of what is outstanding');
  assert(congestion.cwndBytes >= snd.mssBytes, 'cwnd is at least one segment');
  const { log } = recovery;
  if (log === null) {
    assert(outstanding === 0 || state === 'TIME-WAIT', 'what is outstanding is in the log');
    assert(recovery.sackedBytes === 0 && recovery.lostBytes === 0, 'an empty log has empty sums');
    return;
  }
  assert(log.count > 0, 'an empty log is given back');
  assert(log.startAt(0) === snd.unaOffset, 'the log begins at SND.UNA');
  assert(log.endAt(log.count - 1) === snd.unaOffset + outstanding, 'the log ends at SND.NXT');
  let sackedBytes = 0;
  let lostBytes = 0;
  for (let i = 0; i < log.count; i++) {
    const bytes = log.endAt(i) - log.startAt(i);
    assert(bytes > 0 && (i === 0 || log.startAt(i) === log.endAt(i - 1)), 'entries of the log follow one another');
    const flags = log.flagsAt(i);
    assert((flags & (SACKED | LOST)) !== (SACKED | LOST), 'what was sacked is not lost');
    if ((flags & SACKED) !== 0) sackedBytes += bytes;
    if ((flags & LOST) !== 0) {
      lostBytes += bytes;
      assert(log.startAt(i) >= recovery.lostFromOffset, 'nothing is lost before the first that is');
    }
  }
  assert(sackedBytes === recovery.sackedBytes && lostBytes === recovery.lostBytes, 'the sums are those of the log');
}

function flagsFitState(tcb: Tcb): void {
  const { state, timers, rcv, out } = tcb;
  const peerClosed = state === 'CLOSE-WAIT' || state === 'CLOSING' || state === 'LAST-ACK' || state === 'TIME-WAIT';
  assert(rcv.finReceived === peerClosed, 'the states after the FIN of the peer are those that know of it');
  assert(tcb.finQueued === hasClosed(state) || state === 'SYN-RECEIVED', 'a FIN is queued in the states after CLOSE');
  assert(!tcb.finSent || tcb.finQueued, 'only a FIN that was queued is sent');
  const owesAck = out.unackedBytes > 0 || (!tcb.passive && tcb.handshake.deferRetries > 0);
  assert(
    timers.delayedAckAtMs === Infinity || owesAck,
    'a delayed ACK is for bytes, or for a SYN with TCP_DEFER_ACCEPT',
  );
  if (state === 'TIME-WAIT') {
    assert(timers.lingerAtMs !== Infinity, 'TIME-WAIT ends');
    assert(
      timers.retransmitAtMs === Infinity && timers.persistAtMs === Infinity,
      'only its own timer runs in TIME-WAIT',
    );
  } else {
    assert(timers.lingerAtMs === Infinity || state === 'FIN-WAIT-2', 'only TIME-WAIT and FIN-WAIT-2 linger');
  }
}

function noTimerRuns(tcb: Tcb): void {
  assert(nextDeadlineMs(tcb) === Infinity, 'no timer runs in CLOSED');
}
