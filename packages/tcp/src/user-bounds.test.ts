/** `TCP_WINDOW_CLAMP` and `TCP_NOTSENT_LOWAT` in the engine. */

import { describe, expect, test } from 'vitest';
import { at, script } from '../test/script.ts';
import { ack, data, syn } from '../test/segments.ts';
import { established } from '../test/states.ts';
import { WAKE_WRITE } from './tcb.ts';
import { setWindowClamp } from './user-bounds.ts';
import { isWritable, setNotSentLowWater } from './user-calls.ts';

describe('a clamp on the window', () => {
  test('no more than that is offered from then on; what was offered already stays (RFC 9293 §3.8.6 [SHLD-14])', () => {
    const t = established({ receiveBufferBytes: 10_000, peer: { mss: 1460 } });
    setWindowClamp(t.tcb, 4000);
    t.inject(at(0), data({ seq: 1, ack: 1, len: 3000 }));
    t.expect(at(0), ack({ ack: 3001, win: 7000 }));
    t.read();
    t.inject(at(0), data({ seq: 3001, ack: 1, len: 3500 }));
    t.expect(at(0), ack({ ack: 6501, win: 3500 }));
    t.read();
    t.inject(at(0), data({ seq: 6501, ack: 1, len: 3500 }));
    t.expect(at(0), ack({ ack: 10_001, win: 4000 }));
  });

  test('a user who reads gets window updates by the clamp, not by the buffer', () => {
    const t = established({ receiveBufferBytes: 100_000, peer: { mss: 1460, scale: 0 } });
    setWindowClamp(t.tcb, 20_000);
    t.inject(at(0), data({ seq: 1, ack: 1, len: 60_000 }));
    t.inject(at(0), data({ seq: 60_001, ack: 1, len: 32_000 })).ignore();
    expect(t.read(6000)).toBe(6000);
    t.expect(at(0), ack({ ack: 92_001, win: 14_000 >> 8 }));
  });

  test('taken away, the window grows to what the buffer has', () => {
    const t = established({ receiveBufferBytes: 10_000, peer: { mss: 1460 } });
    setWindowClamp(t.tcb, 2000);
    t.inject(at(0), data({ seq: 1, ack: 1, len: 9000 })).ignore();
    t.read();
    setWindowClamp(t.tcb, Infinity);
    t.inject(at(0), data({ seq: 9001, ack: 1, len: 1000 }));
    t.expect(at(0), ack({ ack: 10_001, win: 9000 }));
  });

  test('the shift of the window need not be larger than what the clamp asks for', () => {
    const shiftOf = (clamp: number) => {
      const t = script({ passive: true });
      setWindowClamp(t.tcb, clamp);
      return t.inject(at(0), syn({ mss: 1460, scale: 0 })).ignore().tcb.rcv.scale;
    };
    expect([Infinity, 1_000_000, 65_535, 1152].map(shiftOf)).toEqual([8, 4, 0, 0]);
  });
});

describe('a mark for what waits to be sent', () => {
  test('a connection takes what may leave at once and so much more, and then is not writable', () => {
    const t = established({ sendBufferBytes: 1 << 20 });
    const leaves = Math.min(t.tcb.congestion.cwndBytes, t.tcb.snd.wnd);
    setNotSentLowWater(t.tcb, 5000);
    expect(t.write(500_000)).toBe(leaves + 5000);
    expect(isWritable(t.tcb)).toBe(false);
    expect(t.write(1)).toBe(0);
    t.ignore();
    expect(t.write(1)).toBe(0);
  });

  test('it is woken once less than half of that waits, also when it was full to the byte', () => {
    const t = established({ sendBufferBytes: 1 << 20 });
    setNotSentLowWater(t.tcb, 5000);
    const leaves = Math.min(t.tcb.congestion.cwndBytes, t.tcb.snd.wnd);
    t.write(leaves + 5000);
    t.ignore();
    t.tcb.wake = 0;
    t.inject(at(0), ack({ seq: 1, ack: 1 + 1000, win: 65_535 })).ignore();
    expect(t.tcb.wake & WAKE_WRITE).toBe(0);
    t.inject(at(0), ack({ seq: 1, ack: 1 + leaves, win: 65_535 })).ignore();
    expect(t.tcb.wake & WAKE_WRITE).toBe(WAKE_WRITE);
    expect(isWritable(t.tcb)).toBe(true);
  });

  test('the Host has one for all; a higher one of the connection wakes its user at once', () => {
    const t = established({ sendBufferBytes: 1 << 20 });
    t.tcb.shared.notSentLowBytes = 100;
    const leaves = Math.min(t.tcb.congestion.cwndBytes, t.tcb.snd.wnd);
    expect(t.write(500_000)).toBe(leaves + 100);
    t.ignore();
    t.tcb.wake = 0;
    setNotSentLowWater(t.tcb, 100);
    expect(t.tcb.wake).toBe(0);
    setNotSentLowWater(t.tcb, 300);
    expect(t.tcb.wake).toBe(WAKE_WRITE);
    expect(t.write(500_000)).toBe(200);
    t.ignore();
  });
});
