/** Tail loss probes: a lost tail is noticed after two round trips instead of a time-out. */

import { describe, expect, test } from 'vitest';
import { at, type Script, type ScriptOptions, until } from '../../test/script.ts';
import { ack, data, type Fields, fin } from '../../test/segments.ts';
import { established } from '../../test/states.ts';

const MSS = 1000;
const RTT_MS = 40;
const PEER: Fields = { mss: MSS, scale: 7, sackOk: true };

/** Opened with a round trip of 40 ms; nothing is outstanding at 40 ms. */
function open(peer: Fields = PEER, options: ScriptOptions = {}): Script {
  const t = established({ peer, rttMs: RTT_MS, congestion: 'reno', ...options });
  return t.inject(at(RTT_MS), ack({ seq: 1, ack: 1 }));
}

function write(t: Script, bytes: number): Script {
  t.write(bytes);
  return t.ignore();
}

describe('when a probe is sent (RFC 8985 §7.2)', () => {
  test('two round trips after the last segment, when more than one is in flight', () => {
    const t = write(open(), 5 * MSS);
    t.expectSilence(until(40 + 80 + 9));
    t.expect(at(40 + 80 + 10), data({ seq: 4001, len: MSS }));
    expect([t.counters.tailProbes, t.counters.timeouts]).toEqual([1, 0]);
  });

  test('a single segment waits for a delayed ACK too, but no longer than the time-out', () => {
    const t = write(open(), MSS);
    const rtoAtMs = t.tcb.timers.retransmitAtMs;
    expect(t.tcb.timers.tailProbeAtMs).toBe(Math.min(40 + 80 + 200, rtoAtMs));
    t.ignore();
  });

  test('an ACK of new data starts the wait anew', () => {
    const t = write(open(), 5 * MSS);
    t.inject(at(100), ack({ seq: 1, ack: 1001 }));
    expect(t.tcb.timers.tailProbeAtMs).toBeCloseTo(100 + 2 * t.tcb.rtt.srttMs + 10, 9);
    t.ignore();
  });

  test('none without SACK, and none while segments are sacked: RACK is at work then', () => {
    const plain = write(open({ mss: MSS, scale: 7 }), 5 * MSS);
    expect(plain.tcb.timers.tailProbeAtMs).toBe(Infinity);
    const t = write(open(), 5 * MSS);
    t.inject(at(80), ack({ seq: 1, ack: 1, sack: [[1001, 2001]] }));
    t.inject(at(81), ack({ seq: 1, ack: 2001, sack: [[3001, 4001]] }));
    expect(t.tcb.timers.tailProbeAtMs).toBe(Infinity);
    t.ignore();
  });

  test('no second one before the first is answered: the time-out comes next', () => {
    const t = write(open(), 5 * MSS);
    t.wait(until(130)).ignore();
    expect(t.tcb.timers.tailProbeAtMs).toBe(Infinity);
    t.wait(until(1000));
    expect([t.counters.tailProbes, t.counters.timeouts]).toEqual([1, 2]);
    t.ignore();
  });
});

describe('what it carries (RFC 8985 §7.3)', () => {
  test('new data when there is some, although cwnd is full', () => {
    const t = open();
    t.write(12 * MSS);
    t.ignore();
    t.expect(at(130), data({ seq: 10_001, len: MSS }));
    t.ignore();
  });

  test('the last segment of a super-segment, not all of it', () => {
    const t = write(open(PEER, { superSegmentPayloadBytes: 60_000 }), 4500);
    t.expect(at(130), data({ seq: 3501, len: MSS }));
  });

  test('the FIN, with the bytes before it', () => {
    const t = open();
    t.write(2 * MSS);
    t.close();
    t.ignore();
    t.expect(at(130), fin({ seq: 1001, len: MSS }));
  });
});

describe('what its answer tells (RFC 8985 §7.4)', () => {
  test('a lost tail is sacked around and resent at once: no time-out, one recovery', () => {
    const t = write(open(), 5 * MSS);
    t.inject(at(80), ack({ seq: 1, ack: 2001 }));
    // Segments 3 to 5 were lost. The probe is the fifth.
    const probe = t.wait(until(170)).take();
    expect(probe.map((segment) => segment.seq)).toEqual([4001]);
    t.inject(at(210), ack({ seq: 1, ack: 2001, sack: [[4001, 5001]] }));
    t.wait(until(225));
    expect(t.take().map((segment) => segment.seq)).toEqual([2001]);
    t.inject(at(265), ack({ seq: 1, ack: 3001, sack: [[4001, 5001]] }));
    expect(t.take().map((segment) => segment.seq)).toEqual([3001]);
    expect([t.counters.timeouts, t.counters.fastRecoveries]).toEqual([0, 1]);
  });

  test('a probe that repaired the only loss reduces cwnd, for congestion control would not hear of it', () => {
    const t = write(open(), 5 * MSS);
    t.inject(at(80), ack({ seq: 1, ack: 4001 }));
    t.wait(until(400)).ignore();
    expect(t.counters.tailProbes).toBe(1);
    const { ssthreshBytes } = t.tcb.congestion;
    t.write(MSS);
    t.ignore();
    t.inject(at(440), ack({ seq: 1, ack: 6001 }));
    expect(t.counters.tailProbeRecoveries).toBe(1);
    expect(t.tcb.congestion.ssthreshBytes).toBeLessThan(ssthreshBytes);
  });

  test('a probe that the peer reports as a duplicate cost nothing', () => {
    const t = write(open(), 5 * MSS);
    t.wait(until(130)).ignore();
    const { ssthreshBytes } = t.tcb.congestion;
    t.inject(at(133), ack({ seq: 1, ack: 5001 }));
    t.inject(at(162), ack({ seq: 1, ack: 5001, sack: [[4001, 5001]] }));
    t.write(MSS);
    t.ignore();
    t.inject(at(205), ack({ seq: 1, ack: 6001 }));
    expect(t.counters.tailProbeRecoveries).toBe(0);
    expect(t.tcb.congestion.ssthreshBytes).toBe(ssthreshBytes);
  });
});
