/** Urgent data, both ways (RFC 9293 §3.8.5). */

import { URG } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../test/script.ts';
import { ack, data, fin, urgent } from '../test/segments.ts';
import { ALL_OPTIONS, accepted, established, finWait1, synReceived } from '../test/states.ts';
import { setReporting } from './error-report.ts';
import { WAKE_URGENT } from './tcb.ts';
import { bytesToMark, hasUrgent, readableBytes, receiveUrgent, urgentBytes } from './urgent.ts';

/** Whether the user was told since this was asked last. */
function told(t: Script): boolean {
  const was = (t.tcb.wake & WAKE_URGENT) !== 0;
  t.tcb.wake = 0;
  return was;
}

function outOfBand(t: Script): Script {
  t.tcb.urgentInline = false;
  return t;
}

describe('sending (RFC 9293 §3.8.5) [MUST-30]', () => {
  test('the pointer says where what follows the urgent data begins, from the segment that carries it [MUST-62]', () => {
    const t = established();
    expect(t.writeUrgent(1)).toBe(1);
    t.expect(at(0), urgent({ seq: 1, len: 1, up: 1 }));
    t.inject(at(10), ack({ seq: 1, ack: 2 }));
    t.writeUrgent(5);
    t.expect(at(10), urgent({ seq: 2, len: 5, up: 5 }));
    t.inject(at(20), ack({ seq: 1, ack: 7 }));
    // "The absence of this flag indicates that there is no urgent data outstanding."
    t.write(5);
    t.expect(at(20), data({ seq: 7, len: 5, up: 0 })).inject(at(20), ack({ seq: 1, ack: 12 }));
  });

  test('urgent data may be of any length: every segment of it points to its end, of those that the field can say [MUST-31]', () => {
    const t = established({ peer: { ...ALL_OPTIONS, mss: 10_012, win: 65_535 }, advertisedMssBytes: 10_012 });
    const win = 2000;
    t.inject(at(0), ack({ seq: 1, ack: 1, win, ts: [1000, 0] }));
    t.writeUrgent(95_000);
    t.write(3000);
    let sent = t.take();
    for (let ack_ = 1; ack_ < 98_001; ) {
      const last = sent.at(-1);
      ack_ = (last?.seq ?? 0) + (last?.len ?? 0);
      for (const { seq, len, up, flags } of sent) {
        const ahead = 95_001 - seq;
        expect(up).toBe(ahead <= 0 ? 0 : Math.min(ahead, 65_535));
        expect((flags & URG) !== 0).toBe(ahead > 0);
        expect(len).toBeGreaterThan(0);
      }
      t.inject(at(t.nowMs + 1), ack({ seq: 1, ack: ack_, win, ts: [1000 + t.nowMs, 0] }));
      sent = t.take();
    }
    expect(t.tcb.snd.una).toBe(t.tcb.snd.nxt);
  });

  test('a segment with a pointer is no super-segment: its parts would all carry the pointer of the first [MUST-62]', () => {
    const t = established({ superSegmentPayloadBytes: 60_000 });
    t.write(1000);
    t.expect(at(0), data({ seq: 1, len: 1000 })).inject(at(0), ack({ seq: 1, ack: 1001 }));
    t.writeUrgent(4000);
    t.write(6000);
    const sent = t.take();
    expect(sent.slice(0, 3).map(({ len, up }) => [len, up])).toEqual([
      [1460, 4000],
      [1460, 2540],
      [1080, 1080],
    ]);
    expect(sent[3]).toMatchObject({ up: 0 });
    expect(sent[3]?.len).toBeGreaterThan(1460);
  });

  test('what is resent points to the end as it is by now, which never recedes', () => {
    const t = established({ noDelay: true });
    t.writeUrgent(3);
    t.expect(at(0), urgent({ seq: 1, len: 3, up: 3 }));
    t.writeUrgent(3);
    t.expect(at(0), urgent({ seq: 4, len: 3, up: 3 }));
    t.write(4);
    t.expect(at(0), data({ seq: 7, len: 4, up: 0 }));
    t.expect(at(200), urgent({ seq: 1, len: 10, up: 6 }));
  });

  test('a closed window keeps the data back, but not the news of it', () => {
    const t = established();
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 0 }));
    t.write(10);
    t.writeUrgent(1);
    t.expect(at(0), urgent({ seq: 1, len: 0, up: 11 }));
    t.inject(at(100), ack({ seq: 1, ack: 1, win: 1000 }));
    t.expect(at(100), urgent({ seq: 1, len: 11, up: 11 }));
  });

  test('Nagle does not hold it back', () => {
    const t = established();
    t.write(10);
    t.expect(at(0), data({ seq: 1, len: 10 }));
    t.write(10);
    t.expectSilence(at(0));
    t.writeUrgent(1);
    t.expect(at(0), urgent({ seq: 11, len: 11, up: 11 }));
  });

  test('data that is queued before the connection is open points to its end once it leaves', () => {
    const t = synReceived();
    t.writeUrgent(5);
    t.expectSilence(at(0));
    t.inject(at(10), ack({ seq: 1, ack: 1 }));
    t.expect(at(10), urgent({ seq: 1, len: 5, up: 5 }));
  });
});

describe('arriving (RFC 9293 §3.10.7.4, sixth check) [MUST-30]', () => {
  test('the user is told when there was none before, and whenever the pointer advances [MUST-32]', () => {
    const t = established();
    setReporting(t.tcb, true);
    expect(told(t)).toBe(false);
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 2, up: 5 })).ignore();
    expect(told(t)).toBe(true);
    t.inject(at(0), urgent({ seq: 3, ack: 1, len: 1, up: 3 })).ignore();
    expect(told(t)).toBe(false);
    t.inject(at(0), urgent({ seq: 4, ack: 1, len: 1, up: 4 })).ignore();
    expect(told(t)).toBe(true);
    expect(t.tcb.reports).toMatchObject([{ reason: 'urgent' }, { reason: 'urgent' }]);
    expect(t.read()).toBe(4);
  });

  test('the user can learn how much is to be read, up to none: "normal mode" [MUST-33]', () => {
    const t = established();
    expect(urgentBytes(t.tcb)).toBe(0);
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 10, up: 25 })).ignore();
    expect(urgentBytes(t.tcb)).toBe(25);
    t.read(4);
    expect(urgentBytes(t.tcb)).toBe(21);
    t.read();
    expect(urgentBytes(t.tcb)).toBe(15);
    t.inject(at(0), data({ seq: 11, ack: 1, len: 20 })).ignore();
    expect([t.read(), urgentBytes(t.tcb), hasUrgent(t.tcb)]).toEqual([14, 1, true]);
    expect([t.read(), urgentBytes(t.tcb), hasUrgent(t.tcb)]).toEqual([1, 0, false]);
    expect([t.read(), urgentBytes(t.tcb)]).toEqual([5, 0]);
  });

  test('a read stops at the mark, before the last urgent byte, and behind it (§3.9.1.3) [MUST-33]', () => {
    const t = established();
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 10, up: 6 })).ignore();
    expect([bytesToMark(t.tcb), t.read(), bytesToMark(t.tcb)]).toEqual([5, 5, 0]);
    expect([t.read(), bytesToMark(t.tcb), t.read()]).toEqual([1, -1, 4]);
  });

  test('is taken while our window is zero, of a segment whose text is not [MUST-66]', () => {
    for (const segment of [urgent({ seq: 1001, ack: 1, len: 5, up: 5 }), urgent({ seq: 1001, ack: 1, up: 5 })]) {
      const t = established({ receiveBufferBytes: 1000 });
      t.inject(at(0), data({ seq: 1, ack: 1, len: 1000 })).ignore();
      expect(t.tcb.rcv.edge).toBe(t.tcb.rcv.nxt);
      told(t);
      t.inject(at(600), segment).ignore();
      expect(told(t)).toBe(true);
      expect(urgentBytes(t.tcb)).toBe(1005);
      expect(t.tcb.rcv.nxtOffset).toBe(1000);
      t.read();
      t.ignore();
    }
  });

  test.each([
    ['that comes out of order', 101, 20, true],
    ['to what was read already', 1, 5, false],
    ['backwards, to the very first byte', 1, 0, false],
    ['beyond the window', 11, 65_535, true],
  ])('a pointer %s', (_what, seq, up, news) => {
    const t = accepted({ receiveBufferBytes: 5000 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 })).ignore();
    t.read();
    told(t);
    t.inject(at(0), urgent({ seq, ack: 1, len: 20, up })).ignore();
    expect(told(t)).toBe(news);
    expect(urgentBytes(t.tcb)).toBe(news ? seq - 1 + up - 10 : 0);
  });

  test('one beyond the FIN ends with the stream', () => {
    const t = established();
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 10, up: 500 }))
      .inject(at(0), fin({ seq: 11, ack: 1 }))
      .ignore();
    expect(urgentBytes(t.tcb)).toBe(10);
    t.read();
    expect(urgentBytes(t.tcb)).toBe(0);
  });

  test('is looked at in FIN-WAIT-1, and ignored once the peer has closed', () => {
    const t = finWait1();
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 1, up: 1 })).ignore();
    expect(told(t)).toBe(true);
    const u = established()
      .inject(at(0), fin({ seq: 1, ack: 1, len: 5 }))
      .ignore();
    told(u);
    u.inject(at(0), urgent({ seq: 7, ack: 1, up: 9 })).ignore();
    expect(told(u)).toBe(false);
    expect(urgentBytes(u.tcb)).toBe(0);
  });
});

describe('one byte out of band, as POSIX has it', () => {
  const one = new Uint8Array(1);

  test('is kept out of the stream, which a read does not cross in one go', () => {
    const t = outOfBand(established({ loose: true }));
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 10, up: 6 }));
    expect(t.read()).toBe(5);
    expect([readableBytes(t.tcb), t.tcb.receiveRing.readable]).toEqual([4, 5]);
    // The sixth byte of the pattern is missing from what is read next.
    t.delivered++;
    expect(t.read()).toBe(4);
  });

  test('is read once by itself, also before what stands before it, or looked at', () => {
    const t = outOfBand(established({ loose: true }));
    expect(receiveUrgent(t.tcb, one, 0, false)).toBe('none');
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 3, up: 6 }));
    expect(receiveUrgent(t.tcb, one, 0, false)).toBe('awaited');
    t.inject(at(0), data({ seq: 4, ack: 1, len: 4 }));
    expect([receiveUrgent(t.tcb, one, 0, true), one[0]]).toEqual(['read', (5 * 31 + 101) & 0xff]);
    expect(hasUrgent(t.tcb)).toBe(true);
    expect(receiveUrgent(t.tcb, one, 0, false)).toBe('read');
    expect(hasUrgent(t.tcb)).toBe(false);
    expect(receiveUrgent(t.tcb, one, 0, false)).toBe('none');
    expect(bytesToMark(t.tcb)).toBe(5);
  });

  test('that was read is not read again when a new one comes while it stands next', () => {
    const t = outOfBand(established({ loose: true }));
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 1, up: 1 }));
    expect(receiveUrgent(t.tcb, one, 0, false)).toBe('read');
    t.delivered++;
    t.inject(at(0), urgent({ seq: 2, ack: 1, len: 5, up: 5 }));
    expect(t.read()).toBe(4);
    expect(t.tcb.receiveRing.readable).toBe(1);
  });

  test('gives its memory back like any other byte that was read', () => {
    const t = outOfBand(established({ receiveBufferBytes: 1000 }));
    t.inject(at(0), urgent({ seq: 1, ack: 1, len: 1000, up: 1000 })).ignore();
    t.read();
    t.ignore();
    expect(t.tcb.receiveRing.readable).toBe(1);
    t.delivered++;
    expect(t.read()).toBe(0);
    expect(t.tcb.receiveRing.readable).toBe(0);
    expect(t.tcb.receiveRing.heldBytes).toBe(0);
  });
});

test('whatever pointers a peer sends, the stream is whole, and urgent mode ends with it', () => {
  const pieces = fc.array(
    fc.record({
      len: fc.integer({ min: 1, max: 3000 }),
      up: fc.oneof(fc.nat(0xffff), fc.nat(20)),
      urg: fc.boolean(),
      seqBack: fc.oneof(fc.constant(0), fc.nat(2000)),
      read: fc.nat(4000),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, fc.boolean(), (list, isInline) => {
      const t = established({ loose: true, receiveBufferBytes: 100_000 });
      t.tcb.urgentInline = isInline;
      let sent = 1;
      let highest = 0;
      for (const { len, up, urg, seqBack, read } of list) {
        const seq = Math.max(1, sent - seqBack);
        const build = urg ? urgent : data;
        t.inject(t.nowMs, build({ seq, ack: 1, len, up }));
        sent = Math.max(sent, seq + len);
        if (urg) highest = Math.max(highest, t.tcb.urgent.receiveUp);
        expect(t.tcb.urgent.receiveUp).toBe(highest);
        expect(urgentBytes(t.tcb)).toBeGreaterThanOrEqual(0);
        expect(readableBytes(t.tcb)).toBeLessThanOrEqual(t.tcb.receiveRing.readable);
        if (isInline) t.read(read);
      }
      t.inject(t.nowMs, fin({ seq: sent, ack: 1 }));
      if (isInline) {
        while (t.tcb.receiveRing.readable > 0) expect(t.read()).toBeGreaterThan(0);
        expect(t.delivered).toBe(sent - 1);
        expect(urgentBytes(t.tcb)).toBe(0);
      }
      t.wait(until(t.nowMs));
    }),
    { numRuns: 200 },
  );
});
