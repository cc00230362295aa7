/** Passive open: a SYN meets a listener, and what may follow in SYN-RECEIVED. */

import { describe, expect, test } from 'vitest';
import { at, script, until } from '../../test/script.ts';
import { ack, data, fin, rst, syn, synAck } from '../../test/segments.ts';
import { synReceived } from '../../test/states.ts';

describe('LISTEN (RFC 9293 §3.10.7.2)', () => {
  test('a SYN is answered by SYN-ACK with <SEQ=ISS><ACK=SEG.SEQ+1>, and its ACK opens the connection (§3.5 figure 6)', () => {
    const t = script({ passive: true });
    t.inject(at(0), syn({ mss: 1460 }));
    t.expect(at(0), synAck({ seq: 0, ack: 1, mss: 1460 }));
    expect(t.tcb.state).toBe('SYN-RECEIVED');
    t.inject(at(30), ack({ seq: 1, ack: 1 }));
    t.expectSilence(until(1_000_000));
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('text on a SYN is not acknowledged, so that the peer sends it again (§3.10.7.2)', () => {
    const t = script({ passive: true });
    t.inject(at(0), syn({ len: 10 }));
    t.expect(at(0), synAck({ seq: 0, ack: 1 }));
    expect(t.tcb.receiveRing.readable).toBe(0);
  });

  test('the window of a SYN is never scaled, that of the ACK is (RFC 7323 §2.2)', () => {
    const t = script({ passive: true });
    t.inject(at(0), syn({ mss: 1460, scale: 7, win: 5000 }));
    t.expect(at(0), synAck({ seq: 0, ack: 1, scale: 8, win: 65_535 }));
    expect(t.tcb.snd.wnd).toBe(5000);
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 500 }));
    expect(t.tcb.snd.wnd).toBe(500 * 128);
  });
});

describe('SYN-RECEIVED', () => {
  test('an unanswered SYN-ACK is resent 5 times with doubled time-outs, then the half-open connection ends (RFC 6298 §5.5)', () => {
    const t = script({ passive: true });
    t.inject(at(0), syn());
    for (const ms of [0, 1000, 3000, 7000, 15_000, 31_000]) t.expect(at(ms), synAck({ seq: 0, ack: 1 }));
    t.expectSilence(until(62_999));
    expect(t.tcb.state).toBe('SYN-RECEIVED');
    t.expectSilence(until(63_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ETIMEDOUT');
  });

  test('a SYN that arrives again is answered by the same SYN-ACK at once', () => {
    const t = synReceived();
    t.inject(at(500), syn({ mss: 1460 }));
    t.expect(at(500), synAck({ seq: 0, ack: 1, mss: 1460 }));
    expect(t.tcb.state).toBe('SYN-RECEIVED');
  });

  test('the round trip is not measured from a SYN-ACK that was sent twice (RFC 6298 §3) [MUST-18]', () => {
    const t = synReceived();
    t.inject(at(900), syn());
    t.expect(at(900), synAck({ seq: 0, ack: 1 }));
    t.inject(at(910), ack({ seq: 1, ack: 1 }));
    expect(t.tcb.rtt.srttMs).toBe(-1);
  });

  test.each([
    ['of nothing new', 0],
    ['of what was not sent', 2],
  ])('an ACK %s is answered by <SEQ=SEG.ACK><CTL=RST>, and the connection stays (§3.10.7.4 fifth)', (_, number) => {
    const t = synReceived();
    t.inject(at(0), ack({ seq: 1, ack: number }));
    t.expect(at(0), rst({ seq: number }));
    expect(t.tcb.state).toBe('SYN-RECEIVED');
    expect(t.counters.unacceptableAcks).toBe(1);
  });

  test('the ACK of the SYN may carry data: both are taken', () => {
    const t = synReceived();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ seq: 1, ack: 101 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
    expect(t.read()).toBe(100);
  });

  test('data that comes out of order while the ACK was lost opens the connection and is kept', () => {
    const t = synReceived();
    t.inject(at(0), data({ seq: 101, ack: 1, len: 100 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ seq: 1, ack: 201 }));
    expect(t.read()).toBe(200);
  });

  test('a FIN with the ACK leads through ESTABLISHED to CLOSE-WAIT', () => {
    const t = synReceived();
    t.inject(at(0), fin({ seq: 1, ack: 1, len: 5 }));
    t.expect(at(0), ack({ seq: 1, ack: 7 }));
    expect(t.tcb.state).toBe('CLOSE-WAIT');
  });

  test('CLOSE is kept until the ACK comes; then the FIN leaves (§3.10.4)', () => {
    const t = synReceived().close();
    t.expectSilence(until(10));
    t.inject(at(10), ack({ seq: 1, ack: 1 }));
    t.expect(at(10), fin({ seq: 1, ack: 1 }));
    expect(t.tcb.state).toBe('FIN-WAIT-1');
  });

  test('data written early follows the handshake, with the FIN behind it', () => {
    const t = synReceived();
    t.write(100);
    t.close();
    t.expectSilence(until(10));
    t.inject(at(10), ack({ seq: 1, ack: 1 }));
    t.expect(at(10), fin({ seq: 1, ack: 1, len: 100 }));
  });

  test('a reset ends the half-open connection of a passive open without a word: an old duplicate SYN (§3.5 figure 9) [MUST-11]', () => {
    const t = synReceived();
    t.inject(at(0), rst({ seq: 1 }));
    t.expectSilence(until(100_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ECONNABORTED');
  });

  test('another SYN inside the window is challenged (RFC 5961 §4)', () => {
    const t = synReceived();
    t.inject(at(0), syn({ seq: 50 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    expect(t.tcb.state).toBe('SYN-RECEIVED');
  });
});
