/** Where a driver gets the time, "soon" and "later" from; replaced in tests. */

/** A clock and two ways to wait on it. */
export interface Scheduler {
  /** Milliseconds with fractions, from any fixed start; never runs backwards. */
  nowMs(): number;
  /** Runs `run` once, soon: after what is queued now, and after the pending promise reactions. */
  defer(run: () => void): void;
  /**
   * Runs `run` once, `delayMs` from now or later, and does not keep the process alive for it.
   *
   * @returns What `clearTimer` takes.
   */
  setTimer(run: () => void, delayMs: number): unknown;
  /** Forgets what `setTimer` or `holdProcess` began. */
  clearTimer(timer: unknown): void;
  /**
   * Keeps the process alive until `clearTimer` is called with what this returns. A scheduler of tests
   * or of a page, which has no process to keep, leaves it out.
   */
  holdProcess?(): unknown;
}

/** Node's longest timer; a longer one would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

function nothing(): void {}

/** Node's own clock, `setImmediate` and timers. */
export const nodeScheduler: Scheduler = {
  nowMs: () => performance.now(),
  defer: (run) => {
    setImmediate(run);
  },
  setTimer: (run, delayMs) => setTimeout(run, Math.min(delayMs, DELAY_MS_MAX)).unref(),
  clearTimer: (timer) => {
    clearTimeout(timer as NodeJS.Timeout);
  },
  holdProcess: () => setTimeout(nothing, DELAY_MS_MAX),
};
