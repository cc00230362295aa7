/** What an idle connection forgets, and when. */

import { describe, expect, test } from 'vitest';
import { at } from '../test/script.ts';
import { ack, data } from '../test/segments.ts';
import { established } from '../test/states.ts';
import { REST_AFTER_MS } from './limits.ts';
import { NOTHING_CAME } from './output/delayed-ack.ts';
import { NOTHING_HELD } from './output/nagle.ts';
import { rest, restsAtMs } from './rest.ts';

/** One that sent and received ten bytes at 0, and was acknowledged at 5. */
function talked() {
  const t = established({ peer: { mss: 1460, sackOk: true } });
  t.write(10);
  t.ignore();
  t.inject(at(5), data({ seq: 1, ack: 11, len: 10 })).ignore();
  t.read();
  t.ignore();
  return t;
}

describe('a connection that is silent', () => {
  test('rests 10 s after it last heard or sent something; a fresh one has nothing to forget', () => {
    expect(restsAtMs(established().tcb)).toBe(Infinity);
    expect(restsAtMs(talked().tcb)).toBe(5 + REST_AFTER_MS);
  });

  test('does not while something is outstanding', () => {
    const t = talked();
    t.write(10);
    t.ignore();
    expect(restsAtMs(t.tcb)).toBe(Infinity);
  });

  test('shares the records of those that never sent, from then on, and has nothing more to forget', () => {
    const { tcb } = talked();
    const fresh = established({ peer: { mss: 1460, sackOk: true } }).tcb;
    expect(tcb.recovery.rack).not.toBe(fresh.recovery.rack);
    rest(tcb);
    expect(tcb.recovery.rack).toBe(fresh.recovery.rack);
    expect([tcb.tune, tcb.nagle, tcb.delayedAck]).toEqual([null, NOTHING_HELD, NOTHING_CAME]);
    expect(restsAtMs(tcb)).toBe(Infinity);
  });

  test('keeps what it knows of reordering', () => {
    const { tcb } = talked();
    const { rack } = tcb.recovery;
    Object.assign(rack, { reorderingSeen: true });
    rest(tcb);
    expect(tcb.recovery.rack).toBe(rack);
    expect(restsAtMs(tcb)).toBe(Infinity);
  });

  test('keeps what the user keeps back by the cork', () => {
    const { tcb } = talked();
    tcb.nagle = { ...tcb.nagle, corked: true };
    rest(tcb);
    expect(tcb.nagle.corked).toBe(true);
  });

  test('goes on as if nothing had been', () => {
    const t = talked();
    rest(t.tcb);
    t.write(20);
    t.expect(at(5), data({ seq: 11, len: 20 }));
    t.inject(at(20), ack({ seq: 11, ack: 31 }));
    t.inject(at(20), data({ seq: 11, ack: 31, len: 10 })).ignore();
    expect(t.read()).toBe(10);
    expect(restsAtMs(t.tcb)).toBe(20 + REST_AFTER_MS);
  });
});
