/** Loss recovery: fast retransmit and NewReno without SACK, holes only with it, everything after a time-out. */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../../test/script.ts';
import { ack, data, type Fields, fin } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { flightBytes } from './recovery.ts';

const MSS = 1000;
const NO_SACK: Fields = { mss: MSS, scale: 7 };
const SACK: Fields = { mss: MSS, scale: 7, sackOk: true };

/** A connection that knows the scaled window of its peer. Reno halves what the RFCs of recovery say is halved. */
function open(peer: Fields, superSegmentPayloadBytes = 0): Script {
  return established({ peer, superSegmentPayloadBytes, congestion: 'reno' }).inject(at(0), ack({ seq: 1, ack: 1 }));
}

/** A connection that has sent ten segments, with `more` bytes waiting behind them. */
function sentTen(peer: Fields, more = 0, superSegmentPayloadBytes = 0): Script {
  const t = open(peer, superSegmentPayloadBytes);
  t.write(10 * MSS + more);
  expect(t.take().reduce((sum, sent) => sum + sent.len, 0)).toBe(10 * MSS);
  return t;
}

/** Sequence numbers of what was sent since the last look. */
const sent = (t: Script): number[] => t.take().map((segment) => segment.seq);

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
    expect(t.tcb.congestion.ssthreshBytes).toBe(4 * MSS);
    expect(t.tcb.congestion.cwndBytes).toBe(4 * MSS);
    expect(sent(duplicates(t, 6))).toEqual([]);
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

  test('further duplicates say that segments have left: once half of them have, new data follows', () => {
    const t = sentTen(NO_SACK, 20 * MSS);
    duplicates(t, 3);
    expect(sent(t)).toEqual([10_001, 11_001, 1]);
    expect(sent(duplicates(t, 4))).toEqual([]);
    expect(sent(duplicates(t, 2))).toEqual([12_001, 13_001]);
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
    expect(t.tcb.congestion.cwndBytes).toBeLessThanOrEqual(4 * MSS);
    t.expectSilence(until(1_000_000));
  });

  test('the last segment of the lost ones may be short', () => {
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

describe('recovery with SACK (RFC 6675)', () => {
  test('a resent segment is lost again when what was sent after it has arrived', () => {
    const t = sentTen(SACK, 10 * MSS);
    t.inject(at(1), ack({ seq: 1, ack: 1, sack: [[1001, 10_001]] }));
    expect(sent(t)).toEqual([1, 10_001, 11_001, 12_001, 13_001]);
    // Two segments that left after the second copy of the first prove nothing yet, three do.
    t.inject(at(2), ack({ seq: 1, ack: 1, sack: [[1001, 12_001]] }));
    expect(sent(t)).not.toContain(1);
    t.inject(at(3), ack({ seq: 1, ack: 1, sack: [[1001, 13_001]] }));
    expect(sent(t)).toContain(1);
    t.inject(at(4), ack({ seq: 1, ack: 1, sack: [[1001, 14_001]] }));
    expect(sent(t)).not.toContain(1);
  });

  test('only the holes are resent, each once', () => {
    const t = sentTen(SACK);
    const blocks: (readonly [number, number])[][] = [
      [[1001, 3001]],
      [
        [4001, 5001],
        [1001, 3001],
      ],
      [
        [4001, 7001],
        [1001, 3001],
      ],
      [
        [4001, 8001],
        [1001, 3001],
      ],
      [
        [9001, 10_001],
        [4001, 8001],
        [1001, 3001],
      ],
    ];
    const resent: number[] = [];
    for (const sack of blocks) {
      t.inject(t.nowMs + 1, ack({ seq: 1, ack: 1, sack }));
      resent.push(...sent(t));
    }
    expect(resent).toEqual([1, 3001]);
    expect(t.counters.fastRecoveries).toBe(1);
    // The third hole has no segment sacked above it but one: it is not lost yet (DupThresh).
    t.inject(at(10), ack({ seq: 1, ack: 8001, sack: [[9001, 10_001]] }));
    expect(sent(t)).toEqual([8001]);
    t.inject(at(11), ack({ seq: 1, ack: 10_001 }));
    expect(t.tcb.recovery.mode).toBe('open');
    t.expectSilence(until(1_000_000));
  });

  test('loss is seen from sacked bytes, before three duplicates, when segments are merged on the way', () => {
    const t = sentTen(SACK);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 10_001]] }));
    t.expect(at(0), data({ seq: 1, len: MSS }));
    t.inject(at(0), ack({ seq: 1, ack: 10_001 }));
    t.expectSilence(until(1_000_000));
  });

  test('exactly two segments sacked above a hole are not enough (IsLost)', () => {
    const t = sentTen(SACK);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 3001]] }));
    t.expectSilence(until(100));
    t.inject(at(100), ack({ seq: 1, ack: 1, sack: [[1001, 3002]] }));
    t.expect(at(100), data({ seq: 1, len: MSS }));
  });

  test('sacked bytes are not in flight: new data takes their place', () => {
    const t = sentTen(SACK, 10 * MSS);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 3001]] }));
    expect(sent(t)).toEqual([10_001, 11_001]);
    expect(flightBytes(t.tcb)).toBe(10 * MSS);
  });

  test('several lost segments in a row go out together as far as cwnd allows', () => {
    const t = sentTen(SACK, 0, 60_000);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[5001, 10_001]] }));
    const again = t.take();
    expect(again[0]).toMatchObject({ seq: 1, len: 5 * MSS });
    expect(again.length).toBe(1);
  });

  test('a lost FIN is a hole as well', () => {
    const t = established({ peer: SACK });
    t.write(500);
    t.close();
    t.expect(at(0), data({ seq: 1, len: 500 }));
    t.expect(at(0), fin({ seq: 501 }));
    t.expect(at(200), fin({ seq: 1, len: 500 }));
    t.inject(at(200), ack({ seq: 1, ack: 501 }));
    t.expect(at(600), fin({ seq: 501 }));
    t.inject(at(600), ack({ seq: 1, ack: 502 }));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
  });

  test('recovery that loses its own retransmission falls back to the timer', () => {
    const t = sentTen(SACK);
    t.inject(at(10), ack({ seq: 1, ack: 1, sack: [[1001, 10_001]] }));
    t.expect(at(10), data({ seq: 1, len: MSS }));
    const again = t.wait(until(500)).take();
    expect(again.map((segment) => segment.seq)).toEqual([1]);
    t.inject(at(500), ack({ seq: 1, ack: 10_001 }));
    t.expectSilence(until(1_000_000));
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

  test('what was sacked is forgotten, and what is sacked anew is not resent (RFC 2018 §8)', () => {
    const t = sentTen(SACK);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 2001]] }));
    t.expect(at(200), data({ seq: 1, len: MSS }));
    expect(t.tcb.recovery.sacked?.size).toBe(0);
    t.inject(at(210), ack({ seq: 1, ack: 2001, sack: [[3001, 9001]] }));
    expect(sent(t)).toEqual([2001, 9001]);
    t.inject(at(220), ack({ seq: 1, ack: 10_001 }));
    t.expectSilence(until(1_000_000));
  });

  test('new data follows once all that was lost is resent', () => {
    const t = sentTen(NO_SACK, 5 * MSS);
    t.expect(at(200), data({ seq: 1, len: MSS }));
    t.inject(at(210), ack({ seq: 1, ack: 9001 }));
    const numbers = sent(t);
    expect(numbers.slice(0, 2)).toEqual([9001, 10_001]);
    t.inject(at(220), ack({ seq: 1, ack: 15_001 }));
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
