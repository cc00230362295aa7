/** Segment text: in order, out of order, twice, overlapping, too much. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data, fin, rst } from '../../test/segments.ts';
import { closeWait, established, finWait1, finWait2 } from '../../test/states.ts';
import { LOAN_BYTES_MIN } from '../limits.ts';
import { WAKE_READ } from '../tcb.ts';

describe('text in order (RFC 9293 §3.10.7.4 seventh)', () => {
  test('is delivered, acknowledged, and wakes the reader', () => {
    const t = established();
    t.tcb.wake = 0;
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ seq: 1, ack: 101 }));
    expect(t.tcb.wake).toBe(WAKE_READ);
    expect(t.read(30)).toBe(30);
    expect(t.read()).toBe(70);
    expect(t.read()).toBe(0);
  });

  test('of several segments that arrive together is acknowledged once (§3.10.7.4) [MUST-58] [MUST-59]', () => {
    const t = established();
    t.injectBatch(
      at(0),
      [1, 101, 201].map((seq) => data({ seq, ack: 1, len: 100 })),
    );
    t.expect(at(0), ack({ seq: 1, ack: 301 }));
  });

  test.each(['FIN-WAIT-1', 'FIN-WAIT-2'] as const)('is delivered in %s too: the other half is open (§3.6)', (state) => {
    const t = state === 'FIN-WAIT-1' ? finWait1() : finWait2();
    const acked = state === 'FIN-WAIT-1' ? 1 : 2;
    t.inject(at(0), data({ seq: 1, ack: acked, len: 100 }));
    t.expect(at(0), ack({ seq: 2, ack: 101 }));
    expect(t.read()).toBe(100);
    t.ignore();
  });

  test('after the FIN of the peer is ignored', () => {
    const t = closeWait();
    t.inject(at(0), data({ seq: 2, ack: 1, len: 100 }));
    expect(t.tcb.receiveRing.readable).toBe(0);
    expect(t.tcb.state).toBe('CLOSE-WAIT');
  });
});

describe('large text while loans are open', () => {
  test('is lent, and what follows it, until something waits out of order: that is placed behind all of it', () => {
    const t = established();
    const { receiveRing, shared } = t.tcb;
    shared.loans.open();
    t.inject(at(0), data({ seq: 1, ack: 1, len: LOAN_BYTES_MIN - 1 }));
    expect(receiveRing.lentBytes).toBe(0);
    t.inject(at(0), data({ seq: 16_384, ack: 1, len: LOAN_BYTES_MIN }));
    expect(receiveRing.lentBytes).toBe(LOAN_BYTES_MIN);
    t.inject(at(0), data({ seq: 32_768, ack: 1, len: 100 }));
    expect(receiveRing.lentBytes).toBe(LOAN_BYTES_MIN + 100);
    expect(t.read(17_000)).toBe(17_000);
    t.inject(at(0), data({ seq: 52_868, ack: 1, len: 50 }));
    expect([receiveRing.lentBytes, receiveRing.readable]).toEqual([0, 15_867]);
    t.inject(at(0), data({ seq: 32_868, ack: 1, len: 20_000 }));
    expect(receiveRing.lentBytes).toBe(0);
    t.ignore();
    expect(t.read()).toBe(15_867 + 20_050);
    t.inject(at(0), data({ seq: 52_918, ack: 1, len: 20_000 }));
    expect(receiveRing.lentBytes).toBe(20_000);
    shared.loans.settle();
    expect(receiveRing.lentBytes).toBe(0);
    t.ignore();
    expect(t.read()).toBe(20_000);
    t.ignore();
  });
});

describe('text out of order [SHLD-31]', () => {
  test('is kept, answered by an ACK of what is missing at once, and delivered when the hole is filled [MAY-13]', () => {
    const t = established();
    t.inject(at(0), data({ seq: 101, ack: 1, len: 100 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    expect(t.read()).toBe(0);
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ seq: 1, ack: 201 }));
    expect(t.read()).toBe(200);
  });

  test('a segment that fills a hole is acknowledged at once, also by a receiver that delays (RFC 5681 §4.2)', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 37, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 17 }));
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 27 }));
    t.inject(at(0), data({ seq: 27, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 47 }));
    expect(t.read()).toBe(30);
  });

  test('SACK names the block that came last first, then the others (RFC 2018 §4)', () => {
    const t = established({ peer: { mss: 1460, sackOk: true } });
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 1, sack: [[11, 21]] }));
    t.inject(at(0), data({ seq: 51, ack: 1, len: 10 }));
    t.expect(
      at(0),
      ack({
        ack: 1,
        sack: [
          [51, 61],
          [11, 21],
        ],
      }),
    );
    t.inject(at(0), data({ seq: 31, ack: 1, len: 10 }));
    t.expect(
      at(0),
      ack({
        ack: 1,
        sack: [
          [31, 41],
          [11, 21],
          [51, 61],
        ],
      }),
    );
    t.inject(at(0), data({ seq: 21, ack: 1, len: 10 }));
    t.expect(
      at(0),
      ack({
        ack: 1,
        sack: [
          [11, 41],
          [51, 61],
        ],
      }),
    );
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 41, sack: [[51, 61]] }));
  });

  test('at most 4 blocks fit, 3 beside timestamps (RFC 2018 §3)', () => {
    for (const [peer, blocks] of [
      [{ sackOk: true }, 4],
      [{ sackOk: true, ts: [1, 0] as const }, 3],
    ] as const) {
      const t = established({ peer, loose: true });
      for (let i = 1; i <= 6; i++) t.inject(at(0), data({ seq: 20 * i, ack: 1, len: 10 }));
      expect(t.outbox.at(-1)?.sack.length).toBe(blocks);
      expect(t.outbox.at(-1)?.sack[0]).toEqual([120, 130]);
    }
  });

  test('without SACK-permitted no block is sent', () => {
    const t = established();
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 1, sack: [] }));
  });

  test('one large segment may fill several holes, and reach into what waits behind the last', () => {
    const t = established({ peer: { mss: 1460, sackOk: true } });
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10 }));
    t.inject(at(0), data({ seq: 31, ack: 1, len: 20 })).ignore();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 40 }));
    t.expect(at(0), ack({ ack: 51, sack: [[11, 21]] }));
    expect(t.read()).toBe(50);
  });
});

describe('text that is here already', () => {
  test('is dropped and acknowledged again at once', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 5, ack: 1, len: 12 }));
    t.expect(at(0), ack({ seq: 1, ack: 17 }));
    // Its sender missed the ACK before: the next ones hurry (see output/delayed-ack).
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    t.expect(at(0), ack({ seq: 1, ack: 27 }));
    t.inject(at(1), data({ seq: 17, ack: 1, len: 10 }));
    t.expect(at(1), ack({ seq: 1, ack: 27 }));
    expect(t.read()).toBe(10);
  });

  test('in front of new text is trimmed off', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ ack: 101 }));
    t.inject(at(0), data({ seq: 51, ack: 1, len: 100 }));
    t.expect(at(0), ack({ ack: 151 }));
    expect(t.read()).toBe(150);
  });

  test('out of order, overlapping on both sides, is delivered once', () => {
    const t = established();
    for (const [seq, len] of [
      [21, 20],
      [51, 10],
      [31, 25],
      [11, 60],
    ] as const)
      t.inject(at(0), data({ seq, ack: 1, len }));
    t.inject(at(0), data({ seq: 1, ack: 1, len: 15 })).ignore();
    expect(t.read()).toBe(70);
  });
});

describe('text beyond the window', () => {
  test('is trimmed off (§3.4 "segments may be tailored")', () => {
    const t = established({ receiveBufferBytes: 1000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 1200 }));
    t.expect(at(0), ack({ ack: 1001, win: 0 }));
    expect(t.counters.beyondWindowDrops).toBe(1);
    expect(t.read()).toBe(1000);
    t.expect(at(0), ack({ ack: 1001, win: 1000 }));
  });

  test('is trimmed off out of order as well', () => {
    const t = established({ receiveBufferBytes: 1000 });
    t.inject(at(0), data({ seq: 901, ack: 1, len: 200 }));
    t.expect(at(0), ack({ ack: 1 }));
    t.inject(at(0), data({ seq: 1, ack: 1, len: 900 }));
    t.expect(at(0), ack({ ack: 1001, win: 0 }));
    expect(t.read()).toBe(1000);
    t.ignore();
  });

  test('takes the FIN behind it along: the peer must send that again', () => {
    const t = established({ receiveBufferBytes: 1000 });
    t.inject(at(0), fin({ seq: 1, ack: 1, len: 1200 }));
    t.expect(at(0), ack({ ack: 1001, win: 0 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
    expect(t.read()).toBe(1000);
    t.expect(at(0), ack({ ack: 1001, win: 1000 }));
    t.inject(at(0), fin({ seq: 1001, ack: 1, len: 200 }));
    t.expect(at(0), ack({ ack: 1202 }));
    expect(t.tcb.state).toBe('CLOSE-WAIT');
    expect(t.read()).toBe(200);
  });

  test('more holes than are tracked: the text is dropped, counted and not acknowledged', () => {
    const t = established({ loose: true });
    for (let i = 1; i <= 513; i++) t.inject(at(0), data({ seq: 2 * i, ack: 1, len: 1 }));
    expect(t.counters.reassemblyOverflows).toBe(1);
    expect(t.counters.outOfOrderSegments).toBe(512);
    for (let i = 0; i < 512; i++) t.inject(at(0), data({ seq: 2 * i + 1, ack: 1, len: 1 }));
    expect(t.read()).toBe(1024);
  });
});

describe('text for a user who will not read (§3.6.1) [SHLD-3]', () => {
  test('ends the connection with a reset at SEG.ACK', () => {
    const t = established();
    t.tcb.noReader = true;
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), rst({ seq: 1 }));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.counters.dataAfterClose).toBe(1);
  });

  test('after CLOSE in FIN-WAIT-2 the same; the FIN alone closes in order', () => {
    const t = finWait2();
    t.tcb.noReader = true;
    t.inject(at(0), data({ seq: 1, ack: 2, len: 10 }));
    t.expect(at(0), rst({ seq: 2 }));
    const quiet = finWait2();
    quiet.tcb.noReader = true;
    quiet.inject(at(0), fin({ seq: 1, ack: 2 }));
    quiet.expect(at(0), ack({ seq: 2, ack: 2 }));
    expect(quiet.tcb.state).toBe('TIME-WAIT');
  });

  test('text that arrives again is no new text', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 })).ignore();
    t.read();
    t.tcb.noReader = true;
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 11 }));
    t.expectSilence(until(1000));
    expect(t.tcb.state).toBe('ESTABLISHED');
  });
});

describe('super-segments in', () => {
  test('64 KB in one segment are one arrival', () => {
    const t = established({ peer: { mss: 1460, scale: 7 } });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 64_240 }));
    t.expect(at(0), ack({ ack: 64_241 }));
    expect(t.read()).toBe(64_240);
  });

  test('one that begins before the window and ends beyond it gives what lies between', () => {
    const t = established({ receiveBufferBytes: 3000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 })).ignore();
    t.inject(at(0), data({ seq: 51, ack: 1, len: 5000 }));
    t.expect(at(0), ack({ ack: 3001, win: 0 }));
    expect(t.read()).toBe(3000);
    t.ignore();
  });
});
