/** The receive buffer that grows with what the user takes. */

import { diff } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { at, type Script } from '../../test/script.ts';
import { ack, data } from '../../test/segments.ts';
import { accepted, type PeerOptions } from '../../test/states.ts';
import { tuneOf } from './state.ts';

const RTT_MS = 100;
const MOST_BYTES = 400_000;
const OPTIONS: PeerOptions = {
  receiveBufferBytes: 100_000,
  receiveBufferMaxBytes: MOST_BYTES,
  advertisedMssBytes: 1000,
  peer: { mss: 1000, scale: 7 },
  rttMs: RTT_MS,
  loose: true,
};

/** So many rounds: the peer fills the window (or sends `bytes`), the user reads all or nothing. */
function rounds(t: Script, count: number, { reads = true, bytes = Infinity, everyMs = RTT_MS } = {}): number[] {
  const limits: number[] = [];
  for (let i = 0; i < count; i++) {
    const end = t.tcb.rcv.nxtOffset + Math.min(bytes, diff(t.tcb.rcv.edge, t.tcb.rcv.nxt));
    while (t.tcb.rcv.nxtOffset < end) {
      const from = t.tcb.rcv.nxtOffset;
      t.inject(t.nowMs, data({ seq: from + 1, ack: 1, len: Math.min(50_000, end - from) }));
      if (reads) t.read();
    }
    t.ignore();
    t.wait(t.nowMs + everyMs);
    limits.push(t.tcb.receiveRing.limitBytes);
  }
  return limits;
}

describe('the receive buffer', () => {
  test('grows by half or more every two round trips that the user takes whole windows, and ends at the limit', () => {
    // The first byte of a round ends the measurement of the one before: what it allows is used in the next.
    const limits = rounds(accepted(OPTIONS), 20);
    for (let i = 3; i < limits.length; i++) {
      const grown = (limits[i] as number) / (limits[i - 2] as number);
      expect(grown > 1.5 || limits[i] === MOST_BYTES, `${limits}`).toBe(true);
      expect(grown).toBeLessThan(2.6);
    }
    expect(limits.at(-1)).toBe(MOST_BYTES);
  });

  test('is offered at once: the window that the peer sees grows as well, and never shrinks [SHLD-14]', () => {
    const t = accepted(OPTIONS);
    rounds(t, 20);
    t.inject(t.nowMs, data({ seq: t.tcb.rcv.nxtOffset + 1, ack: 1, len: 5000 }));
    t.read();
    const edges = t.take().map((sent) => sent.ack + sent.win * 256);
    expect((edges.at(-1) as number) - t.tcb.rcv.nxtOffset).toBeGreaterThan(0.9 * MOST_BYTES);
  });

  test('stays when the user takes less than half of it in a round trip', () => {
    expect(rounds(accepted(OPTIONS), 10, { bytes: 30_000 }).at(-1)).toBe(100_000);
  });

  test('does not take a pause for a round trip: bursts far apart are no stream', () => {
    expect(rounds(accepted(OPTIONS), 10, { bytes: 80_000, everyMs: 5000 }).at(-1)).toBe(100_000);
  });

  test('stays while the user does not read', () => {
    const t = accepted(OPTIONS);
    rounds(t, 5, { reads: false });
    expect(t.tcb.receiveRing.limitBytes).toBe(100_000);
    expect(t.tcb.receiveRing.readable).toBeGreaterThan(90_000);
  });

  test('stays when the user chose its size', () => {
    const t = accepted(OPTIONS);
    t.tcb.receiveBufferLocked = true;
    expect(rounds(t, 10).at(-1)).toBe(100_000);
  });

  test('stays while the memory of the Host is used up', () => {
    expect(rounds(accepted({ ...OPTIONS, bufferMemoryMaxBytes: 0 }), 10).at(-1)).toBe(100_000);
  });

  test('without scaling grows no larger than the field can say', () => {
    const t = accepted({ ...OPTIONS, receiveBufferBytes: 30_000, peer: { mss: 1000 } });
    expect(rounds(t, 10).at(-1)).toBe(65_535);
  });

  test('the round trip is the least seen: echoes of old timestamps do not make it longer, newer ones shorter', () => {
    const t = accepted({ ...OPTIONS, peer: { mss: 1000, scale: 7, ts: [1000, 0] }, rttMs: 0 });
    const sees = (nowMs: number, echo: number): number => {
      t.inject(at(nowMs), data({ seq: t.tcb.rcv.nxtOffset + 1, ack: 1, len: 1, ts: [1000, echo] })).ignore();
      return tuneOf(t.tcb).rttMs;
    };
    tuneOf(t.tcb).rttMs = 80;
    expect(sees(1000, 900)).toBe(80);
    expect(sees(1100, 1030)).toBe(70);
    // Two ticks of the clock are the least that says something.
    expect(sees(1200, 1199)).toBe(70);
    expect(sees(1300, 900)).toBe(70);
    // Five minutes later the path may be another.
    expect(sees(301_200, 301_100)).toBe(100);
  });

  test('what is here is kept when the buffer grows around it', () => {
    const t = accepted(OPTIONS);
    t.inject(at(RTT_MS), data({ seq: 5001, ack: 1, len: 3000 })).ignore();
    t.inject(at(RTT_MS), data({ seq: 1, ack: 1, len: 2000 }));
    t.tcb.receiveRing.limitBytes = 1_000_000;
    t.inject(at(RTT_MS), data({ seq: 2001, ack: 1, len: 3000 }));
    t.expect(at(RTT_MS), ack({ ack: 2001 }));
    t.ignore();
    expect(t.read()).toBe(8000);
  });
});
