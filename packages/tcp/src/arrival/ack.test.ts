/** The ACK field, and the window that comes with it. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { WAKE_WRITE } from '../tcb.ts';

describe('SEG.ACK (RFC 9293 §3.10.7.4 fifth check)', () => {
  test('an ACK of part of the data moves SND.UNA and keeps the rest for resending', () => {
    const t = established();
    t.write(100);
    t.expect(at(0), data({ seq: 1, len: 100 }));
    t.inject(at(0), ack({ seq: 1, ack: 41 }));
    t.expect(at(200), data({ seq: 41, len: 60 }));
    t.inject(at(200), ack({ seq: 1, ack: 101 }));
    t.expectSilence(until(1_000_000));
    expect(t.tcb.sendRing.readable).toBe(0);
  });

  test('an ACK of something not yet sent is answered by an ACK and dropped', () => {
    const t = established();
    t.write(100);
    t.expect(at(0), data({ seq: 1, len: 100 }));
    t.inject(at(0), data({ seq: 1, ack: 102, len: 10 }));
    t.expect(at(0), ack({ seq: 101, ack: 1 }));
    expect(t.tcb.receiveRing.readable).toBe(0);
    t.inject(at(0), ack({ seq: 1, ack: 101 }));
  });

  test('bytes that are queued but not sent cannot be acknowledged, wherever the numbers wrap', () => {
    // SND.NXT just below number 0 in sequence space, where a fresh TCB keeps its zeros.
    const t = established({ iss: 0xffff_ffff - 1500, peer: { mss: 1460, win: 1460 } });
    t.write(1 << 14);
    t.expect(at(0), data({ seq: 1, len: 1460 }));
    t.inject(at(0), ack({ seq: 1, ack: 1490, win: 1460 }));
    t.expect(at(0), ack({ seq: 1461, ack: 1 }));
    expect(t.counters.unacceptableAcks).toBe(1);
    t.inject(at(0), ack({ seq: 1, ack: 1461, win: 1460 }));
    t.expect(at(0), data({ seq: 1461, len: 1460 }));
  });

  test('an ACK older than the largest window is challenged (RFC 5961 §5.2)', () => {
    const t = established({ peer: { mss: 1460, win: 500 } });
    t.write(500);
    t.inject(at(0), ack({ seq: 1, ack: 501, win: 500 })).ignore();
    t.inject(at(0), data({ seq: 1, ack: 0, len: 5, win: 500 }));
    t.expect(at(0), ack({ seq: 501, ack: 1 }));
    expect(t.counters.unacceptableAcks).toBe(1);
    // The oldest that is still good.
    t.inject(at(0), data({ seq: 1, ack: 1, len: 5, win: 500 }));
    t.expect(at(0), ack({ seq: 501, ack: 6 }));
  });

  test('a duplicate ACK can be ignored: nothing moves', () => {
    const t = established();
    t.inject(at(0), ack({ seq: 1, ack: 1 }));
    t.inject(at(0), ack({ seq: 1, ack: 1 }));
    t.expectSilence(until(100_000));
    expect(t.tcb.snd.unaOffset).toBe(0);
  });

  test('a user who met a full buffer is woken when half as much is free as is queued', () => {
    const t = established({ sendBufferBytes: 1000 });
    expect(t.write(1500)).toBe(1000);
    expect(t.write(1)).toBe(0);
    t.ignore();
    t.tcb.wake = 0;
    t.inject(at(0), ack({ seq: 1, ack: 334 }));
    expect(t.tcb.wake & WAKE_WRITE).toBe(0);
    t.inject(at(0), ack({ seq: 1, ack: 335 }));
    expect(t.tcb.wake & WAKE_WRITE).toBe(WAKE_WRITE);
    expect(t.write(1500)).toBe(334);
    t.ignore();
  });

  test('a duplicate whose number is older than the one that set the window is a duplicate still (RFC 5681 §2)', () => {
    const t = established({ peer: { mss: 1000 }, noDelay: true });
    t.write(5000);
    t.inject(at(0), data({ seq: 101, ack: 1, len: 10, win: 60_000 })).ignore();
    for (let i = 0; i < 3; i++) t.inject(at(0), ack({ seq: 1, ack: 1, win: 50_000 }));
    t.expect(at(0), data({ seq: 1, len: 1000 }));
  });

  test('the retransmission timer restarts with every ACK of new data and stops with the last (RFC 6298 §5.2, §5.3)', () => {
    const t = established({ noDelay: true });
    t.write(10);
    t.write(10);
    t.ignore();
    t.inject(at(150), ack({ seq: 1, ack: 11 }));
    t.expectSilence(until(349));
    t.inject(at(349), ack({ seq: 1, ack: 21 }));
    t.expectSilence(until(1_000_000));
  });
});

describe('SND.WND, SND.WL1, SND.WL2 (RFC 9293 §3.10.7.4)', () => {
  test('a newer segment sets the window, an older one does not', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, win: 3000 })).ignore();
    expect(t.tcb.snd.wnd).toBe(3000);
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10, win: 2000 })).ignore();
    expect(t.tcb.snd.wnd).toBe(2000);
    // WL1 is 11 now: number 5 is older, and acceptable only because of its last byte.
    t.inject(at(0), data({ seq: 5, ack: 1, len: 30, win: 9000 })).ignore();
    expect(t.tcb.snd.wnd).toBe(2000);
  });

  test('with the same number a later acknowledgment counts', () => {
    const t = established();
    t.write(20);
    t.ignore();
    t.inject(at(0), ack({ seq: 1, ack: 21, win: 3000 }));
    expect(t.tcb.snd.wnd).toBe(3000);
    t.inject(at(0), ack({ seq: 1, ack: 11, win: 9000 }));
    expect(t.tcb.snd.wnd).toBe(3000);
    t.inject(at(0), ack({ seq: 1, ack: 21, win: 4000 }));
    expect(t.tcb.snd.wnd).toBe(4000);
  });

  test('"If SND.UNA =< SEG.ACK =< SND.NXT": a segment with an older acknowledgment does not set it', () => {
    const t = established();
    t.write(20);
    t.ignore();
    t.inject(at(0), ack({ seq: 1, ack: 21, win: 3000 }));
    t.inject(at(0), data({ seq: 5, ack: 11, len: 5, win: 9000 })).ignore();
    expect(t.tcb.snd.wnd).toBe(3000);
  });

  test('the window field is unsigned (§3.1) [MUST-1] and shifted by what the peer offered (RFC 7323 §2.3) [REC-1]', () => {
    const t = established({ peer: { mss: 1460, scale: 14 } });
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 0xffff }));
    expect(t.tcb.snd.wnd).toBe(0xffff * 2 ** 14);
  });
});
