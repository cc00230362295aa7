/** `setTimeout` of a socket: rings after a time without traffic, and never keeps the process alive. */

/** What is told of it. */
export interface Idler {
  _onTimeout(): void;
}

export class IdleTimer {
  readonly #socket: Idler;
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: Idler) {
    this.#socket = socket;
  }

  /** Starts anew with `delayMs`; 0 turns it off. */
  set(delayMs: number): void {
    this.stop();
    if (delayMs > 0) this.#timer = setTimeout(() => this.#socket._onTimeout(), delayMs).unref();
  }

  /** There was traffic: it rings again a whole time from now, also when it rang. */
  touch(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
