/** Which options go with which segment, and what both sides agree on. */

import { describe, expect, test } from 'vitest';
import { at, type Script, type ScriptOptions, script } from '../test/script.ts';
import { ack, data, type Fields, syn, synAck } from '../test/segments.ts';
import { ALL_OPTIONS, accepted, established } from '../test/states.ts';
import { receiveScaleFor } from './options.ts';

/** All subsets of what a peer may offer, and the options of our SYN-ACK to each, as Linux orders and pads them. */
const SUBSETS: readonly [string, Fields, string][] = [
  ['nothing', {}, 'mss'],
  ['SACK', { sackOk: true }, 'mss nop nop sack-permitted'],
  ['timestamps', { ts: [1000, 0] }, 'mss nop nop timestamps'],
  ['scale', { scale: 7 }, 'mss nop window-scale'],
  ['SACK, timestamps', { sackOk: true, ts: [1000, 0] }, 'mss sack-permitted timestamps'],
  ['SACK, scale', { sackOk: true, scale: 7 }, 'mss nop nop sack-permitted nop window-scale'],
  ['timestamps, scale', { ts: [1000, 0], scale: 7 }, 'mss nop nop timestamps nop window-scale'],
  ['all', { sackOk: true, ts: [1000, 0], scale: 7 }, 'mss sack-permitted timestamps nop window-scale'],
];

/** What the connection does after the handshake, whoever opened. */
function expectAgreed(t: ReturnType<typeof established>, offered: Fields): void {
  const ts = offered.ts ? ([0, 1000] as const) : null;
  t.inject(at(0), data({ seq: 11, ack: 1, len: 10, ...(offered.ts ? { ts: [1000, 0] } : {}) }));
  t.expect(at(0), ack({ seq: 1, ack: 1, ts, sack: offered.sackOk ? [[11, 21]] : [] }));
  expect(t.tcb.snd.scale).toBe(offered.scale ?? 0);
  expect(t.tcb.rcv.scale).toBe(offered.scale === undefined ? 0 : 8);
}

describe('negotiation (RFC 9293 §3.2; RFC 7323 §2.2, §3.2; RFC 2018 §2) [MUST-4]', () => {
  test('our SYN offers everything, in the order of Linux', () => {
    const t = script({ timestampOffset: 77 }).connect();
    t.expect(at(0), syn({ mss: 1460, sackOk: true, ts: [77, 0], scale: 8, order: SUBSETS[7]?.[2] as string }));
  });

  test.each(SUBSETS)('a SYN that offers %s gets a SYN-ACK with that and no more', (_, offered, order) => {
    const t = script({ passive: true });
    t.inject(at(0), syn({ mss: 1400, ...offered }));
    const ts = offered.ts ? ([0, 1000] as const) : null;
    const scale = offered.scale === undefined ? null : 8;
    t.expect(at(0), synAck({ mss: 1460, sackOk: offered.sackOk ?? false, ts, scale, order }));
  });

  test.each(SUBSETS)('passive: what the SYN offered is in use: %s', (_, offered) => {
    expectAgreed(accepted({ peer: offered }), offered);
  });

  test.each(SUBSETS)('active: what the SYN-ACK left out is off: %s', (_, offered) => {
    expectAgreed(established({ peer: offered }), offered);
  });

  test('a shift above 14 counts as 14 (RFC 7323 §2.3)', () => {
    expect(established({ peer: { scale: 15 } }).tcb.snd.scale).toBe(14);
    expect(accepted({ peer: { scale: 255 } }).tcb.snd.scale).toBe(14);
    expect(established({ peer: { scale: 14 } }).tcb.snd.scale).toBe(14);
  });

  test('a resent SYN offers the same', () => {
    const t = script().connect();
    const first = t.take()[0];
    t.wait(at(1000));
    expect(t.take()[0]).toMatchObject({ order: first?.order, mss: 1460, scale: 8, win: first?.win, ts: [1000, 0] });
  });
});

/** The other options of our SYN, and of our SYN-ACK to a peer that offers all, when one is switched off. */
const SWITCHED_OFF: readonly [string, Partial<ScriptOptions>, string][] = [
  ['timestamps', { timestamps: false }, 'mss nop nop sack-permitted nop window-scale'],
  ['SACK', { sack: false }, 'mss nop nop timestamps nop window-scale'],
  ['window scaling', { windowScaling: false }, 'mss sack-permitted timestamps'],
  ['all', { timestamps: false, sack: false, windowScaling: false }, 'mss'],
];

/** Whether timestamps, SACK and scaling are in use. */
const inUse = ({ tcb }: Script): boolean[] => [tcb.ts.enabled, tcb.recovery.sackEnabled, tcb.scaling];

describe.each(SWITCHED_OFF)('with %s switched off (RFC 7323 §1.3, RFC 2018 §2)', (_, off, order) => {
  const wanted = [off.timestamps ?? true, off.sack ?? true, off.windowScaling ?? true];

  test('our SYN does not offer it, and a peer that answers with it all the same does not get it', () => {
    const t = script({ ...off, timestampOffset: 1000 }).connect();
    t.expect(at(0), syn({ order }));
    t.inject(at(0), synAck({ ack: 1, ...ALL_OPTIONS }));
    expect(inUse(t)).toEqual(wanted);
    t.ignore();
  });

  test('our SYN-ACK leaves it out, and it is not in use', () => {
    const t = script({ ...off, passive: true, timestampOffset: 1000 });
    t.inject(at(0), syn(ALL_OPTIONS));
    t.expect(at(0), synAck({ order }));
    t.inject(at(0), ack({ seq: 1, ack: 1, ...(wanted[0] ? { ts: [1000, 0] } : {}) }));
    expect(inUse(t)).toEqual(wanted);
    expect(t.tcb.rcv.scale > 0).toBe(wanted[2]);
  });
});

describe('options of arriving segments (RFC 9293 §3.1, §3.2)', () => {
  const UNKNOWN = [254, 4, 1, 2];

  test('unknown ones are ignored, in a SYN and later [MUST-5] [MUST-6]', () => {
    const t = script({ passive: true });
    t.inject(at(0), syn({ rawOptions: [...UNKNOWN, 2, 4, 3, 232] }));
    t.expect(at(0), synAck());
    t.inject(at(0), data({ seq: 1, ack: 1, len: 5, rawOptions: UNKNOWN }));
    t.expect(at(0), ack({ ack: 6 }));
    expect(t.tcb.snd.mssBytes).toBe(1000);
  });

  test('an option may begin on any byte [MUST-64]', () => {
    const t = script({ passive: true });
    t.inject(at(0), syn({ rawOptions: [1, 2, 4, 3, 232, 3, 3, 5] }));
    t.expect(at(0), synAck());
    expect(t.tcb.snd.mssBytes).toBe(1000);
    expect(t.tcb.snd.scale).toBe(5);
  });

  test.each([
    ['of length zero', [2, 0, 0, 0]],
    ['that runs beyond the header', [3, 9, 0, 0]],
    ['cut off behind its kind', [1, 1, 1, 2]],
  ])('one %s does no harm: the segment is taken [MUST-7]', (_, rawOptions) => {
    const t = script({ passive: true });
    t.inject(at(0), syn({ rawOptions }));
    t.expect(at(0), synAck({ order: 'mss' }));
    t.inject(at(0), data({ seq: 1, ack: 1, len: 5, rawOptions }));
    t.expect(at(0), ack({ ack: 6 }));
    expect(t.tcb.snd.mssBytes).toBe(536);
  });

  test('MSS, scale and SACK-permitted after the handshake change nothing', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 5, mss: 100, scale: 3, sackOk: true }));
    t.expect(at(0), ack({ ack: 6 }));
    expect([t.tcb.snd.mssBytes, t.tcb.snd.scale, t.tcb.recovery.sackEnabled]).toEqual([1460, 0, false]);
  });
});

describe('timestamps (RFC 7323 §3, §5.4)', () => {
  test('our clock ticks once a millisecond, from an offset that hides the uptime', () => {
    const t = established({ peer: ALL_OPTIONS, timestampOffset: 0xffff_fff0 });
    t.wait(at(20.7)).write(5);
    t.expect(at(20.7), data({ len: 5, ts: [4, 1000] }));
  });

  test('timestamps that were not agreed on are ignored: they measure no round trip', () => {
    const t = established();
    t.write(10);
    t.expect(at(0), data({ len: 10, ts: null }));
    t.expect(at(200), data({ len: 10 }));
    const before = t.tcb.rtt.srttMs;
    t.inject(at(210), ack({ seq: 1, ack: 11, ts: [1, 100] }));
    expect(t.tcb.rtt.srttMs).toBe(before);
  });
});

describe('receiveScaleFor (RFC 7323 §2.3)', () => {
  test.each([
    [65_535, 0],
    [65_536, 1],
    [8 * 1024 * 1024, 8],
    [64 * 1024 * 1024, 11],
    [2 ** 30, 14],
    [2 ** 31 - 1, 14],
  ])('%i bytes need a shift of %i', (bytes, shift) => {
    expect(receiveScaleFor(bytes)).toBe(shift);
  });
});
