/** Proportional rate reduction: cwnd reaches ssthresh when the recovery ends, not in one step. */

import { describe, expect, test } from 'vitest';
import { at, type Script } from '../../test/script.ts';
import { ack, type Fields } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { flightBytes } from './marks.ts';

const MSS = 1000;
const PEER: Fields = { mss: MSS, scale: 7, sackOk: true };

/** Twenty segments are in flight (so many were acknowledged before), and a thousand wait. */
function flying20(): Script {
  const t = established({ peer: PEER, congestion: 'reno', lossDetection: 'sack', sendBufferBytes: 1 << 22 });
  t.inject(at(0), ack({ seq: 1, ack: 1 }));
  t.write(1000 * MSS);
  t.ignore();
  t.inject(at(10), ack({ seq: 1, ack: 10_001 }));
  expect(t.take().length).toBe(20);
  expect(t.tcb.congestion.cwndBytes).toBe(20 * MSS);
  return t;
}

const bytes = (t: Script): number => t.take().reduce((sum, segment) => sum + segment.len, 0);

describe('proportional rate reduction (RFC 6937 §3)', () => {
  test('for each segment delivered about half a one leaves, until half as many are in flight', () => {
    const t = flying20();
    let sentBytes = 0;
    for (let i = 1; i <= 19; i++) {
      t.inject(at(20), ack({ seq: 1, ack: 10_001, sack: [[11_001, 11_001 + i * MSS]] }));
      const now = bytes(t);
      expect(now).toBeLessThanOrEqual(MSS);
      sentBytes += i > 2 ? now : 0;
      // Not a pause and then a burst: half of the way, about a quarter has left.
      if (i === 10) expect(sentBytes).toBeGreaterThanOrEqual(3 * MSS);
      if (i > 2) expect(sentBytes).toBeLessThanOrEqual(Math.ceil((i * 10) / 20 + 1) * MSS);
    }
    expect(t.tcb.congestion.ssthreshBytes).toBe(10 * MSS);
    expect(flightBytes(t.tcb)).toBeLessThanOrEqual(10 * MSS);
    expect(flightBytes(t.tcb)).toBeGreaterThanOrEqual(9 * MSS);
  });

  test('the first retransmission leaves at once, whatever is in flight', () => {
    const t = flying20();
    t.inject(at(20), ack({ seq: 1, ack: 10_001, sack: [[11_001, 14_001]] }));
    expect(t.take()[0]).toMatchObject({ seq: 10_001, len: MSS });
  });

  test('when most was lost, what is in flight grows back to ssthresh as ACKs come, without a burst', () => {
    const t = flying20();
    t.inject(at(20), ack({ seq: 1, ack: 10_001, sack: [[27_001, 30_001]] }));
    expect(bytes(t)).toBeLessThanOrEqual(4 * MSS);
    let last = flightBytes(t.tcb);
    for (let acked = 11_001; acked <= 16_001; acked += MSS) {
      t.inject(t.nowMs + 10, ack({ seq: 1, ack: acked, sack: [[27_001, 30_001]] }));
      expect(bytes(t)).toBeLessThanOrEqual(2 * MSS);
      expect(flightBytes(t.tcb)).toBeGreaterThanOrEqual(last - MSS);
      last = flightBytes(t.tcb);
    }
    expect(last).toBeLessThanOrEqual(10 * MSS);
  });

  test('it ends with cwnd at ssthresh', () => {
    const t = flying20();
    t.inject(at(20), ack({ seq: 1, ack: 10_001, sack: [[11_001, 30_001]] }));
    t.ignore();
    t.inject(at(30), ack({ seq: 1, ack: 30_001 + 9 * MSS }));
    expect(t.tcb.recovery.mode).toBe('open');
    expect(t.tcb.congestion.cwndBytes).toBeLessThanOrEqual(10 * MSS + MSS);
    t.ignore();
  });
});
