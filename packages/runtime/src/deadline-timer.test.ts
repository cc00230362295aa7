/** The timer is armed rarely, never rings late by more than a tick, and never spins. */

import { expect, test } from 'vitest';
import { DeadlineTimer } from './deadline-timer.ts';
import type { Scheduler } from './scheduler.ts';

/** A clock turned by hand, with the timers asked of it. */
function handClock(): {
  scheduler: Scheduler;
  delays: number[];
  cleared: number;
  passTo(ms: number): void;
  now: number;
} {
  const clock = {
    now: 0,
    delays: [] as number[],
    cleared: 0,
    timers: new Set<{ run: () => void; atMs: number }>(),
    scheduler: null as unknown as Scheduler,
    passTo(ms: number): void {
      clock.now = ms;
      for (const timer of [...clock.timers]) {
        if (timer.atMs > ms) continue;
        clock.timers.delete(timer);
        timer.run();
      }
    },
  };
  clock.scheduler = {
    nowMs: () => clock.now,
    defer: () => {},
    setTimer: (run, delayMs) => {
      const timer = { run, atMs: clock.now + delayMs };
      clock.timers.add(timer);
      clock.delays.push(delayMs);
      return timer;
    },
    clearTimer: (timer) => {
      clock.cleared++;
      clock.timers.delete(timer as { run: () => void; atMs: number });
    },
  };
  return clock;
}

test('a deadline that moves into the future costs no new timer', () => {
  const clock = handClock();
  let rings = 0;
  const timer = new DeadlineTimer(clock.scheduler, () => rings++);
  timer.arm(0, 200);
  timer.arm(10, 210);
  timer.arm(20, 1000);
  timer.arm(30, Number.POSITIVE_INFINITY);
  expect(clock.delays).toEqual([200]);
  expect(clock.cleared).toBe(0);
  clock.passTo(200);
  expect(rings).toBe(1);
});

test('an earlier deadline replaces the timer', () => {
  const clock = handClock();
  const timer = new DeadlineTimer(clock.scheduler, () => {});
  timer.arm(0, 200);
  timer.arm(0, 40);
  expect(clock.delays).toEqual([200, 40]);
  expect(clock.cleared).toBe(1);
});

test('a deadline that is due, or less than a tick ahead, waits a whole tick: never a timer of 0', () => {
  const clock = handClock();
  const timer = new DeadlineTimer(clock.scheduler, () => {});
  timer.arm(5, 5.001);
  clock.passTo(6);
  clock.now = 7;
  timer.arm(7, 3);
  expect(clock.delays).toEqual([1, 1]);
  timer.arm(7.2, 7.9);
  expect(clock.delays).toEqual([1, 1]);
});

test('a fraction is rounded up, so that the deadline has passed when it rings', () => {
  const clock = handClock();
  const timer = new DeadlineTimer(clock.scheduler, () => {});
  timer.arm(0.25, 40.5);
  expect(clock.delays).toEqual([41]);
});

test('a disarmed timer does not ring', () => {
  const clock = handClock();
  let rings = 0;
  const timer = new DeadlineTimer(clock.scheduler, () => rings++);
  timer.arm(0, 10);
  timer.disarm();
  clock.passTo(100);
  expect(rings).toBe(0);
});
