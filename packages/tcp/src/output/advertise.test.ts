/** The window that we offer. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data, syn } from '../../test/segments.ts';
import { accepted, established, synSent } from '../../test/states.ts';

describe('window scaling (RFC 7323 §2)', () => {
  test('the window of a SYN is not scaled, those after it are shifted by what we offered', () => {
    const t = accepted({ peer: { mss: 1460, scale: 0 } });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 256 }));
    t.expect(at(0), ack({ ack: 257, win: (1024 * 1024 - 256) / 256 }));
  });

  test('without agreement it ends at 65535', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ ack: 101, win: 65_435 }));
    expect(t.read()).toBe(100);
    t.expectSilence(until(1000));
    t.inject(at(1000), data({ seq: 101, ack: 1, len: 1460 }));
    t.expect(at(1000), ack({ ack: 1561, win: 65_535 }));
  });

  test('a window that the field cannot say exactly is rounded down, and data up to it is taken', () => {
    const t = established({ peer: { mss: 1460, scale: 3 }, receiveBufferBytes: 70_000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    // 70,000 is 273 units and a bit; 100 bytes of them are used.
    t.expect(at(0), ack({ ack: 101, win: 272 }));
    t.inject(at(0), data({ seq: 101, ack: 1, len: 273 * 256 - 100 }));
    t.expect(at(0), ack({ ack: 273 * 256 + 1, win: 0 }));
    expect(t.read()).toBe(273 * 256);
    t.ignore();
  });

  test('both ways at once: their shift for what we may send, ours for what they may', () => {
    const t = established({ peer: { mss: 1460, scale: 2 } });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, win: 1000 }));
    t.expect(at(0), ack({ ack: 11, win: 4095 }));
    expect(t.tcb.snd.wnd).toBe(4000);
  });
});

describe('the right edge (RFC 9293 §3.8.6)', () => {
  test('never moves left while data arrives and is not read [SHLD-14]', () => {
    const t = established({ receiveBufferBytes: 4000, peer: { mss: 1460 } });
    let edge = 4001;
    for (let i = 0; i < 40; i++) {
      t.inject(at(0), data({ seq: 1 + 100 * i, ack: 1, len: 100 }));
      const sent = t.take()[0];
      if (sent === undefined) continue;
      expect(sent.ack + sent.win).toBeGreaterThanOrEqual(edge);
      edge = sent.ack + sent.win;
    }
    t.wait(at(40));
    expect(t.take().at(-1)).toMatchObject({ ack: 4001, win: 0 });
  });

  test('nor when the unit of the window field is larger than a segment [SHLD-14]', () => {
    const size = 64 * 1024 * 1024;
    const t = established({ peer: { mss: 1460, scale: 0 }, receiveBufferBytes: size, loose: true });
    expect(t.tcb.rcv.scale).toBe(11);
    for (let given = 0; given < size - 500; given += 60_000) {
      t.inject(at(0), data({ seq: 1 + given, ack: 1, len: Math.min(60_000, size - 500 - given) }));
    }
    // 500 bytes of the offer are left, less than the field can say. Taking it back is caught by the invariants.
    t.read(1540);
    t.inject(at(0), data({ seq: size - 499, ack: 1, len: 500 }));
    t.wait(at(40));
    expect(t.outbox.at(-1)?.ack).toBe(size + 1);
  });

  test("the receiver's silly window: a full window opens by a segment or half of the buffer, not byte by byte [MUST-39]", () => {
    const t = established({ receiveBufferBytes: 8000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 8000 }));
    t.expect(at(0), ack({ ack: 8001, win: 0 }));
    expect(t.read(1459)).toBe(1459);
    t.expectSilence(until(10));
    // Asked by a probe meanwhile, we still offer nothing.
    t.inject(at(10), data({ seq: 8001, ack: 1, len: 1 }));
    t.expect(at(10), ack({ ack: 8001, win: 0 }));
    expect(t.read(541)).toBe(541);
    t.expect(at(10), ack({ ack: 8001, win: 2000 }));
  });

  test('a user who does not read keeps it closed as long as he likes: every probe is answered [MAY-8]', () => {
    const t = established({ receiveBufferBytes: 1000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 1000 }));
    t.expect(at(0), ack({ ack: 1001, win: 0 }));
    for (let minute = 1; minute <= 24 * 60; minute++) {
      t.inject(at(60_000 * minute), data({ seq: 1001, ack: 1, len: 1 }));
      t.expect(at(60_000 * minute), ack({ ack: 1001, win: 0 }));
    }
    expect(t.read()).toBe(1000);
    t.expect(t.nowMs, ack({ ack: 1001, win: 1000 }));
  });

  test('with a buffer below the MSS, by half of the buffer [MUST-39]', () => {
    const t = established({ receiveBufferBytes: 1000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 1000 }));
    t.expect(at(0), ack({ ack: 1001, win: 0 }));
    t.read(499);
    t.expectSilence(until(1));
    t.read(1);
    t.expect(at(1), ack({ ack: 1001, win: 500 }));
  });

  test('reading is told at once when the peer may be short of window, and not otherwise', () => {
    const t = established({ receiveBufferBytes: 60_000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 20_000 })).ignore();
    t.read();
    t.expectSilence(until(10));
    t.inject(at(10), data({ seq: 20_001, ack: 1, len: 30_000 })).ignore();
    t.inject(at(10), data({ seq: 50_001, ack: 1, len: 10_000 })).ignore();
    t.read();
    t.expect(at(10), ack({ ack: 60_001, win: 60_000 }));
  });

  test('a window update is no reply to a peer that has closed', () => {
    const t = established({ receiveBufferBytes: 1000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 1000 })).ignore();
    t.inject(at(0), { flags: 0x11, seq: 1001, ack: 1 }).ignore();
    t.read();
    t.ignore();
    expect(t.tcb.receiveRing.readable).toBe(0);
  });

  test('a SYN offers what the buffer has, at most 65535', () => {
    expect(synSent({ receiveBufferBytes: 3000 }).inject(at(0), syn()).take()[0]?.win).toBe(3000);
    expect(synSent().inject(at(0), syn()).take()[0]?.win).toBe(65_535);
  });
});
