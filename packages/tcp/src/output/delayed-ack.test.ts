/** When received data is acknowledged. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { setQuickAck } from '../connection.ts';

describe('delayed ACK (RFC 9293 §3.8.6.3; RFC 5681 §4.2)', () => {
  test('a small segment is acknowledged after 40 ms [SHLD-18] [MUST-40]', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    t.expectSilence(until(39));
    t.expect(at(40), ack({ seq: 1, ack: 27 }));
    t.expectSilence(until(100_000));
  });

  test('2 * MSS of new data are acknowledged at once [SHLD-19]', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 17, ack: 1, len: 1460 }));
    t.expectSilence(until(5));
    t.inject(at(5), data({ seq: 1477, ack: 1, len: 1460 }));
    t.expect(at(5), ack({ seq: 1, ack: 2937 }));
    t.expectSilence(until(100_000));
  });

  test('bytes count, not segments: a super-segment is acknowledged at once, small ones are not', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 17, ack: 1, len: 2920 }));
    t.expect(at(0), ack({ seq: 1, ack: 2937 }));
    for (let i = 0; i < 10; i++) t.inject(at(i), data({ seq: 2937 + i, ack: 1, len: 1 }));
    t.expectSilence(until(39));
    t.expect(at(40), ack({ seq: 1, ack: 2947 }));
  });

  test('the wait begins with the first byte that is not acknowledged', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    t.inject(at(30), data({ seq: 27, ack: 1, len: 10 }));
    t.expect(at(40), ack({ seq: 1, ack: 37 }));
  });

  test('an ACK that is due rides on data of ours', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    t.wait(at(10)).write(5);
    t.expect(at(10), data({ seq: 1, ack: 27, len: 5 }));
    t.inject(at(11), ack({ seq: 27, ack: 6 }));
    t.expectSilence(until(100_000));
  });

  test('the first 16 segments are acknowledged at once, so that the slow start of the peer is not held up', () => {
    const t = established();
    for (let i = 0; i < 16; i++) {
      t.inject(at(0), data({ seq: 1 + 10 * i, ack: 1, len: 10 }));
      t.expect(at(0), ack({ ack: 11 + 10 * i }));
    }
    t.inject(at(0), data({ seq: 161, ack: 1, len: 10 }));
    t.expectSilence(until(39));
    t.expect(at(40), ack({ ack: 171 }));
  });

  test('a pure ACK is not acknowledged', () => {
    const t = established();
    t.inject(at(0), ack({ seq: 1, ack: 1 }));
    t.expectSilence(until(100_000));
    expect(t.tcb.out.quickAcks).toBe(16);
  });
});

describe('when ACKs hurry, as in Linux', () => {
  test('after a segment that was here already: its sender missed the ACK', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 16, ack: 1, len: 1 }));
    t.expect(at(0), ack({ ack: 17 }));
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 27 }));
  });

  test('while something is out of order all that comes is acknowledged (RFC 5681 §4.2)', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 47, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 17 }));
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 27 }));
  });

  test('a user who answers needs no quick ACKs: they ride on what is sent', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 11 }));
    t.write(5);
    t.expect(at(0), data({ seq: 1, ack: 11, len: 5 }));
    t.inject(at(10), data({ seq: 11, ack: 6, len: 10 }));
    t.expectSilence(until(20));
    t.write(5);
    t.expect(at(20), data({ seq: 6, ack: 21, len: 5 }));
    t.inject(at(21), ack({ seq: 21, ack: 11 }));
  });

  test('who sends long after something came is not answering', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 11 }));
    t.wait(at(40)).write(5);
    t.expect(at(40), data({ seq: 1, len: 5 }));
    t.inject(at(50), data({ seq: 11, ack: 6, len: 10 }));
    t.expect(at(50), ack({ ack: 21 }));
  });

  test('TCP_QUICKACK: on, what is owed leaves at once, and what follows; off, it is delayed', () => {
    const t = established({ delaysAcks: true });
    t.inject(at(0), data({ seq: 17, ack: 1, len: 10 }));
    setQuickAck(t.tcb, true);
    t.wait(at(1)).write(0);
    t.expect(at(1), ack({ ack: 27 }));
    t.inject(at(2), data({ seq: 27, ack: 1, len: 10 }));
    t.expect(at(2), ack({ ack: 37 }));
    setQuickAck(t.tcb, false);
    t.inject(at(3), data({ seq: 37, ack: 1, len: 10 }));
    t.expectSilence(until(42));
    t.expect(at(43), ack({ ack: 47 }));
  });
});
