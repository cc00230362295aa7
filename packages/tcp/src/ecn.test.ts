/** Explicit congestion notification. */

import { ACK, CWR, ECE, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { at, type Script, script, until } from '../test/script.ts';
import { ack, data, type Emitted, fin, type SegmentSpec, syn, synAck } from '../test/segments.ts';
import { ALL_OPTIONS, accepted, established } from '../test/states.ts';
import { armKeepAlive } from './keep-alive.ts';

const ECT_0 = 2;
const ECT_1 = 1;
const CE = 3;

const withBits = (bits: number, spec: SegmentSpec): SegmentSpec => ({ ...spec, flags: spec.flags | bits });
const setupSyn = withBits(ECE | CWR, syn({ mss: 1460 }));
const setupSynAck = withBits(ECE, synAck({ ack: 1, mss: 1460 }));
const echo = (spec: SegmentSpec) => withBits(ECE, spec);

/** Both sides agreed; we opened. */
function agreed(options: Parameters<typeof script>[0] & { rttMs?: number } = {}): Script {
  const t = script({ ecn: 1, congestion: 'reno', ...options }).connect();
  t.inject(at(options.rttMs ?? 0), setupSynAck);
  return t.ignore();
}

/** Both sides agreed; the peer opened. */
function agreedPassively(): Script {
  const t = script({ passive: true }).inject(at(0), setupSyn);
  return t.inject(at(0), ack({ seq: 1, ack: 1 })).ignore();
}

const marksOf = (sent: Emitted[]) => sent.map(({ ipEcn }) => ipEcn);

describe('agreeing on ECN (RFC 3168 §6.1.1; RFC 9293 [SHLD-8])', () => {
  test('set to 1 our SYN asks, with ECE and CWR; a SYN-ACK with ECE alone agrees, and data may be marked', () => {
    const t = script({ ecn: 1 }).connect();
    t.expect(at(0), withBits(ECE | CWR, syn({ ipEcn: 0 })));
    t.inject(at(0), setupSynAck);
    t.expect(at(0), ack({ ipEcn: 0 }));
    t.write(10);
    t.expect(at(0), data({ len: 10, ipEcn: ECT_0 }));
  });

  test.each([
    ['without bits', 0],
    ['that reflects both bits of our SYN (§6.1.1.2)', ECE | CWR],
    ['with CWR alone', CWR],
  ])('a SYN-ACK %s does not agree', (_, bits) => {
    const t = script({ ecn: 1 }).connect().ignore();
    t.inject(at(0), withBits(bits, synAck({ ack: 1, mss: 1460 }))).ignore();
    t.write(10);
    t.expect(at(0), data({ len: 10, ipEcn: 0 }));
  });

  test('set to 2, the default, our SYN does not ask, and a SYN-ACK that agrees to nothing changes nothing', () => {
    const t = script().connect();
    t.expect(at(0), syn());
    t.inject(at(0), setupSynAck).ignore();
    t.write(10);
    t.expect(at(0), data({ len: 10, ipEcn: 0 }));
  });

  test.each([1, 2] as const)('set to %s a SYN that asks is answered by a SYN-ACK with ECE', (ecn) => {
    const t = script({ passive: true, ecn }).inject(at(0), setupSyn);
    t.expect(at(0), withBits(ECE, synAck({ ack: 1, ipEcn: 0 })));
    t.inject(at(0), ack({ seq: 1, ack: 1 }));
    t.write(10);
    t.expect(at(0), data({ len: 10, ipEcn: ECT_0 }));
  });

  test('set to 0 nothing is agreed, whoever asks', () => {
    const t = script({ passive: true, ecn: 0 }).inject(at(0), setupSyn);
    t.expect(at(0), synAck({ ack: 1 }));
    t.inject(at(0), ack({ seq: 1, ack: 1 }));
    t.write(10);
    t.expect(at(0), data({ len: 10, ipEcn: 0 }));
    script({ ecn: 0 }).connect().expect(at(0), syn());
  });

  test.each([
    ['ECE alone', ECE],
    ['CWR alone', CWR],
  ])('a SYN with %s does not ask', (_, bits) => {
    const t = script({ passive: true }).inject(at(0), withBits(bits, syn({ mss: 1460 })));
    t.expect(at(0), synAck({ ack: 1 }));
  });

  test.each([ECT_0, ECT_1, CE])(
    'a SYN whose packet has ECN bits %s was meddled with on its way ("A host MUST NOT set ECT on SYN"): no ECN, as in Linux',
    (ipEcn) => {
      const t = script({ passive: true }).inject(at(0), { ...setupSyn, ipEcn });
      t.expect(at(0), synAck({ ack: 1 }));
    },
  );

  test('a SYN that opens at the same moment agrees when both ask', () => {
    const t = script({ ecn: 1 }).connect().ignore();
    t.inject(at(0), setupSyn);
    t.expect(at(0), withBits(ECE, synAck({ ack: 1 })));
    t.inject(at(0), withBits(ECE, synAck({ seq: 0, ack: 1 }))).ignore();
    t.write(10);
    t.expect(at(0), data({ len: 10, ipEcn: ECT_0 }));
  });

  test('nor does one when only one of both asks', () => {
    const t = script({ ecn: 1 }).connect().ignore();
    t.inject(at(0), syn({ mss: 1460 }));
    t.expect(at(0), synAck({ ack: 1 }));
    const u = script({ ecn: 2 }).connect().ignore();
    u.inject(at(0), setupSyn);
    u.expect(at(0), synAck({ ack: 1 }));
  });
});

describe('falling back where a middlebox swallows such SYNs (RFC 3168 §6.1.1.1)', () => {
  test('a SYN that is sent again does not ask any more, and nothing that follows is marked', () => {
    const t = script({ ecn: 1 }).connect().ignore();
    t.expect(at(1000), syn());
    t.expect(at(3000), syn());
    // The answer is to the first SYN: marks that come are echoed, but ours "has sent [a] non-ECN-setup SYN".
    t.inject(at(3000), setupSynAck).ignore();
    t.write(10);
    t.expect(at(3000), data({ len: 10, ipEcn: 0 }));
    t.inject(at(3000), data({ seq: 1, ack: 11, len: 5, ipEcn: CE }));
    t.expect(at(3000), echo(ack({ ack: 6 })));
    // No mark of ours can have been echoed.
    const before = t.tcb.congestion.cwndBytes;
    t.inject(at(3000), echo(ack({ seq: 6, ack: 11 })));
    expect(t.tcb.congestion.cwndBytes).toBe(before);
  });

  test('a peer that falls back gets a SYN-ACK without ECE, and no marks', () => {
    const t = script({ passive: true }).inject(at(0), setupSyn);
    t.expect(at(0), withBits(ECE, synAck({ ack: 1 })));
    t.inject(at(500), syn({ mss: 1460 }));
    t.expect(at(500), synAck({ ack: 1 }));
    t.inject(at(500), ack({ seq: 1, ack: 1 }));
    t.write(10);
    t.expect(at(500), data({ len: 10, ipEcn: 0 }));
  });

  test('one that asks again is agreed with again, and our own repeated SYN-ACK says the same', () => {
    const t = script({ passive: true }).inject(at(0), setupSyn);
    t.expect(at(0), withBits(ECE, synAck({ ack: 1 })));
    t.inject(at(500), setupSyn);
    t.expect(at(500), withBits(ECE, synAck({ ack: 1 })));
    t.wait(at(1000));
    expect(t.take().map(({ flags }) => flags)).toEqual([SYN | ACK | ECE]);
  });
});

describe('which packets may be marked (RFC 3168 §6.1.2)', () => {
  test('new data, with or without a FIN, and nothing else: no ACK, FIN or retransmission (§6.1.4, §6.1.5)', () => {
    const t = agreed();
    t.write(2000);
    expect(marksOf(t.take())).toEqual([ECT_0, ECT_0]);
    t.inject(at(10), data({ seq: 1, ack: 1461, len: 5 }));
    expect(t.take().map(({ len, ipEcn }) => [len, ipEcn])).toEqual([[0, 0]]);
    t.wait(at(300));
    expect(t.take().map(({ len, ipEcn }) => [len, ipEcn])).toEqual([[540, 0]]);
    t.inject(at(310), data({ seq: 6, ack: 2001, len: 5 }));
    expect(marksOf(t.take())).toEqual([0]);
    t.close();
    t.expect(at(310), fin({ ipEcn: 0 }));
    const u = agreed();
    u.write(1);
    u.write(1);
    u.close();
    expect(u.take().map(({ len, ipEcn }) => [len, ipEcn])).toEqual([
      [1, ECT_0],
      [1, ECT_0],
    ]);
  });

  test('no window probe (§6.1.6)', () => {
    const t = agreedPassively();
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 0 }));
    t.write(10);
    t.expect(at(200), data({ len: 1, ipEcn: 0 }));
    t.inject(at(200), ack({ seq: 1, ack: 1 })).ignore();
    t.inject(at(200), ack({ seq: 1, ack: 11 }));
  });
});

test('no keep-alive, which repeats a byte that was acknowledged', () => {
  const t = agreed();
  t.tcb.liveness.keepAlive = true;
  t.write(10);
  t.expect(at(0), data({ len: 10, ipEcn: ECT_0 }));
  t.inject(at(0), ack({ seq: 1, ack: 11 }));
  armKeepAlive(t.tcb, 0);
  t.wait(t.tcb.timers.keepAliveAtMs);
  expect(marksOf(t.take())).toEqual([0]);
});

describe('the receiver (RFC 3168 §6.1.3)', () => {
  test('a mark is echoed at once, and by all that follows, until CWR comes', () => {
    const t = agreedPassively();
    t.tcb.out.quickAcks = 0;
    t.tcb.delayedAck.dataAtMs = 0;
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
    t.tcb.delayedAck.dataAtMs = 0;
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
