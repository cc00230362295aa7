/** Another congestion control while the connection lives. */

import { describe, expect, test } from 'vitest';
import { at, type Script } from '../../test/script.ts';
import { ack, type Fields } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { flightBytes } from '../recovery/marks.ts';
import type { CongestionName } from './registry.ts';
import { switchCongestion } from './switch.ts';

const MSS = 1000;
const PEER: Fields = { mss: MSS, scale: 7, sackOk: true };

/** One of many segments was lost, and the recovery from it has just begun. */
function recovering(congestion: CongestionName): Script {
  const t = established({ peer: PEER, rttMs: 20, congestion, lossDetection: 'sack', sendBufferBytes: 1 << 22 });
  t.inject(at(20), ack({ seq: 1, ack: 1 }));
  t.write(100 * MSS);
  t.wait(at(30)).ignore();
  t.inject(at(40), ack({ seq: 1, ack: 1, sack: [[1001, 5001]] }));
  expect(t.tcb.recovery.mode).toBe('recovery');
  return t.ignore();
}

describe('another control during recovery', () => {
  test('that leaves it to PRR too finds window and threshold as they are', () => {
    const { tcb, nowMs } = recovering('reno');
    const { cwndBytes, ssthreshBytes } = tcb.congestion;
    switchCongestion(tcb, nowMs, 'cubic', true);
    expect(tcb.congestion).toMatchObject({ name: 'cubic', cwndBytes, ssthreshBytes });
  });

  test('hears of the loss when the last one led the recovery itself', () => {
    const { tcb, nowMs } = recovering('bbr');
    const inFlight = flightBytes(tcb);
    switchCongestion(tcb, nowMs, 'reno', true);
    expect(tcb.congestion.ssthreshBytes).toBe(Math.floor(inFlight / 2));
    expect(tcb.recovery).toMatchObject({ recoverFsBytes: inFlight, prrDeliveredBytes: 0, prrOutBytes: 0 });
  });

  test.each([
    ['reno', 'bbr'],
    ['bbr', 'cubic'],
    ['none', 'reno'],
    ['cubic', 'none'],
  ] as const)('from %s to %s the loss is put right and the rest leaves', (from, to) => {
    const t = recovering(from);
    switchCongestion(t.tcb, t.nowMs, to, true);
    for (let acked = 5001; acked <= 100_001; acked += 5 * MSS) {
      t.wait(t.nowMs + 20).ignore();
      const sentEnd = 1 + t.tcb.snd.unaOffset + flightBytes(t.tcb);
      t.inject(t.nowMs, ack({ seq: 1, ack: Math.min(acked, sentEnd) })).ignore();
    }
    expect(t.tcb.recovery.mode).toBe('open');
    expect(t.tcb.snd.unaOffset).toBe(100 * MSS);
  });
});
