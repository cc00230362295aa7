/** Explicit congestion notification: what marks do to the receiver and to the sender. */

import { ACK, CWR, ECE } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { agreed, agreedPassively, CE, ECT_0, echo, withBits } from '../test/ecn.ts';
import { at, script, until } from '../test/script.ts';
import { ack, data, synAck } from '../test/segments.ts';
import { ALL_OPTIONS, accepted, established } from '../test/states.ts';

describe('the receiver (RFC 3168 §6.1.3)', () => {
  test('a mark is echoed at once, and by all that follows, until CWR comes', () => {
    const t = agreedPassively();
    t.tcb.out.quickAcks = 0;
    t.tcb.delayedAck = { dataAtMs: 0, interactive: false };
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ipEcn: ECT_0 }));
    t.expectSilence(until(10));
    t.inject(at(10), data({ seq: 11, ack: 1, len: 10, ipEcn: CE }));
    t.expect(at(10), echo(ack({ ack: 21 })));
    t.inject(at(10), data({ seq: 21, ack: 1, len: 10, ipEcn: ECT_0 }));
    t.expect(at(10), echo(ack({ ack: 31 })));
    t.write(5);
    t.expect(at(10), echo(data({ len: 5, ipEcn: ECT_0 })));
    t.inject(at(10), withBits(CWR, data({ seq: 31, ack: 6, len: 10, ipEcn: ECT_0 })));
    t.expect(at(10), ack({ ack: 41 }));
    expect(t.counters.ceSegments).toBe(1);
  });

  test('CWR on a packet that is marked itself ends one echo and begins another', () => {
    const t = agreedPassively();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ipEcn: CE }));
    t.expect(at(0), echo(ack({ ack: 11 })));
    t.inject(at(0), withBits(CWR, data({ seq: 11, ack: 1, len: 10, ipEcn: CE })));
    t.expect(at(0), echo(ack({ ack: 21 })));
    t.inject(at(0), withBits(CWR, data({ seq: 21, ack: 1, len: 10, ipEcn: ECT_0 })));
    t.expect(at(0), ack({ ack: 31 }));
  });

  test('CWR is acknowledged at once: the window of the peer may be one segment', () => {
    const t = agreedPassively();
    t.tcb.out.quickAcks = 0;
    t.tcb.delayedAck = { dataAtMs: 0, interactive: false };
    t.inject(at(0), withBits(CWR, data({ seq: 1, ack: 1, len: 10 })));
    t.expect(at(0), ack({ ack: 11 }));
  });

  test('data out of order is looked at too, data outside of the window is not (§6.1.5), nor an ACK without data', () => {
    const t = agreedPassively();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 })).ignore();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ipEcn: CE }));
    t.expect(at(0), ack({ ack: 11 }));
    t.inject(at(0), ack({ seq: 11, ack: 1, ipEcn: CE }));
    t.expectSilence(until(1));
    t.inject(at(1), data({ seq: 21, ack: 1, len: 10, ipEcn: CE }));
    t.expect(at(1), echo(ack({ ack: 11 })));
  });

  test('without agreement nothing is echoed', () => {
    const t = accepted();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ipEcn: CE }));
    t.expect(at(0), ack({ ack: 11 }));
  });
});

describe('the sender (RFC 3168 §6.1.2)', () => {
  test('an echo halves the window, once for a window of data, and the next new data says CWR', () => {
    const t = agreed();
    t.write(100_000);
    expect(t.take()).toHaveLength(10);
    // Ten segments are out. Echoes for the first two: one reduction.
    t.inject(at(10), echo(ack({ seq: 1, ack: 1461 })));
    expect(t.tcb.congestion.cwndBytes).toBe(5 * 1460);
    expect(t.tcb.congestion.ssthreshBytes).toBe(5 * 1460);
    t.inject(at(10), echo(ack({ seq: 1, ack: 2921 })));
    expect(t.tcb.congestion.cwndBytes).toBe(5 * 1460);
    t.expectSilence(until(11));
    t.inject(at(11), ack({ seq: 1, ack: 1 + 6 * 1460 }));
    const sent = t.take();
    expect(sent[0]).toMatchObject({ flags: ACK | CWR, seq: 1 + 10 * 1460, len: 1460, ipEcn: ECT_0 });
    expect(sent.slice(1).every(({ flags }) => flags === ACK)).toBe(true);
    expect(t.counters.congestionEchoes).toBe(1);
    // The echo for what was sent before the reduction changes nothing, also when it comes last.
    t.inject(at(12), echo(ack({ seq: 1, ack: 1 + 10 * 1460 })));
    expect(t.counters.congestionEchoes).toBe(1);
    // One for what came after is a new one.
    t.inject(at(13), echo(ack({ seq: 1, ack: 1 + 11 * 1460 }))).ignore();
    expect(t.counters.congestionEchoes).toBe(2);
  });

  test('an ACK with an echo makes the window no larger', () => {
    const t = agreed();
    t.write(100_000);
    t.ignore();
    t.inject(at(10), echo(ack({ seq: 1, ack: 1461 })));
    const before = t.tcb.congestion.cwndBytes;
    for (let i = 1; i < 10; i++) t.inject(at(10 + i), echo(ack({ seq: 1, ack: 1 + i * 1460 })));
    expect(t.tcb.congestion.cwndBytes).toBe(before);
    t.ignore();
  });

  test('the echo of ACKs without agreement is ignored', () => {
    const t = established();
    t.write(100_000);
    t.ignore();
    t.inject(at(10), echo(ack({ seq: 1, ack: 1461 })));
    expect(t.tcb.congestion.cwndBytes).toBe(11 * 1460);
    t.ignore();
  });

  test('a loss says CWR too, on new data and not on what is resent; an echo during recovery reduces nothing more', () => {
    const t = agreed();
    t.write(60_000);
    t.ignore();
    for (let i = 0; i < 2; i++) t.inject(at(10), ack({ seq: 1, ack: 1 }));
    t.inject(at(10), echo(ack({ seq: 1, ack: 1 })));
    const atLoss = t.take();
    expect(atLoss.find(({ seq }) => seq === 1)).toMatchObject({ flags: ACK, ipEcn: 0 });
    const { ssthreshBytes } = t.tcb.congestion;
    t.inject(at(20), echo(ack({ seq: 1, ack: 1461 })));
    expect(t.counters.congestionEchoes).toBe(0);
    expect(t.tcb.congestion.ssthreshBytes).toBe(ssthreshBytes);
    const during = t.take();
    const sentUpTo = Math.max(...[...atLoss, ...during].map(({ seq, len }) => seq + len));
    t.inject(at(30), ack({ seq: 1, ack: sentUpTo }));
    const since = [...during, ...t.take()];
    const fresh = since.filter(({ ipEcn }) => ipEcn === ECT_0);
    expect(fresh.map(({ flags }) => flags & CWR)).toEqual(fresh.map((_, i) => (i === 0 ? CWR : 0)));
    expect(since.filter(({ ipEcn, flags }) => ipEcn === 0 && (flags & CWR) !== 0)).toEqual([]);
  });

  test('a time-out says CWR too', () => {
    const t = agreed();
    t.write(1460);
    t.ignore();
    t.wait(at(250));
    t.ignore();
    t.inject(at(250), ack({ seq: 1, ack: 1461 }));
    t.write(1460);
    t.expect(at(250), withBits(CWR, data({ seq: 1461, len: 1460, ipEcn: ECT_0 })));
    t.write(1460);
    t.expect(at(250), data({ seq: 2921, len: 1460 }));
  });

  test('a window of one segment: the echo starts the retransmission timer afresh', () => {
    const t = agreed({ rttMs: 100 });
    t.write(1460);
    t.ignore();
    t.tcb.congestion.cwndBytes = 1460;
    t.inject(at(200), echo(ack({ seq: 1, ack: 1 })));
    t.expectSilence(until(499));
    t.take();
    expect(t.tcb.timers.retransmitAtMs).toBe(500);
  });

  test('a segment with CWR is a single one even where the link splits larger ones', () => {
    const t = agreed({ superSegmentPayloadBytes: 14_600 });
    t.write(60_000);
    expect(t.take().map(({ len }) => len)).toEqual([14_600]);
    t.inject(at(10), echo(ack({ seq: 1, ack: 1461 })));
    t.inject(at(20), ack({ seq: 1, ack: 14_601 }));
    const sent = t.take();
    expect(sent[0]).toMatchObject({ flags: ACK | CWR, len: 1460, ipEcn: ECT_0 });
    expect(sent[1]?.len).toBeGreaterThan(1460);
    expect(sent.slice(1).every(({ flags }) => flags === ACK)).toBe(true);
  });

  test('after two thousand million bytes an echo still counts', () => {
    const t = agreed();
    t.write(1460);
    t.ignore();
    t.inject(at(10), echo(ack({ seq: 1, ack: 1 })));
    expect(t.counters.congestionEchoes).toBe(1);
    t.inject(at(20), ack({ seq: 1, ack: 1461 }));
    t.write(10);
    t.inject(at(30), ack({ seq: 1, ack: 1471 })).ignore();
    expect(t.tcb.ecn.reduced).toBe(false);
  });

  test('the options of Linux do not change any of it', () => {
    const t = script({ ecn: 1 }).connect();
    t.inject(at(0), withBits(ECE, synAck({ ack: 1, ...ALL_OPTIONS }))).ignore();
    t.write(100_000);
    t.ignore();
    t.inject(at(10), echo(ack({ seq: 1, ack: 1449, ts: [1001, 0] })));
    expect(t.counters.congestionEchoes).toBe(1);
    expect(t.tcb.ecn.ceBytes).toBe(1448);
    t.ignore();
  });
});
