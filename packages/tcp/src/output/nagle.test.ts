/** Nagle's algorithm, and the silly window on the sender's side. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data, fin } from '../../test/segments.ts';
import { established, type PeerOptions } from '../../test/states.ts';
import { handleTimeouts, setCork, setNoDelay } from '../connection.ts';
import { heldBack } from './nagle.ts';

describe("Nagle with Minshall's variation (RFC 9293 §3.7.4, §A.3) [SHLD-7]", () => {
  test('a small segment leaves at once when nothing is outstanding; the next small one waits for its ACK', () => {
    const t = established();
    t.write(10);
    t.expect(at(0), data({ seq: 1, len: 10 }));
    t.write(10);
    t.write(10);
    t.expectSilence(until(100));
    t.inject(at(100), ack({ seq: 1, ack: 11 }));
    t.expect(at(100), data({ seq: 11, len: 20 }));
    t.write(10);
    t.expectSilence(until(101));
    t.inject(at(101), ack({ seq: 1, ack: 31 }));
    t.expect(at(101), data({ seq: 31, len: 10 }));
  });

  test('a full-sized segment does not wait', () => {
    const t = established();
    t.write(10);
    t.expect(at(0), data({ seq: 1, len: 10 }));
    t.write(1459);
    t.expectSilence(until(1));
    t.write(1);
    t.expect(at(1), data({ seq: 11, len: 1460 }));
  });

  test('full segments that are outstanding keep no small one waiting', () => {
    const t = established();
    t.write(2 * 1460 + 100);
    t.expect(at(0), data({ seq: 1, len: 1460 }));
    t.expect(at(0), data({ seq: 1461, len: 1460 }));
    t.expect(at(0), data({ seq: 2921, len: 100 }));
    t.write(100);
    // The ACK of the full ones is not the one that it waits for.
    t.inject(at(1), ack({ seq: 1, ack: 2921 }));
    t.expectSilence(until(2));
    t.inject(at(2), ack({ seq: 1, ack: 3021 }));
    t.expect(at(2), data({ seq: 3021, len: 100 }));
  });

  test('of a super-segment the last part waits where a small segment would, the full ones do not', () => {
    const t = established({ superSegmentPayloadBytes: 60_000 });
    t.write(3 * 1460 + 10);
    t.expect(at(0), data({ seq: 1, len: 3 * 1460 + 10 }));
    t.write(2 * 1460 + 10);
    t.expect(at(0), data({ seq: 3 * 1460 + 11, len: 2 * 1460 }));
    t.inject(at(1), ack({ seq: 1, ack: 3 * 1460 + 11 }));
    t.expect(at(1), data({ seq: 5 * 1460 + 11, len: 10 }));
  });

  test('it can be disabled for a connection [MUST-17]', () => {
    const t = established({ noDelay: true });
    for (let i = 0; i < 3; i++) {
      t.write(10);
      t.expect(at(0), data({ seq: 1 + 10 * i, len: 10 }));
    }
  });

  test('the last bytes before a FIN do not wait', () => {
    const t = established();
    t.write(10);
    t.write(10);
    t.close();
    t.expect(at(0), data({ seq: 1, len: 10 }));
    t.expect(at(0), fin({ seq: 11, len: 10 }));
  });

  test('after more bytes than there are sequence numbers it still looks at what is outstanding only', () => {
    const t = established();
    t.write(10);
    t.inject(at(0), ack({ seq: 1, ack: 11 })).ignore();
    t.tcb.snd.unaOffset += 2 ** 31;
    t.written += 2 ** 31;
    expect(heldBack(t.tcb, 0)).toBe('');
  });
});

describe('TCP_CORK, as in Linux', () => {
  const corked = (options: PeerOptions = {}) => {
    const t = established(options);
    setCork(t.tcb, true);
    return t;
  };

  test('full segments leave, the rest waits for more, or 200 ms', () => {
    const t = corked();
    t.write(1470);
    t.expect(at(0), data({ seq: 1, len: 1460 }));
    t.inject(at(50), ack({ seq: 1, ack: 1461 }));
    t.expectSilence(until(199));
    t.expect(at(200), data({ seq: 1461, len: 10 }));
    t.inject(at(210), ack({ seq: 1, ack: 1471 }));
    t.write(20);
    t.expectSilence(until(409));
    t.write(1440);
    t.expect(at(409), data({ seq: 1471, len: 1460 }));
    t.write(5);
    t.inject(at(410), ack({ seq: 1, ack: 2931 }));
    t.expectSilence(until(608));
    t.expect(at(609), data({ seq: 2931, len: 5 }));
    t.inject(at(610), ack({ seq: 1, ack: 2936 }));
    t.expectSilence(until(100_000));
  });

  test('what a user adds when the 200 ms are over does not begin them anew', () => {
    const t = corked();
    t.write(10);
    t.wait(at(199));
    t.nowMs = 200;
    handleTimeouts(t.tcb, 200);
    t.write(5);
    t.expect(at(200), data({ seq: 1, len: 15 }));
  });

  test('taking it off sends what waits; Nagle is asked as ever', () => {
    const t = corked();
    t.write(10);
    t.expectSilence(until(1));
    setCork(t.tcb, false);
    t.write(5);
    t.expect(at(1), data({ seq: 1, len: 15 }));
    t.write(5);
    t.expectSilence(until(150));
  });

  test('it is stronger than TCP_NODELAY, but setting that sends what is queued at that moment', () => {
    const t = corked();
    t.write(10);
    setNoDelay(t.tcb, true);
    t.wait(at(1)).write(0);
    t.expect(at(1), data({ seq: 1, len: 10 }));
    t.inject(at(1), ack({ seq: 1, ack: 11 }));
    t.write(10);
    t.expectSilence(until(200));
    t.expect(at(201), data({ seq: 11, len: 10 }));
  });

  test('it does not keep back a FIN, nor ACKs', () => {
    const t = corked();
    t.write(10);
    t.inject(at(1), data({ seq: 1, ack: 1, len: 5 }));
    t.expect(at(1), ack({ seq: 1, ack: 6 }));
    t.close();
    t.expect(at(1), fin({ seq: 1, len: 10 }));
  });

  test('the timer ends with the connection', () => {
    const t = corked();
    t.write(10);
    t.abort();
    expect(t.tcb.timers.corkAtMs).toBe(Infinity);
  });
});

test('the last bytes before a FIN do not wait when the window has no room for the FIN itself', () => {
  const t = established({ peer: { mss: 1460, win: 20 } });
  t.write(10);
  t.expect(at(0), data({ seq: 1, len: 10 }));
  t.write(10);
  t.expectSilence(until(1));
  t.close();
  t.expect(at(1), data({ seq: 11, len: 10 }));
  t.inject(at(2), ack({ seq: 1, ack: 21, win: 20 }));
  t.expect(at(2), fin({ seq: 21 }));
});

describe('PSH (RFC 9293 §3.9.1.2) [MUST-60] [MUST-61] [SHLD-28]', () => {
  test('data leaves in segments of full size without waiting for a push, and the last that is queued carries PSH', () => {
    const t = established();
    t.write(1460 * 2 + 100);
    t.expect(at(0), data({ seq: 1, len: 1460, psh: false }));
    t.expect(at(0), data({ seq: 1461, len: 1460, psh: false }));
    t.expect(at(0), data({ seq: 2921, len: 100, psh: true }));
  });

  test('many small SENDs are gathered [MAY-16] into segments of full size with one PSH at the end [SHLD-27]', () => {
    const t = established();
    t.write(1);
    t.expect(at(0), data({ seq: 1, len: 1, psh: true }));
    for (let sends = 0; sends < 300; sends++) t.write(7);
    t.expect(at(0), data({ seq: 2, len: 1460, psh: false }));
    t.expectSilence(until(50));
    t.inject(at(50), ack({ seq: 1, ack: 1462 }));
    t.expect(at(50), data({ seq: 1462, len: 640, psh: true }));
  });
});

describe("the sender's silly window avoidance (RFC 9293 §3.8.6.2.1) [MUST-38]", () => {
  test('a window below the MSS and below half of the largest is not used', () => {
    const t = established({ peer: { mss: 1460, win: 4000 } });
    t.write(10_000);
    t.ignore();
    t.inject(at(0), ack({ seq: 1, ack: 2921, win: 1460 + 500 }));
    t.expect(at(0), data({ seq: 2921, len: 1460 }));
    t.inject(at(0), ack({ seq: 1, ack: 4381, win: 500 }));
    t.expectSilence(until(199));
    t.inject(at(199), ack({ seq: 1, ack: 4381, win: 1460 }));
    t.expect(at(199), data({ seq: 4381, len: 1460 }));
    expect(t.counters.windowProbes).toBe(0);
  });

  test('the largest window is the largest ever, not the first', () => {
    const t = established({ peer: { mss: 1460, win: 1000 } });
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 2000 }));
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 999 }));
    t.write(5000);
    t.expectSilence(until(1));
    t.inject(at(1), ack({ seq: 1, ack: 1, win: 1000 }));
    t.expect(at(1), data({ seq: 1, len: 1000 }));
  });

  test('half of the largest window is used (3)', () => {
    const t = established({ peer: { mss: 1460, win: 1000 } });
    t.write(5000);
    t.expect(at(0), data({ seq: 1, len: 1000 }));
    t.inject(at(0), ack({ seq: 1, ack: 1001, win: 499 }));
    t.expectSilence(until(1));
    t.inject(at(1), ack({ seq: 1, ack: 1001, win: 500 }));
    t.expect(at(1), data({ seq: 1001, len: 500 }));
  });

  test('all that is queued is sent when it fits, however small (2)', () => {
    const t = established({ peer: { mss: 1460, win: 4000 } });
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 100 }));
    t.write(100);
    t.expect(at(0), data({ seq: 1, len: 100 }));
  });

  test('after the time-out what fits is sent after all (4)', () => {
    const t = established({ peer: { mss: 1460, win: 4000 } });
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 100 }));
    t.write(1000);
    t.expect(at(200), data({ seq: 1, len: 100 }));
    t.inject(at(210), ack({ seq: 1, ack: 101, win: 4000 }));
    t.expect(at(210), data({ seq: 101, len: 900 }));
    t.inject(at(210), ack({ seq: 1, ack: 1001, win: 4000 }));
    t.expectSilence(until(1_000_000));
  });
});
