/** What limits sending: both windows, super-segments, and the probing of a window that is closed. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data, fin } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { handleTimeouts } from '../timeouts.ts';

describe('the window of the peer (RFC 9293 §3.8.6)', () => {
  test('no byte is sent beyond it', () => {
    const t = established({ peer: { mss: 1000, win: 2500 } });
    t.write(10_000);
    t.expect(at(0), data({ seq: 1, len: 1000 }));
    t.expect(at(0), data({ seq: 1001, len: 1000 }));
    t.expectSilence(until(1));
    t.inject(at(1), ack({ seq: 1, ack: 2001, win: 2500 }));
    t.expect(at(1), data({ seq: 2001, len: 1000 }));
    t.expect(at(1), data({ seq: 3001, len: 1000 }));
  });

  test('the FIN takes one number of it', () => {
    const t = established({ peer: { mss: 1460, win: 100 } });
    t.write(100);
    t.close();
    t.expect(at(0), data({ seq: 1, len: 100 }));
    t.inject(at(10), ack({ seq: 1, ack: 101, win: 1 }));
    t.expect(at(10), fin({ seq: 101 }));
  });

  test('when it shrinks, nothing new is sent and what is outstanding is resent [MUST-34] [SHLD-15] [SHLD-16]', () => {
    const t = established({ peer: { mss: 1000, win: 4000 } });
    t.write(4000);
    t.ignore();
    t.inject(at(0), ack({ seq: 1, ack: 1001, win: 1000 }));
    t.write(4000);
    t.expectSilence(until(199));
    t.expect(at(200), data({ seq: 1001, len: 1000 }));
    t.inject(at(210), ack({ seq: 1, ack: 4001, win: 1000 }));
    t.expect(at(210), data({ seq: 4001, len: 1000 }));
  });

  test('when it shrinks to nothing, what is outstanding beyond it is resent, as a probe [MUST-35] [MAY-7]', () => {
    const t = established({ peer: { mss: 1000, win: 4000 } });
    t.write(2000);
    t.ignore();
    t.inject(at(0), ack({ seq: 1, ack: 1001, win: 0 }));
    t.write(4000);
    t.wait(at(400));
    expect(t.take().map(({ seq }) => seq)).toEqual([1001]);
    t.inject(at(400), ack({ seq: 1, ack: 2001, win: 1000 }));
    t.expect(at(400), data({ seq: 2001, len: 1000 }));
  });

  test('a peer that shrank it to nothing and answers is not given up [MUST-37] [SHLD-17]', () => {
    const t = established({ peer: { mss: 1000, win: 4000 }, loose: true });
    t.write(4000);
    t.inject(at(0), ack({ seq: 1, ack: 1001, win: 0 })).ignore();
    while (t.counters.timeouts < 30 && t.tcb.state === 'ESTABLISHED') {
      t.wait(t.nowMs + 1000);
      if (t.take().length > 0) t.inject(t.nowMs, ack({ seq: 1, ack: 1001, win: 0 }));
    }
    expect(t.tcb.state).toBe('ESTABLISHED');
    t.inject(t.nowMs, ack({ seq: 1, ack: 4001, win: 4000 }));
    expect(t.tcb.snd.unaOffset).toBe(4000);
  });
});

describe('zero-window probes (RFC 9293 §3.8.6.1) [MUST-35] [MUST-36]', () => {
  test('one byte after the RTO, then with doubled intervals [SHLD-29] [SHLD-30]', () => {
    const t = established({ peer: { mss: 1460, win: 0 } });
    t.write(100);
    for (const ms of [200, 600, 1400, 3000, 6200, 12_600]) {
      t.expect(at(ms), data({ seq: 1, len: 1 }));
      t.inject(at(ms), ack({ seq: 1, ack: 1, win: 0 }));
    }
    t.inject(at(13_000), ack({ seq: 1, ack: 1, win: 1000 }));
    t.expect(at(13_000), data({ seq: 1, len: 100 }));
    expect(t.counters.windowProbes).toBe(6);
    expect(t.counters.retransmittedSegments).toBe(0);
  });

  test('a byte that the peer kept is not sent again; the probing goes on with the next', () => {
    const t = established({ peer: { mss: 1460, win: 0 } });
    t.write(100);
    t.expect(at(200), data({ seq: 1, len: 1 }));
    t.inject(at(210), ack({ seq: 1, ack: 2, win: 0 }));
    const next = t.wait(until(700)).take();
    expect(next.map((sent) => [sent.seq, sent.len])).toEqual([[2, 1]]);
    t.inject(at(700), ack({ seq: 1, ack: 3, win: 1000 }));
    t.expect(at(700), data({ seq: 3, len: 98 }));
  });

  test('the window opens while a probe is on its way: the byte is sent with the rest', () => {
    const t = established({ peer: { mss: 1460, win: 0 } });
    t.write(100);
    t.expect(at(200), data({ seq: 1, len: 1 }));
    t.inject(at(205), ack({ seq: 1, ack: 1, win: 1000 }));
    t.expect(at(205), data({ seq: 1, len: 100 }));
    t.inject(at(210), ack({ seq: 1, ack: 101, win: 1000 }));
    t.expectSilence(until(100_000));
  });

  test('the window opens between the time-out and the output: no probe, the data', () => {
    const t = established({ peer: { mss: 1000, win: 0 } });
    t.write(3000);
    t.nowMs = 200;
    handleTimeouts(t.tcb, 200);
    t.inject(at(200), ack({ seq: 1, ack: 1, win: 3000 }));
    for (const seq of [1, 1001, 2001]) t.expect(at(200), data({ seq, len: 1000 }));
    expect(t.counters.windowProbes).toBe(0);
  });

  test('a FIN can be the probe, kept by the peer or not', () => {
    const t = established({ peer: { mss: 1460, win: 0 } });
    t.close();
    t.expect(at(200), fin({ seq: 1 }));
    t.inject(at(200), ack({ seq: 1, ack: 1, win: 0 }));
    t.expect(at(600), fin({ seq: 1 }));
    t.inject(at(600), ack({ seq: 1, ack: 2, win: 0 }));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
    t.expectSilence(until(100_000));
  });

  test('the last byte goes with the FIN behind it, and the peer may keep the one without the other', () => {
    const t = established({ peer: { mss: 1460, win: 0 } });
    t.write(1);
    t.close();
    t.expect(at(200), fin({ seq: 1, len: 1 }));
    t.inject(at(200), ack({ seq: 1, ack: 2, win: 0 }));
    expect(t.tcb.state).toBe('FIN-WAIT-1');
    t.inject(at(210), ack({ seq: 1, ack: 2, win: 5 }));
    t.expect(at(210), fin({ seq: 2 }));
    t.inject(at(220), ack({ seq: 1, ack: 3, win: 5 }));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
  });

  test('a longer probe that was answered late counts although a shorter one followed', () => {
    const t = established({ peer: { mss: 1460, win: 4000 } });
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 500 }));
    t.write(1000);
    t.expect(at(200), data({ seq: 1, len: 500 }));
    t.inject(at(210), ack({ seq: 1, ack: 1, win: 0 }));
    const probe = t.wait(until(1000)).take();
    expect(probe.map((sent) => sent.len)).toEqual([1]);
    t.inject(at(1000), ack({ seq: 1, ack: 501, win: 4000 }));
    t.expect(at(1000), data({ seq: 501, len: 500 }));
  });

  test('data that the window allows after all ends the probing, also when no newer window came', () => {
    const t = established({ peer: { mss: 1460, win: 4000 } });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10, win: 100 })).ignore();
    t.write(101);
    t.expect(at(200), data({ seq: 1, len: 100 }));
    // Number 5 is older than the segment that set the window.
    t.inject(at(210), data({ seq: 5, ack: 101, len: 30, win: 9000 }));
    t.expect(at(210), data({ seq: 101, ack: 35, len: 1 }));
    t.inject(at(220), ack({ seq: 35, ack: 102, win: 100 }));
    t.expectSilence(until(100_000));
  });

  test('a zero window may last: as long as the peer answers, the connection stays [MUST-37]', () => {
    const t = established({ peer: { mss: 1460, win: 0 }, loose: true });
    t.write(100);
    for (let answered = 0; answered < 40; answered++) {
      while (t.outbox.length === 0 && t.tcb.state !== 'CLOSED') t.wait(t.nowMs + 1000);
      t.ignore();
      t.inject(t.nowMs, ack({ seq: 1, ack: 1, win: 0 }));
    }
    expect(t.tcb.state).toBe('ESTABLISHED');
    expect(t.counters.windowProbes).toBeGreaterThanOrEqual(40);
  });

  test('a peer that answers no probe is given up after 15', () => {
    const t = established({ peer: { mss: 1460, win: 0 }, loose: true });
    t.write(100);
    t.wait(until(3_600_000));
    expect(t.take().length).toBe(15);
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ETIMEDOUT');
  });
});

describe('super-segments out', () => {
  test('whole segments up to the limit of the link leave as one', () => {
    const t = established({ superSegmentPayloadBytes: 10_000 });
    t.write(20_000);
    t.expect(at(0), data({ seq: 1, len: 8760 }));
    t.expect(at(0), data({ seq: 8761, len: 5840 }));
    t.inject(at(0), ack({ seq: 1, ack: 14_601 }));
    t.expect(at(0), data({ seq: 14_601, len: 5400, psh: true }));
  });

  test('they stay inside both windows', () => {
    const t = established({ superSegmentPayloadBytes: 60_000, peer: { mss: 1000, win: 4500 } });
    t.write(20_000);
    t.expect(at(0), data({ seq: 1, len: 4000 }));
    const narrow = established({ superSegmentPayloadBytes: 60_000, peer: { mss: 1000 } });
    narrow.write(50_000);
    narrow.expect(at(0), data({ seq: 1, len: 10_000 }));
  });

  test('with SACK blocks aboard they are plain segments', () => {
    const t = established({ superSegmentPayloadBytes: 60_000, peer: { mss: 1460, sackOk: true } });
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10 })).ignore();
    t.write(4000);
    const sent = t.take();
    expect(sent.map((segment) => segment.len)).toEqual([1448, 1448, 1104]);
  });

  test('what was lost is resent in super-segments, as far as cwnd goes', () => {
    const t = established({ superSegmentPayloadBytes: 60_000, peer: { mss: 1000 } });
    t.write(5000);
    t.expect(at(0), data({ seq: 1, len: 5000 }));
    t.expect(at(200), data({ seq: 1, len: 1000 }));
    t.inject(at(201), ack({ seq: 1, ack: 1001 }));
    t.expect(at(201), data({ seq: 1001, len: 2000 }));
    t.inject(at(202), ack({ seq: 1, ack: 3001 }));
    t.expect(at(202), data({ seq: 3001, len: 2000 }));
  });
});
