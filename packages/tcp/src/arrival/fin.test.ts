/** Closing: either side first, both at once, half-close, TIME-WAIT. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data, fin, rst, syn } from '../../test/segments.ts';
import { closeWait, closing, established, finWait1, finWait2, lastAck, timeWait } from '../../test/states.ts';
import { WAKE_READ, WAKE_STATE } from '../tcb.ts';

describe('normal close (RFC 9293 §3.6 figure 12)', () => {
  test('we first: FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED after 2 MSL [MUST-13]', () => {
    const t = established().close();
    t.expect(at(0), fin({ seq: 1, ack: 1 }));
    expect(t.tcb.state).toBe('FIN-WAIT-1');
    t.inject(at(10), ack({ seq: 1, ack: 2 }));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
    t.inject(at(20), fin({ seq: 1, ack: 2 }));
    t.expect(at(20), ack({ seq: 2, ack: 2 }));
    expect(t.tcb.state).toBe('TIME-WAIT');
    t.expectSilence(until(60_019));
    expect(t.tcb.state).toBe('TIME-WAIT');
    t.expectSilence(until(60_020));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('');
    expect(t.pool.stats().lent).toBe(0);
  });

  test('the peer first: CLOSE-WAIT, LAST-ACK, CLOSED', () => {
    const t = established();
    t.tcb.wake = 0;
    t.inject(at(0), fin({ seq: 1, ack: 1 }));
    t.expect(at(0), ack({ seq: 1, ack: 2 }));
    expect(t.tcb.state).toBe('CLOSE-WAIT');
    expect(t.tcb.wake).toBe(WAKE_READ | WAKE_STATE);
    t.close();
    t.expect(at(0), fin({ seq: 1, ack: 2 }));
    expect(t.tcb.state).toBe('LAST-ACK');
    t.inject(at(0), ack({ seq: 2, ack: 2 }));
    t.expectSilence(until(1_000_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('');
  });

  test('three segments: the FIN of the peer acknowledges ours', () => {
    const t = finWait1();
    t.inject(at(0), fin({ seq: 1, ack: 2 }));
    t.expect(at(0), ack({ seq: 2, ack: 2 }));
    expect(t.tcb.state).toBe('TIME-WAIT');
  });

  test('data before the FIN goes with it, and takes one number less than the FIN', () => {
    const t = established();
    t.write(1);
    t.expect(at(0), data({ seq: 1, len: 1 }));
    t.write(1499);
    t.expect(at(0), data({ seq: 2, len: 1460 }));
    t.close();
    t.expect(at(0), fin({ seq: 1462, len: 39, psh: true }));
    t.inject(at(0), ack({ seq: 1, ack: 1501 }));
    expect(t.tcb.state).toBe('FIN-WAIT-1');
    t.inject(at(0), ack({ seq: 1, ack: 1502 }));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
  });
});

describe('simultaneous close (§3.6 figure 13)', () => {
  test('FIN meets FIN: CLOSING, then TIME-WAIT', () => {
    const t = established().close();
    t.expect(at(0), fin({ seq: 1, ack: 1 }));
    t.inject(at(5), fin({ seq: 1, ack: 1 }));
    t.expect(at(5), ack({ seq: 2, ack: 2 }));
    expect(t.tcb.state).toBe('CLOSING');
    t.inject(at(10), ack({ seq: 2, ack: 2 }));
    expect(t.tcb.state).toBe('TIME-WAIT');
    t.expectSilence(until(60_010));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('a lost FIN is resent from CLOSING', () => {
    const t = closing();
    t.expect(at(200), fin({ seq: 1, ack: 2 }));
    t.inject(at(210), ack({ seq: 2, ack: 2 }));
    expect(t.tcb.state).toBe('TIME-WAIT');
  });
});

describe('half-close (§3.6)', () => {
  test('after our CLOSE the peer may go on sending, in FIN-WAIT-2 for as long as it likes', () => {
    const t = finWait2();
    t.inject(at(1_000_000), data({ seq: 1, ack: 2, len: 100 }));
    t.expect(at(1_000_000), ack({ seq: 2, ack: 101 }));
    t.inject(at(9_000_000), fin({ seq: 101, ack: 2, len: 10 }));
    t.expect(at(9_000_000), ack({ seq: 2, ack: 112 }));
    expect(t.read()).toBe(110);
    expect(t.tcb.state).toBe('TIME-WAIT');
  });

  test('after the CLOSE of the peer we may go on sending, in CLOSE-WAIT', () => {
    const t = closeWait();
    t.write(100);
    t.expect(at(0), data({ seq: 1, ack: 2, len: 100 }));
    t.inject(at(0), ack({ seq: 2, ack: 101 }));
    t.write(10);
    t.close();
    t.expect(at(0), data({ seq: 101, ack: 2, len: 10 }));
    t.expect(at(0), fin({ seq: 111, ack: 2 }));
    t.inject(at(0), ack({ seq: 2, ack: 112 }));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('a connection without an owner leaves FIN-WAIT-2 after its time', () => {
    const t = finWait1();
    t.tcb.orphan = true;
    t.inject(at(100), ack({ seq: 1, ack: 2 }));
    t.expectSilence(until(60_099));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
    t.wait(until(60_100));
    expect(t.tcb.state).toBe('CLOSED');
  });
});

describe('the FIN bit (§3.10.7.4 eighth)', () => {
  test('out of order is remembered until the text before it is here', () => {
    const t = established();
    t.inject(at(0), fin({ seq: 101, ack: 1, len: 50 }));
    t.expect(at(0), ack({ ack: 1 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ ack: 152 }));
    expect(t.tcb.state).toBe('CLOSE-WAIT');
    expect(t.read()).toBe(150);
    expect(t.pool.stats().lent).toBe(0);
  });

  test('alone out of order, the same', () => {
    const t = established();
    t.inject(at(0), fin({ seq: 101, ack: 1 }));
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    expect(t.tcb.state).toBe('CLOSE-WAIT');
    expect(t.outbox.at(-1)?.ack).toBe(102);
    t.ignore();
  });

  test('is remembered although the peer sends the text again without it', () => {
    const t = established();
    t.inject(at(0), fin({ seq: 51, ack: 1, len: 50 }));
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 })).ignore();
    expect(t.tcb.state).toBe('CLOSE-WAIT');
  });

  test.each([
    ['CLOSE-WAIT', closeWait, 1],
    ['CLOSING', closing, 2],
    ['LAST-ACK', lastAck, 2],
  ] as const)('a second FIN in %s is acknowledged again and changes nothing', (state, build, sndNxt) => {
    const t = build();
    t.inject(at(0), fin({ seq: 1, ack: 1 }));
    t.expect(at(0), ack({ seq: sndNxt, ack: 2 }));
    expect(t.tcb.state).toBe(state);
    t.ignore();
  });

  test('in FIN-WAIT-1 with our data unacknowledged leads to CLOSING, and the data is resent from there', () => {
    const t = established();
    t.write(100);
    t.close();
    t.ignore();
    t.inject(at(0), fin({ seq: 1, ack: 51 }));
    t.expect(at(0), ack({ seq: 102, ack: 2 }));
    expect(t.tcb.state).toBe('CLOSING');
    t.expect(at(200), fin({ seq: 51, ack: 2, len: 50 }));
    t.inject(at(210), ack({ seq: 2, ack: 102 }));
    expect(t.tcb.state).toBe('TIME-WAIT');
  });
});

describe('LAST-ACK', () => {
  test('a lost FIN is resent with back-off until it is acknowledged', () => {
    const t = lastAck();
    t.expect(at(200), fin({ seq: 1, ack: 2 }));
    t.expect(at(600), fin({ seq: 1, ack: 2 }));
    t.inject(at(610), ack({ seq: 2, ack: 2 }));
    t.expectSilence(until(1_000_000));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('an ACK that does not cover the FIN does not close', () => {
    const t = closeWait();
    t.write(10);
    t.close();
    t.ignore();
    t.inject(at(0), ack({ seq: 2, ack: 11 }));
    expect(t.tcb.state).toBe('LAST-ACK');
  });
});

describe('TIME-WAIT (§3.10.7.4, §3.6.1)', () => {
  test('a FIN that comes again is acknowledged, and 2 MSL start anew [MUST-13]', () => {
    const t = timeWait();
    t.inject(at(59_000), fin({ seq: 1, ack: 2 }));
    t.expect(at(59_000), ack({ seq: 2, ack: 2 }));
    t.expectSilence(until(118_999));
    expect(t.tcb.state).toBe('TIME-WAIT');
    t.wait(until(119_000));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('anything else does not prolong it', () => {
    const t = timeWait();
    t.inject(at(59_000), data({ seq: 1, ack: 2, len: 1 }));
    t.expect(at(59_000), ack({ seq: 2, ack: 2 }));
    t.inject(at(59_000), ack({ seq: 2, ack: 2 }));
    t.wait(until(60_000));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('after it, the segments of the peer are those of nobody', () => {
    const t = timeWait();
    t.wait(until(60_000));
    t.inject(at(60_000), fin({ seq: 1, ack: 2 }));
    t.expect(at(60_000), rst({ seq: 2 }));
  });

  test('an old SYN is challenged, not obeyed', () => {
    const t = timeWait();
    t.inject(at(0), syn({ seq: 1 }));
    t.expect(at(0), ack({ seq: 2, ack: 2 }));
    expect(t.tcb.state).toBe('TIME-WAIT');
  });
});
