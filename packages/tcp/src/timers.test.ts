/** The deadlines of one connection, remembered only while one runs. */

import { expect, test } from 'vitest';
import { at } from '../test/script.ts';
import { ack } from '../test/segments.ts';
import { established, type PeerOptions } from '../test/states.ts';
import { armKeepAlive } from './keep-alive.ts';
import { NO_TIMERS, nextDeadlineMs, ownTimers, settleTimers } from './timers.ts';
import { ownWishes } from './wishes.ts';

const OPTIONS: PeerOptions = { peer: { mss: 1000 }, rttMs: 40 };

test('a connection on which no timer runs shares its record with all such', () => {
  const a = established(OPTIONS);
  const b = established(OPTIONS);
  expect(a.tcb.timers).toBe(NO_TIMERS);
  a.write(100);
  a.ignore();
  expect(nextDeadlineMs(a.tcb)).toBeLessThan(Infinity);
  expect(nextDeadlineMs(b.tcb)).toBe(Infinity);
  expect(b.tcb.timers).toBe(NO_TIMERS);
  a.inject(at(80), ack({ seq: 1, ack: 101 }));
  expect(a.tcb.timers).toBe(NO_TIMERS);
});

test('what was given back is used again, with no timer running', () => {
  const { tcb } = established(OPTIONS);
  const first = ownTimers(tcb);
  settleTimers(tcb);
  const second = ownTimers(established(OPTIONS).tcb);
  expect(second).toBe(first);
  expect(Object.values(second).every((deadlineMs) => deadlineMs === Infinity)).toBe(true);
});

test('a single timer, if only that of keep-alives, is kept', () => {
  const { tcb } = established(OPTIONS);
  ownWishes(tcb).keepAlive = true;
  armKeepAlive(tcb, 50);
  expect(settleTimers(tcb)).toBe(tcb.timers.keepAliveAtMs);
  expect(tcb.timers).not.toBe(NO_TIMERS);
  ownWishes(tcb).keepAlive = false;
  armKeepAlive(tcb, 50);
  expect(settleTimers(tcb)).toBe(Infinity);
  expect(tcb.timers).toBe(NO_TIMERS);
});
