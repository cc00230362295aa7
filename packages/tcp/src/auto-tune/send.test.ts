/** The send buffer that grows with what the network takes. */

import { describe, expect, test } from 'vitest';
import type { Script } from '../../test/script.ts';
import { ack } from '../../test/segments.ts';
import { established, type PeerOptions } from '../../test/states.ts';
import { WAKE_WRITE } from '../tcb.ts';
import { isWritable } from '../user-calls.ts';

const RTT_MS = 100;
const OPTIONS: PeerOptions = {
  sendBufferBytes: 20_000,
  sendBufferMaxBytes: 300_000,
  peer: { mss: 1000, win: 60_000, scale: 7 },
  rttMs: RTT_MS,
  loose: true,
};

/** So many rounds: the user writes what fits (or `bytes`), and all that was sent is acknowledged a round trip later. */
function rounds(t: Script, count: number, bytes = Infinity, win = 60_000): void {
  for (let i = 0; i < count; i++) {
    t.write(Math.min(bytes, t.tcb.sendRing.free + 1));
    t.wait(t.nowMs + RTT_MS);
    const sent = Math.max(0, ...t.take().map((each) => each.seq + each.len));
    if (sent > 0) t.inject(t.nowMs, ack({ seq: 1, ack: sent, win }));
  }
}

describe('the send buffer', () => {
  test('grows while the user waits for room and the path takes it, up to the limit', () => {
    const t = established(OPTIONS);
    rounds(t, 4);
    expect(t.tcb.sendRing.limitBytes).toBeGreaterThan(30_000);
    rounds(t, 20);
    expect(t.tcb.sendRing.limitBytes).toBe(300_000);
  });

  test('never holds more than twice the window of the peer', () => {
    const t = established({ ...OPTIONS, peer: { mss: 1000, win: 30_000 } });
    rounds(t, 20, Infinity, 30_000);
    expect(t.tcb.sendRing.limitBytes).toBe(60_000);
  });

  test('stays when the user writes less than it holds', () => {
    const t = established(OPTIONS);
    rounds(t, 20, 15_000);
    expect(t.tcb.sendRing.limitBytes).toBe(20_000);
  });

  test('stays when the user chose its size, and while the memory of the Host is used up', () => {
    const chosen = established(OPTIONS);
    chosen.tcb.sendBufferLocked = true;
    rounds(chosen, 20);
    const short = established({ ...OPTIONS, bufferMemoryMaxBytes: 0 });
    rounds(short, 20);
    expect([chosen.tcb.sendRing.limitBytes, short.tcb.sendRing.limitBytes]).toEqual([20_000, 20_000]);
  });

  test('a user who waits is woken once a third of the grown buffer is free', () => {
    const t = established(OPTIONS);
    let grew = 0;
    for (let i = 0; i < 20; i++) {
      const before = t.tcb.sendRing.limitBytes;
      t.write(t.tcb.sendRing.free + 1);
      expect(t.tcb.awaitsSpace).toBe(true);
      t.tcb.wake = 0;
      t.wait(t.nowMs + RTT_MS);
      const sent = Math.max(...t.take().map((each) => each.seq + each.len));
      t.inject(t.nowMs, ack({ seq: 1, ack: sent, win: 60_000 }));
      if (t.tcb.sendRing.limitBytes > before) grew++;
      expect((t.tcb.wake & WAKE_WRITE) !== 0).toBe(isWritable(t.tcb));
      expect(t.tcb.awaitsSpace).toBe(!isWritable(t.tcb));
    }
    expect(grew).toBeGreaterThan(2);
  });
});
