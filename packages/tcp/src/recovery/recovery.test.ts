/** Loss recovery: fast retransmit and NewReno without SACK, holes only with it, everything after a time-out. */

import { describe, expect, test } from 'vitest';
import * as flight from '../../test/flight.ts';
import { MSS, sent } from '../../test/flight.ts';
import { at, type Script, until } from '../../test/script.ts';
import { ack, data, type Fields, fin } from '../../test/segments.ts';
import { established } from '../../test/states.ts';

const NO_SACK: Fields = { mss: MSS, scale: 7 };
const SACK: Fields = { mss: MSS, scale: 7, sackOk: true };

/** Reno halves what the RFCs of recovery say is halved. */
const open = (peer: Fields, superSegmentPayloadBytes = 0): Script =>
  flight.open(peer, { superSegmentPayloadBytes, congestion: 'reno' });
const sentTen = (peer: Fields, more = 0, superSegmentPayloadBytes = 0): Script =>
  flight.sentTen(peer, more, { superSegmentPayloadBytes, congestion: 'reno' });

function duplicates(t: Script, count: number, number = 1): Script {
  for (let i = 0; i < count; i++) t.inject(t.nowMs, ack({ seq: 1, ack: number }));
  return t;
}

describe('fast retransmit and fast recovery without SACK (RFC 5681 §3.2, RFC 6582)', () => {
  test('the third duplicate ACK resends the first segment at once; ssthresh and cwnd are halved', () => {
    const t = sentTen(NO_SACK);
    expect(sent(duplicates(t, 2))).toEqual([]);
    expect(sent(duplicates(t, 1))).toEqual([1]);
    expect(t.counters.fastRecoveries).toBe(1);
    expect(t.tcb.congestion.ssthreshBytes).toBe(5 * MSS);
    expect(sent(duplicates(t, 8))).toEqual([]);
    expect(t.counters.fastRecoveries).toBe(1);
  });

  test('each of the first two lets one new segment out (limited transmit, RFC 3042)', () => {
    const t = sentTen(NO_SACK, 20 * MSS);
    expect(sent(duplicates(t, 1))).toEqual([10_001]);
    expect(sent(duplicates(t, 1))).toEqual([11_001]);
    // What they let out is not counted: half of ten segments (RFC 5681 §3.2 step 2).
    duplicates(t, 1);
    expect(sent(t)).toEqual([1]);
    expect(t.tcb.congestion.ssthreshBytes).toBe(5 * MSS);
  });

  test('each second one of the further duplicates lets one new segment out, so that half as many fly (RFC 6937)', () => {
    const t = sentTen(NO_SACK, 20 * MSS);
    duplicates(t, 3);
    expect(sent(t)).toEqual([10_001, 11_001, 1]);
    expect(sent(duplicates(t, 8))).toEqual([12_001, 13_001, 14_001, 15_001]);
  });

  test('a partial ACK resends the next hole at once, without waiting for duplicates (§3.2 step 3)', () => {
    const t = sentTen(NO_SACK);
    duplicates(t, 8);
    expect(sent(t)).toEqual([1]);
    t.inject(at(5), ack({ seq: 1, ack: 4001 }));
    t.expect(at(5), data({ seq: 4001, len: MSS }));
    t.inject(at(10), ack({ seq: 1, ack: 7001 }));
    t.expect(at(10), data({ seq: 7001, len: MSS }));
    expect(t.tcb.recovery.mode).toBe('recovery');
    t.inject(at(15), ack({ seq: 1, ack: 10_001 }));
    expect(t.tcb.recovery.mode).toBe('open');
    expect(t.counters.fastRecoveries).toBe(1);
    expect(t.tcb.congestion.cwndBytes).toBeLessThanOrEqual(5 * MSS);
    t.expectSilence(until(1_000_000));
  });

  test('a FIN is sent again with the bytes before it, or by itself', () => {
    const t = open(NO_SACK);
    t.write(4 * MSS);
    t.close();
    t.ignore();
    duplicates(t, 3);
    t.expect(at(0), data({ seq: 1, len: MSS }));
    t.inject(at(1), ack({ seq: 1, ack: 3001 }));
    t.expect(at(1), fin({ seq: 3001, len: MSS }));
    t.inject(at(2), ack({ seq: 1, ack: 4001 }));
    t.expect(at(2), fin({ seq: 4001 }));
    t.inject(at(3), ack({ seq: 1, ack: 4002 }));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
  });

  test('an ACK that carries data or changes the window is no duplicate (RFC 5681 §2)', () => {
    const t = sentTen(NO_SACK);
    for (let i = 1; i <= 5; i++) t.inject(at(0), data({ seq: i, ack: 1, len: 1 }));
    for (let i = 1; i <= 5; i++) t.inject(at(0), ack({ seq: 6, ack: 1, win: 600 + i }));
    expect(t.counters.fastRecoveries).toBe(0);
    t.ignore();
  });

  test('nor is one while nothing is outstanding', () => {
    const t = established({ peer: NO_SACK });
    duplicates(t, 10);
    expect(t.tcb.recovery.dupAcks).toBe(0);
  });
});

describe('after a time-out (RFC 6298 §5.4; RFC 5681 §3.1)', () => {
  test('everything outstanding counts as lost and is resent in slow start', () => {
    const t = sentTen(NO_SACK);
    t.expect(at(200), data({ seq: 1, len: MSS }));
    t.inject(at(210), ack({ seq: 1, ack: 1001 }));
    expect(sent(t)).toEqual([1001, 2001]);
    t.inject(at(220), ack({ seq: 1, ack: 3001 }));
    expect(sent(t)).toEqual([3001, 4001, 5001, 6001]);
    t.inject(at(230), ack({ seq: 1, ack: 10_001 }));
    expect(t.tcb.recovery.mode).toBe('open');
    t.expectSilence(until(1_000_000));
  });

  test('duplicates that follow it start no fast recovery for the same window (RFC 6582 §4)', () => {
    const t = sentTen(NO_SACK);
    t.expect(at(200), data({ seq: 1, len: MSS }));
    duplicates(t, 5);
    expect(t.counters.fastRecoveries).toBe(0);
    t.ignore();
  });

  test('what was sacked stays so, unless the peer has taken it back: then all of it is resent (RFC 2018 §8)', () => {
    const t = established({ peer: SACK, lossDetection: 'sack' }).inject(at(0), ack({ seq: 1, ack: 1 }));
    t.write(3 * MSS);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 2001]] })).ignore();
    t.expect(at(200), data({ seq: 1, len: MSS }));
    expect(t.tcb.recovery.sackedBytes).toBe(MSS);
    // It acknowledges what lies below, and not the sacked bytes that follow: it has them no more.
    t.inject(at(210), ack({ seq: 1, ack: 1001 }));
    t.expect(at(210), data({ seq: 2001, len: MSS }));
    t.expect(at(610), data({ seq: 1001, len: MSS }));
    expect(t.tcb.recovery.sackedBytes).toBe(0);
    t.inject(at(620), ack({ seq: 1, ack: 3001 }));
    t.expectSilence(until(1_000_000));
  });

  test('an ACK of everything that comes late stops the resending', () => {
    const t = sentTen(NO_SACK);
    t.expect(at(200), data({ seq: 1, len: MSS }));
    t.inject(at(201), ack({ seq: 1, ack: 10_001 }));
    t.expectSilence(until(1_000_000));
    expect(t.counters.retransmittedSegments).toBe(1);
  });
});
