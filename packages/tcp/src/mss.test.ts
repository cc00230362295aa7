/** How large segments may be: what both sides say, and the room that options take. */

import { describe, expect, test } from 'vitest';
import { at, script } from '../test/script.ts';
import { ack, data, fin, syn, synAck } from '../test/segments.ts';
import { ALL_OPTIONS, accepted, established } from '../test/states.ts';
import { DEFAULT_SEND_MSS_IPV6_BYTES } from './limits.ts';

describe('MSS (RFC 9293 §3.7.1)', () => {
  test.each([
    ['absent: 536 for IPv4 [MUST-15 IPv4]', {}, 536],
    ['smaller than ours: that of the peer [MUST-14] [MUST-16]', { mss: 1000 }, 1000],
    ['larger than ours: ours [MUST-16]', { mss: 9000 }, 1460],
    ['less the 12 bytes of timestamps', { mss: 1460, ts: [1, 0] as const }, 1448],
    ['absent, with timestamps', { ts: [1, 0] as const }, 524],
    ['tiny: never below 48, as in Linux', { mss: 1 }, 48],
    ['zero', { mss: 0, ts: [1, 0] as const }, 36],
  ])('%s', (_, peer, mssBytes) => {
    for (const build of [established, accepted]) {
      const t = build({ peer });
      t.write(3000);
      expect(t.take()[0]?.len).toBe(mssBytes);
    }
  });

  test('absent: 1220 for IPv6 [MUST-15 IPv6]', () => {
    for (const build of [established, accepted]) {
      const t = build({ peer: {}, defaultSendMssBytes: DEFAULT_SEND_MSS_IPV6_BYTES });
      t.write(3000);
      expect(t.take()[0]?.len).toBe(1220);
    }
  });

  test('we send ours on every SYN and SYN-ACK, also when it is the default [SHLD-5] [MAY-3]', () => {
    for (const mss of [1460, 1220, 536]) {
      script({ advertisedMssBytes: mss }).connect().expect(at(0), syn({ mss }));
      script({ passive: true, advertisedMssBytes: mss }).inject(at(0), syn()).expect(at(0), synAck({ mss }));
    }
  });

  test('ours is what the link can carry [MUST-14] [MUST-67]', () => {
    const active = script({ advertisedMssBytes: 8960 }).connect();
    active.expect(at(0), syn({ mss: 8960 }));
    const passive = script({ passive: true, advertisedMssBytes: 536 });
    passive.inject(at(0), syn());
    passive.expect(at(0), synAck({ mss: 536 }));
  });

  test('it is sent on no other segment [MUST-65]', () => {
    const t = established({ peer: ALL_OPTIONS });
    t.write(10);
    t.expect(at(0), data({ len: 10, mss: null, order: 'nop nop timestamps' }));
    t.close();
    t.expect(at(0), fin({ mss: null, scale: null, sackOk: false }));
  });

  test('SACK blocks on a data segment take their room from its payload', () => {
    const t = established({ peer: ALL_OPTIONS });
    for (let i = 1; i <= 3; i++) t.inject(at(0), data({ seq: 20 * i, ack: 1, len: 10, ts: [1000, 0] })).ignore();
    t.write(3000);
    t.expect(
      at(0),
      data({
        seq: 1,
        len: 1448 - 28,
        sack: [
          [60, 70],
          [40, 50],
          [20, 30],
        ],
        order: 'nop nop timestamps nop nop sack',
      }),
    );
    t.expect(
      at(0),
      data({
        seq: 1421,
        len: 1420,
        sack: [
          [60, 70],
          [40, 50],
          [20, 30],
        ],
      }),
    );
    t.inject(at(0), ack({ seq: 1, ack: 2841, ts: [1000, 0] }));
    t.expect(
      at(0),
      data({
        seq: 2841,
        len: 160,
        sack: [
          [60, 70],
          [40, 50],
          [20, 30],
        ],
      }),
    );
  });

  test('the smallest MSS with the most options still carries data', () => {
    const t = established({ peer: { mss: 48, sackOk: true, ts: [1000, 0] }, noDelay: true });
    for (let i = 1; i <= 3; i++) t.inject(at(0), data({ seq: 20 * i, ack: 1, len: 10, ts: [1000, 0] })).ignore();
    t.write(20);
    t.expect(
      at(0),
      data({
        seq: 1,
        len: 8,
        sack: [
          [60, 70],
          [40, 50],
          [20, 30],
        ],
      }),
    );
    t.expect(
      at(0),
      data({
        seq: 9,
        len: 8,
        sack: [
          [60, 70],
          [40, 50],
          [20, 30],
        ],
      }),
    );
    t.expect(
      at(0),
      data({
        seq: 17,
        len: 4,
        sack: [
          [60, 70],
          [40, 50],
          [20, 30],
        ],
      }),
    );
  });
});
