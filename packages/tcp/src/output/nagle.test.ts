/** Nagle's algorithm, and the silly window on the sender's side. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data, fin } from '../../test/segments.ts';
import { established } from '../../test/states.ts';

describe('Nagle (RFC 9293 §3.7.4) [SHLD-7]', () => {
  test('a small segment leaves at once when nothing is outstanding, else it waits for the ACK', () => {
    const t = established();
    t.write(10);
    t.expect(at(0), data({ seq: 1, len: 10 }));
    t.write(10);
    t.write(10);
    t.expectSilence(until(100));
    t.inject(at(100), ack({ seq: 1, ack: 11 }));
    t.expect(at(100), data({ seq: 11, len: 20 }));
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
    t.inject(at(0), ack({ seq: 1, ack: 2921 }));
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
