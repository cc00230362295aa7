/** The sent log by itself: entries follow one another, part, join, and have a limit. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SENT_LOG_ENTRIES_MAX } from '../limits.ts';
import { APP_LIMITED, LOST, RESENT, SACKED, type SendStamp, SentLog } from './sent-log.ts';

function stampAt(nowMs: number, isAppLimited = false): SendStamp {
  return { nowMs, delivered: 1, deliveredMs: 2, firstSentMs: 3, inFlight: 4, lostTotal: 5, isAppLimited };
}

/** Entries of `bytes` each, sent a millisecond apart. */
function filled(count: number, bytes = 10): SentLog {
  const log = new SentLog();
  for (let i = 0; i < count; i++) log.append(i * bytes, (i + 1) * bytes, stampAt(i));
  return log;
}

function entries(log: SentLog): number[][] {
  return Array.from({ length: log.count }, (_, i) => [log.startAt(i), log.endAt(i), log.flagsAt(i)]);
}

describe('the sent log', () => {
  test('remembers when and in what state of the path a segment left', () => {
    const log = new SentLog();
    log.append(100, 200, stampAt(7.5, true));
    expect([log.sentMsAt(0), log.deliveredAt(0), log.deliveredMsAt(0), log.firstSentMsAt(0)]).toEqual([7.5, 1, 2, 3]);
    expect([log.inFlightAt(0), log.lostTotalAt(0), log.flagsAt(0)]).toEqual([4, 5, APP_LIMITED]);
  });

  test('what leaves in one go is one entry; what leaves later, or after an ACK, is another', () => {
    const log = new SentLog();
    log.append(0, 10, stampAt(5));
    expect(log.extend(20, 5, 1, 0)).toBe(true);
    expect([log.count, log.endAt(0), log.inFlightAt(0)]).toEqual([1, 20, 14]);
    expect(log.extend(30, 6, 1, 0)).toBe(false);
    expect(log.extend(30, 5, 2, 0)).toBe(false);
    log.setFlags(0, LOST);
    expect(log.extend(30, 5, 1, 0)).toBe(false);
    expect(log.endAt(0)).toBe(20);
  });

  test('finds an entry by any offset in it', () => {
    const log = filled(100);
    log.dropFirst();
    expect([log.indexOf(0), log.indexOf(10), log.indexOf(19), log.indexOf(20)]).toEqual([0, 0, 0, 1]);
    expect([log.indexOf(999), log.indexOf(1000)]).toEqual([98, 99]);
  });

  test.each([3, 60])('parts an entry of a hundred at %d: both parts keep what it knew', (i) => {
    const log = filled(100);
    log.dropFirst();
    expect(log.split(i, (i + 1) * 10 + 4)).toBe(true);
    expect(entries(log).slice(i - 1, i + 3)).toEqual([
      [i * 10, i * 10 + 10, 0],
      [i * 10 + 10, i * 10 + 14, 0],
      [i * 10 + 14, i * 10 + 20, 0],
      [i * 10 + 20, i * 10 + 30, 0],
    ]);
    expect([log.sentMsAt(i), log.sentMsAt(i + 1), log.sentMsAt(i + 2)]).toEqual([i + 1, i + 1, i + 2]);
  });

  test('joins sacked neighbours, so that holes alone cost a walk', () => {
    const log = filled(5);
    expect(log.markSacked(1)).toBe(1);
    expect(log.markSacked(3)).toBe(3);
    expect(log.markSacked(2)).toBe(1);
    expect(entries(log)).toEqual([
      [0, 10, 0],
      [10, 40, SACKED],
      [40, 50, 0],
    ]);
  });

  test('beyond its limit the last entry grows, and nothing is parted', () => {
    const log = filled(SENT_LOG_ENTRIES_MAX + 3, 2);
    expect(log.count).toBe(SENT_LOG_ENTRIES_MAX);
    expect(log.endAt(log.count - 1)).toBe(2 * (SENT_LOG_ENTRIES_MAX + 3));
    expect(log.sentMsAt(log.count - 1)).toBe(SENT_LOG_ENTRIES_MAX + 2);
    expect(log.split(0, 1)).toBe(false);
  });

  test('any calls keep the entries in a row, and agree with a list that is kept the slow way', () => {
    const step = fc.tuple(fc.constantFrom('append', 'drop', 'trim', 'split', 'sack', 'lose'), fc.nat(50), fc.nat(20));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const log = new SentLog();
        let slow: number[][] = [];
        let end = 0;
        for (const [what, at, by] of steps) {
          const i = slow.length === 0 ? 0 : at % slow.length;
          const entry = slow[i];
          const middle = entry === undefined ? 0 : (entry[0] as number) + 1 + by;
          const inside = entry !== undefined && middle < (entry[1] as number);
          if (what === 'append') {
            log.append(end, end + by + 1, stampAt(0));
            slow.push([end, end + by + 1, 0]);
            end += by + 1;
          } else if (entry === undefined) {
            expect(log.count).toBe(0);
          } else if (what === 'drop') {
            log.dropFirst();
            slow.shift();
          } else if (what === 'trim' && i === 0 && inside) {
            log.trimFirst(middle);
            entry[0] = middle;
          } else if (what === 'split' && inside && entry[2] !== SACKED) {
            expect(log.split(i, middle)).toBe(true);
            slow.splice(
              i,
              1,
              [entry[0] as number, middle, entry[2] as number],
              [middle, entry[1] as number, entry[2] as number],
            );
          } else if (what === 'lose' && entry[2] === 0) {
            log.setFlags(i, LOST | RESENT);
            entry[2] = LOST | RESENT;
          } else if (what === 'sack' && entry[2] !== SACKED) {
            log.markSacked(i);
            entry[2] = SACKED;
            slow = slow.reduce<number[][]>((list, next) => {
              const last = list.at(-1);
              if (last?.[2] === SACKED && next[2] === SACKED) last[1] = next[1] as number;
              else list.push(next);
              return list;
            }, []);
          }
          expect(entries(log)).toEqual(slow);
        }
      }),
    );
  });
});
