/** Keeps the process alive while somebody uses a Host, and until its last bytes were acknowledged. */

import type { Scheduler } from './scheduler.ts';

/** How often a Host that nobody uses any more is asked whether it still has something to deliver. */
const CHECK_EVERY_MS = 20;

/**
 * In the kernel a connection lives on when its process ends; here the process is the kernel. So when the
 * last user is gone the hold stays until `lingers` says that nothing waits to be delivered. That question
 * walks all sockets, so it is asked on a timer and not at each change of the count.
 */
export class ProcessHold {
  readonly #scheduler: Scheduler;
  readonly #lingers: () => boolean;
  #users = 0;
  #hold: unknown = null;
  #check: unknown = null;

  /** @param lingers Whether closed sockets still have bytes or a FIN to deliver. */
  constructor(scheduler: Scheduler, lingers: () => boolean) {
    this.#scheduler = scheduler;
    this.#lingers = lingers;
  }

  /** One more reason to stay. */
  ref(): void {
    this.#users++;
    if (this.#hold === null) this.#hold = this.#scheduler.holdProcess?.() ?? null;
  }

  /** One reason less. */
  unref(): void {
    this.#users--;
    if (this.#users === 0 && this.#hold !== null && this.#check === null) this.#checkLater();
  }

  /** Lets the process go, whatever the count. */
  release(): void {
    if (this.#check !== null) this.#scheduler.clearTimer(this.#check);
    if (this.#hold !== null) this.#scheduler.clearTimer(this.#hold);
    this.#check = null;
    this.#hold = null;
  }

  #checkLater(): void {
    this.#check = this.#scheduler.setTimer(() => {
      this.#check = null;
      if (this.#users > 0) return;
      if (this.#lingers()) this.#checkLater();
      else this.release();
    }, CHECK_EVERY_MS);
  }
}
