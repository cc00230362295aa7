/** Pacing: how far apart segments leave. */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../../test/script.ts';
import { ack, data, type Fields } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { burstBytesMax, pacingRate } from './pacing.ts';

const MSS = 1000;
const PEER: Fields = { mss: MSS, scale: 7, sackOk: true };

function paced(maxBytesPerMs: number, superSegmentPayloadBytes = 0): Script {
  const t = established({ peer: PEER, rttMs: 40, congestion: 'reno', superSegmentPayloadBytes });
  t.inject(at(40), ack({ seq: 1, ack: 1 }));
  t.tcb.pace = { enabled: false, maxBytesPerMs, nextMs: -Infinity };
  return t;
}

describe('pacing', () => {
  test('segments leave as far apart as the rate says, once the allowance for a late timer is used up', () => {
    const t = paced(100);
    t.write(6 * MSS);
    const times = t
      .wait(until(100))
      .take()
      .map((segment) => segment.atMs);
    expect(times.length).toBe(6);
    for (let i = 2; i < 6; i++) expect((times[i] as number) - (times[i - 1] as number)).toBeCloseTo(10, 9);
  });

  test('an ACK does not wait for the pace of data', () => {
    const t = paced(1);
    t.write(6 * MSS);
    t.ignore();
    t.inject(at(45), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(45), ack({ seq: 1 + MSS, ack: 11 }));
    t.ignore();
  });

  test('a super-segment is no larger than a millisecond of the rate, at least two segments', () => {
    expect(burstBytesMax(paced(5000, 60_000).tcb)).toBe(5000);
    expect(burstBytesMax(paced(100, 60_000).tcb)).toBe(2 * MSS);
    expect(burstBytesMax(paced(Infinity, 60_000).tcb)).toBe(Infinity);
  });

  test('as an option for every control: twice cwnd a round trip in slow start, 1.2 times later', () => {
    const { tcb } = paced(Infinity);
    expect(pacingRate(tcb)).toBe(Infinity);
    tcb.pace = { ...tcb.pace, enabled: true };
    expect(pacingRate(tcb)).toBeCloseTo((2 * 10 * MSS) / 40, 9);
    tcb.congestion.ssthreshBytes = 10 * MSS;
    expect(pacingRate(tcb)).toBeCloseTo((1.2 * 10 * MSS) / 40, 9);
  });

  test('BBR paces itself', () => {
    const t = established({ peer: PEER, rttMs: 40, congestion: 'bbr' });
    t.inject(at(40), ack({ seq: 1, ack: 1 }));
    t.write(10 * MSS);
    t.wait(until(70)).ignore();
    t.inject(at(80), ack({ seq: 1, ack: 5001 }));
    expect(pacingRate(t.tcb)).toBeLessThan(Infinity);
    t.wait(until(100)).ignore();
  });
});

describe('after a pause (RFC 9293 §3.8.2; RFC 5681 §4.1) [MUST-19]', () => {
  test('of several time-outs cwnd has fallen back towards its initial value', () => {
    const t = established({ peer: PEER, rttMs: 40, congestion: 'reno' }).inject(at(40), ack({ seq: 1, ack: 1 }));
    let next = 1;
    t.write(100 * MSS);
    for (let sent = 1; sent > 0; ) {
      sent = t.take().reduce((sum, segment) => sum + segment.len, 0);
      next += sent;
      t.inject(t.nowMs + 40, ack({ seq: 1, ack: next }));
    }
    const { cwndBytes } = t.tcb.congestion;
    expect(cwndBytes).toBeGreaterThan(20 * MSS);
    t.wait(t.nowMs + 5000);
    t.write(100);
    t.ignore();
    expect(t.tcb.congestion.cwndBytes).toBe(10 * MSS);
  });
});
