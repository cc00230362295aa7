/** Explicit congestion notification: what is agreed on, and which packets may be marked. */

import { ACK, CWR, ECE, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import {
  agreed,
  agreedPassively,
  CE,
  ECT_0,
  ECT_1,
  echo,
  marksOf,
  setupSyn,
  setupSynAck,
  withBits,
} from '../test/ecn.ts';
import { at, script } from '../test/script.ts';
import { ack, data, fin, syn, synAck } from '../test/segments.ts';
import { armKeepAlive } from './keep-alive.ts';
import { ownWishes } from './wishes.ts';

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
    t.wait(at(1500));
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
  ownWishes(t.tcb).keepAlive = true;
  t.write(10);
  t.expect(at(0), data({ len: 10, ipEcn: ECT_0 }));
  t.inject(at(0), ack({ seq: 1, ack: 11 }));
  armKeepAlive(t.tcb, 0);
  t.wait(t.tcb.timers.keepAliveAtMs);
  expect(marksOf(t.take())).toEqual([0]);
});
