/** poll(2), select(2) and epoll_wait(2) that wait: tried again whenever something became ready, until their time is over. */

import { ECONNABORTED } from '@tcpstack/sockets/errno';
import type { Scheduler } from './scheduler.ts';
import { systemError } from './system-error.ts';

/** What waiting needs of the driver. */
export interface WaitingPort {
  readonly scheduler: Scheduler;
  ref(): void;
  unref(): void;
}

type Attempt = (isPatient: boolean) => number;

interface WaitingPoll {
  /** How many are ready, or a negative errno; told whether to wait when none is. */
  readonly attempt: Attempt;
  readonly resolve: (result: number) => void;
  readonly reject: (errno: number) => void;
  timer: unknown;
}

export class WaitingPolls {
  readonly #port: WaitingPort;
  readonly #waiting = new Set<WaitingPoll>();

  constructor(port: WaitingPort) {
    this.#port = port;
  }

  /**
   * Resolves with what `attempt` returns once that is more than 0, or with 0 after the time-out.
   *
   * @param timeoutMs 0 does not wait; negative, or `Infinity`, waits for ever.
   */
  run(syscall: string, attempt: Attempt, timeoutMs: number): Promise<number> {
    return new Promise((resolve, fail) => {
      const reject = (errno: number): void => fail(systemError(errno, syscall));
      const result = attempt(timeoutMs !== 0);
      if (result < 0) return reject(result);
      if (result > 0 || timeoutMs === 0) return resolve(result);
      const poll: WaitingPoll = { attempt, resolve, reject, timer: null };
      this.#waiting.add(poll);
      this.#port.ref();
      if (timeoutMs > 0 && timeoutMs < Infinity) {
        poll.timer = this.#port.scheduler.setTimer(() => this.#timeOut(poll), timeoutMs);
      }
    });
  }

  /** Something became ready. */
  recheck(): void {
    for (const poll of this.#waiting) {
      const result = poll.attempt(true);
      if (result !== 0) this.#settle(poll, result);
    }
  }

  /** Rejects all that wait. */
  cancel(): void {
    for (const poll of this.#waiting) this.#settle(poll, -ECONNABORTED);
  }

  #timeOut(poll: WaitingPoll): void {
    poll.timer = null;
    if (this.#waiting.has(poll)) this.#settle(poll, poll.attempt(false));
  }

  #settle(poll: WaitingPoll, result: number): void {
    this.#waiting.delete(poll);
    if (poll.timer !== null) this.#port.scheduler.clearTimer(poll.timer);
    this.#port.unref();
    if (result < 0) poll.reject(result);
    else poll.resolve(result);
  }
}
