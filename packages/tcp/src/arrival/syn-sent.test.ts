/** Active open and simultaneous open. */

import { describe, expect, test } from 'vitest';
import { at, script, until } from '../../test/script.ts';
import { ack, data, fin, rst, rstAck, syn, synAck } from '../../test/segments.ts';
import { synSent } from '../../test/states.ts';

describe('SYN-SENT (RFC 9293 §3.10.7.3)', () => {
  test('OPEN sends <SEQ=ISS><CTL=SYN>; the SYN-ACK is answered by <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> (§3.5 figure 6)', () => {
    const t = script().connect();
    t.expect(at(0), syn({ seq: 0 }));
    expect(t.tcb.state).toBe('SYN-SENT');
    t.inject(at(20), synAck({ ack: 1 }));
    t.expect(at(20), ack({ seq: 1, ack: 1 }));
    t.expectSilence(until(1_000_000));
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('the SYN carries no acknowledgment number, the window is that of the buffer, unscaled', () => {
    const t = script({ receiveBufferBytes: 4000 }).connect();
    t.expect(at(0), syn({ seq: 0, ack: 0, win: 4000 }));
    t.inject(at(0), synAck({ ack: 1 }));
    t.expect(at(0), ack({ seq: 1, ack: 1, win: 4000 }));
  });

  test('an unanswered SYN is resent 7 times with doubled time-outs, then ETIMEDOUT after 247 s (RFC 6298 §5.5; §3.8.3) [MUST-19] [MUST-22] [MUST-23]', () => {
    const t = script().connect();
    for (const ms of [0, 1000, 3000, 7000, 15_000, 31_000, 63_000, 127_000]) t.expect(at(ms), syn({ seq: 0 }));
    t.expectSilence(until(246_999));
    expect(t.tcb.state).toBe('SYN-SENT');
    t.expectSilence(until(247_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ETIMEDOUT');
  });

  test.each([
    ['at ISS', 0],
    ['beyond SND.NXT', 2],
    ['below ISS', -5],
  ])('an ACK %s is answered by <SEQ=SEG.ACK><CTL=RST>; the connection stays (first check)', (_, number) => {
    const t = synSent();
    t.inject(at(0), ack({ seq: 77, ack: number }));
    t.expect(at(0), rst({ seq: number }));
    t.inject(at(1), synAck({ ack: number }));
    t.expect(at(1), rst({ seq: number }));
    expect(t.tcb.state).toBe('SYN-SENT');
  });

  test('a reset with an unacceptable ACK is dropped in silence (first check)', () => {
    const t = synSent();
    t.inject(at(0), rstAck({ ack: 2 }));
    t.expectSilence(until(999));
    expect(t.tcb.state).toBe('SYN-SENT');
  });

  test('a reset that acknowledges our SYN means ECONNREFUSED (second check)', () => {
    const t = synSent();
    t.inject(at(0), rstAck({ ack: 1 }));
    t.expectSilence(until(100_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ECONNREFUSED');
  });

  test('a reset without ACK is dropped (second check)', () => {
    const t = synSent();
    t.inject(at(0), rst());
    t.expectSilence(until(999));
    expect(t.tcb.state).toBe('SYN-SENT');
  });

  test('a segment with neither SYN nor RST is dropped (fifth check)', () => {
    const t = synSent();
    t.inject(at(0), ack({ seq: 1, ack: 1 }));
    t.expectSilence(until(999));
    expect(t.tcb.state).toBe('SYN-SENT');
  });

  test('data written before the connection opens leaves with its opening', () => {
    const t = script().connect();
    t.ignore();
    expect(t.write(100)).toBe(100);
    t.expectSilence(until(20));
    t.inject(at(20), synAck({ ack: 1 }));
    t.expect(at(20), data({ seq: 1, ack: 1, len: 100 }));
  });

  test('CLOSE just ends the connection (§3.10.4)', () => {
    const t = synSent().close();
    t.expectSilence(until(100_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('');
  });

  test('the SYN-ACK measures the round trip; one after a resent SYN does not (RFC 6298 §3) [MUST-18]', () => {
    const once = synSent()
      .inject(at(80), synAck({ ack: 1 }))
      .ignore();
    expect(once.tcb.rtt.srttMs).toBe(80);
    const twice = synSent()
      .inject(at(1080), synAck({ ack: 1 }))
      .ignore();
    expect(twice.tcb.rtt.srttMs).toBe(-1);
  });

  test('a half-open peer answers our SYN with an old ACK: it is reset, and the SYN opens anew (§3.5.1 figure 10)', () => {
    const t = script().connect();
    t.expect(at(0), syn({ seq: 0 }));
    t.inject(at(1), ack({ seq: 300, ack: -200 }));
    t.expect(at(1), rst({ seq: -200 }));
    t.expect(at(1000), syn({ seq: 0 }));
    t.inject(at(1001), synAck({ ack: 1 }));
    t.expect(at(1001), ack({ seq: 1, ack: 1 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
  });
});

describe('simultaneous open (RFC 9293 §3.5 figure 7) [MUST-10]', () => {
  test('SYN meets SYN: both answer SYN-ACK, and the SYN-ACK of the peer opens the connection', () => {
    const t = script().connect();
    t.expect(at(0), syn({ seq: 0 }));
    t.inject(at(5), syn({ mss: 1000 }));
    t.expect(at(5), synAck({ seq: 0, ack: 1 }));
    expect(t.tcb.state).toBe('SYN-RECEIVED');
    t.inject(at(10), synAck({ ack: 1, mss: 1000 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
    expect(t.tcb.snd.mssBytes).toBe(1000);
    t.expect(at(10), ack({ seq: 1, ack: 1 }));
    t.expectSilence(until(100_000));
  });

  test('the window of that SYN-ACK is not scaled (RFC 7323 §2.2)', () => {
    const t = script().connect();
    t.inject(at(0), syn({ scale: 7, win: 3000 })).ignore();
    t.inject(at(0), synAck({ ack: 1, scale: 7, win: 3000 })).ignore();
    expect(t.tcb.snd.wnd).toBe(3000);
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 30 }));
    expect(t.tcb.snd.wnd).toBe(30 * 128);
  });

  test('a bare ACK opens the connection as well, and data may come with it', () => {
    const t = synSent();
    t.inject(at(0), syn()).ignore();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 9 }));
    t.expect(at(0), ack({ seq: 1, ack: 10 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('a SYN-ACK that acknowledges what was not sent is answered by a reset', () => {
    const t = synSent();
    t.inject(at(0), syn()).ignore();
    t.inject(at(0), synAck({ ack: 9 }));
    t.expect(at(0), rst({ seq: 9 }));
    expect(t.tcb.state).toBe('SYN-RECEIVED');
  });

  test('a lost SYN-ACK is sent again by the timer', () => {
    const t = synSent();
    t.inject(at(5), syn());
    t.expect(at(5), synAck({ seq: 0, ack: 1 }));
    t.expect(at(1000), synAck({ seq: 0, ack: 1 }));
    t.inject(at(1010), ack({ seq: 1, ack: 1 }));
    t.expectSilence(until(100_000));
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('a reset in the SYN-RECEIVED of an active open means ECONNREFUSED [MUST-11]', () => {
    const t = synSent();
    t.inject(at(0), syn()).ignore();
    t.inject(at(0), rst({ seq: 1 }));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ECONNREFUSED');
  });

  test('a FIN that follows at once is taken', () => {
    const t = synSent();
    t.inject(at(0), syn()).ignore();
    t.inject(at(0), fin({ seq: 1, ack: 1 }));
    t.expect(at(0), ack({ seq: 1, ack: 2 }));
    expect(t.tcb.state).toBe('CLOSE-WAIT');
  });
});
