/** The process stays while a Host is used or still delivers, and not longer. */

import { expect, test } from 'vitest';
import { ProcessHold } from './process-hold.ts';
import type { Scheduler } from './scheduler.ts';

function holdScheduler(): Scheduler & { holds: number; timers: Set<() => void>; ring(): void } {
  const self = {
    holds: 0,
    timers: new Set<() => void>(),
    nowMs: () => 0,
    defer: () => {},
    setTimer: (run: () => void) => {
      self.timers.add(run);
      return run;
    },
    clearTimer: (timer: unknown) => {
      if (!self.timers.delete(timer as () => void)) self.holds--;
    },
    holdProcess: () => {
      self.holds++;
      return 'hold';
    },
    ring: () => {
      for (const run of [...self.timers]) {
        self.timers.delete(run);
        run();
      }
    },
  };
  return self;
}

test('it holds from the first user on, and lets go some time after the last', () => {
  const scheduler = holdScheduler();
  const hold = new ProcessHold(scheduler, () => false);
  hold.ref();
  hold.ref();
  expect(scheduler.holds).toBe(1);
  hold.unref();
  scheduler.ring();
  expect(scheduler.holds).toBe(1);
  hold.unref();
  expect(scheduler.holds).toBe(1);
  scheduler.ring();
  expect(scheduler.holds).toBe(0);
});

test('it holds on while something closed is still being delivered', () => {
  const scheduler = holdScheduler();
  let lingers = true;
  const hold = new ProcessHold(scheduler, () => lingers);
  hold.ref();
  hold.unref();
  scheduler.ring();
  scheduler.ring();
  expect(scheduler.holds).toBe(1);
  lingers = false;
  scheduler.ring();
  expect(scheduler.holds).toBe(0);
});

test('users that come and go quickly cost one timer, not one each', () => {
  const scheduler = holdScheduler();
  let asked = 0;
  const hold = new ProcessHold(scheduler, () => {
    asked++;
    return false;
  });
  for (let i = 0; i < 100; i++) {
    hold.ref();
    hold.unref();
  }
  expect(scheduler.timers.size).toBe(1);
  hold.ref();
  scheduler.ring();
  expect(asked).toBe(0);
  expect(scheduler.holds).toBe(1);
  hold.unref();
  scheduler.ring();
  expect(scheduler.holds).toBe(0);
});
