/** Reductions of cwnd that were mistakes: F-RTO, timestamps, D-SACK. */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../../test/script.ts';
import { ack, type Fields } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { noteResent, rememberForUndo } from './undo.ts';

const MSS = 1000;
const PLAIN: Fields = { mss: MSS, scale: 7 };
const SACK: Fields = { mss: MSS, scale: 7, sackOk: true };

/** Ten segments left at 0, and the timer expired at 200 ms; `more` bytes wait. */
function timedOut(peer: Fields, more = 0): Script {
  const t = established({ peer, congestion: 'reno', lossDetection: 'sack' }).inject(
    at(0),
    ack({ seq: 1, ack: 1, ...echo(peer) }),
  );
  t.write(10 * MSS + more);
  t.ignore();
  t.wait(until(200));
  expect(sent(t)).toEqual([1]);
  expect(t.tcb.congestion.cwndBytes).toBe(MSS);
  return t;
}

const echo = (peer: Fields): Fields => (peer.ts ? { ts: [1000, 0] } : {});
const sent = (t: Script): number[] => t.take().map((segment) => segment.seq);

describe('F-RTO: spurious time-outs (RFC 5682)', () => {
  test('the first ACK lets two new segments out instead of retransmissions (§2.1 step 2b)', () => {
    const t = timedOut(PLAIN, 5 * MSS);
    t.inject(at(210), ack({ seq: 1, ack: 1001 }));
    expect(sent(t)).toEqual([10_001, 11_001]);
  });

  test('a second ACK of something new: the segments were only late, cwnd is put back (step 3b)', () => {
    const t = timedOut(PLAIN, 5 * MSS);
    t.inject(at(210), ack({ seq: 1, ack: 1001 }));
    t.ignore();
    t.inject(at(211), ack({ seq: 1, ack: 2001 }));
    expect(t.counters.spuriousRecoveries).toBe(1);
    expect(t.tcb.recovery.mode).toBe('open');
    expect(t.tcb.recovery.lostBytes).toBe(0);
    expect(t.tcb.congestion.cwndBytes).toBeGreaterThanOrEqual(10 * MSS);
    expect(sent(t)).not.toContain(2001);
  });

  test('a duplicate instead: they were lost, and are resent in slow start (step 3a)', () => {
    const t = timedOut(PLAIN, 5 * MSS);
    t.inject(at(210), ack({ seq: 1, ack: 1001 }));
    t.ignore();
    t.inject(at(211), ack({ seq: 1, ack: 1001 }));
    expect(sent(t)[0]).toBe(1001);
    expect(t.counters.spuriousRecoveries).toBe(0);
    expect(t.tcb.recovery.mode).toBe('loss');
  });

  test('without anything new to send it is undecided, and what is lost is resent (step 2b)', () => {
    const t = timedOut(PLAIN);
    t.inject(at(210), ack({ seq: 1, ack: 1001 }));
    expect(sent(t)).toEqual([1001, 2001]);
  });

  test('with SACK the first ACK may tell: what was not resent arrives (§3.1)', () => {
    const t = timedOut(SACK, 5 * MSS);
    t.inject(at(201), ack({ seq: 1, ack: 3001 }));
    expect(t.counters.spuriousRecoveries).toBe(1);
    expect(t.tcb.congestion.cwndBytes).toBeGreaterThanOrEqual(10 * MSS);
    t.ignore();
  });

  test('the second time-out of the same segment is not judged again', () => {
    const t = timedOut(PLAIN, 5 * MSS);
    t.wait(until(600)).ignore();
    t.inject(at(610), ack({ seq: 1, ack: 1001 }));
    expect(sent(t)).toEqual([1001, 2001]);
  });
});

describe('an echo of the first copy (RFC 3522)', () => {
  const STAMPED: Fields = { ...PLAIN, mss: MSS + 12, ts: [1000, 0] };

  test('says that the time-out was spurious at the first ACK', () => {
    const t = timedOut(STAMPED, 5 * MSS);
    t.inject(at(205), ack({ seq: 1, ack: 1001, ts: [1001, 1] }));
    expect(t.counters.spuriousRecoveries).toBe(1);
    expect(t.tcb.congestion.cwndBytes).toBeGreaterThanOrEqual(10 * MSS);
    t.ignore();
  });

  test('an echo of the second copy does not', () => {
    const t = timedOut(STAMPED, 5 * MSS);
    t.inject(at(205), ack({ seq: 1, ack: 1001, ts: [1001, 200] }));
    expect(t.counters.spuriousRecoveries).toBe(0);
    t.ignore();
  });

  test('after a fast retransmit it puts cwnd back as well', () => {
    const t = established({ peer: STAMPED, congestion: 'reno' }).inject(at(0), ack({ seq: 1, ack: 1, ts: [1000, 0] }));
    t.wait(until(10)).write(10 * MSS);
    t.ignore();
    for (let i = 0; i < 3; i++) t.inject(at(50), ack({ seq: 1, ack: 1, ts: [1001, 0] }));
    expect(sent(t)).toEqual([1]);
    expect(t.tcb.congestion.ssthreshBytes).toBe(5 * MSS);
    t.inject(at(51), ack({ seq: 1, ack: 4001, ts: [1002, 10] }));
    expect(t.counters.spuriousRecoveries).toBe(1);
    expect(t.tcb.congestion.cwndBytes).toBeGreaterThanOrEqual(10 * MSS);
    expect(t.tcb.recovery.mode).toBe('open');
  });

  test('of a retransmission of the recovery before is no sign: cwnd stays reduced', () => {
    const peer: Fields = { ...SACK, mss: MSS + 12, ts: [1000, 0] };
    const options = { peer, congestion: 'reno', lossDetection: 'sack' } as const;
    const t = established(options).inject(at(0), ack({ seq: 1, ack: 1, ts: [1000, 0] }));
    t.wait(until(10)).write(30 * MSS);
    t.ignore();
    t.inject(at(50), ack({ seq: 1, ack: 1, sack: [[1001, 9001]], ts: [1001, 10] }));
    expect(sent(t)).toContain(1);
    // Another recovery begins while the second copy is on its way, and sends something again.
    t.wait(until(70));
    rememberForUndo(t.tcb);
    noteResent(t.tcb, 70, MSS);
    t.inject(at(90), ack({ seq: 1, ack: 9001, ts: [1003, 50] }));
    expect(t.counters.spuriousRecoveries).toBe(0);
    t.ignore();
  });
});

describe('D-SACK (RFC 2883, RFC 3708)', () => {
  test('every retransmission of a recovery reported as a duplicate: cwnd is put back', () => {
    const t = established({ peer: SACK, congestion: 'reno', lossDetection: 'sack' }).inject(
      at(0),
      ack({ seq: 1, ack: 1 }),
    );
    t.write(10 * MSS);
    t.ignore();
    t.inject(at(40), ack({ seq: 1, ack: 1, sack: [[1001, 5001]] }));
    expect(sent(t)).toEqual([1]);
    t.inject(at(45), ack({ seq: 1, ack: 5001 }));
    expect(t.tcb.recovery.mode).toBe('recovery');
    t.inject(at(80), ack({ seq: 1, ack: 5001, sack: [[1, 1001]] }));
    expect(t.counters.spuriousRecoveries).toBe(1);
    expect(t.tcb.congestion.cwndBytes).toBeGreaterThanOrEqual(10 * MSS);
  });

  test('of two retransmissions, one: cwnd stays reduced', () => {
    const t = established({ peer: SACK, congestion: 'reno', lossDetection: 'sack' }).inject(
      at(0),
      ack({ seq: 1, ack: 1 }),
    );
    t.write(10 * MSS);
    t.ignore();
    t.inject(at(40), ack({ seq: 1, ack: 1, sack: [[2001, 8001]] }));
    t.inject(at(41), ack({ seq: 1, ack: 1, sack: [[2001, 9001]] }));
    expect(sent(t)).toEqual([1, 1001]);
    t.inject(at(80), ack({ seq: 1, ack: 9001, sack: [[1, 1001]] }));
    expect(t.counters.spuriousRecoveries).toBe(0);
    t.ignore();
  });
});
