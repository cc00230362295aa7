/** Asks for routers (RFC 4861 §6.3.7), and goes on asking ever more rarely until one answers (RFC 7559). */

// RFC 4861 §10, RFC 7559 §2; Linux's `router_solicitation_delay`, `_interval` and `_max_interval`.
const DELAY_MAX_MS = 1000;
const FIRST_INTERVAL_MS = 4000;
const INTERVAL_MAX_MS = 3_600_000;

/** The solicitations of one interface. */
export class RouterSolicitor {
  readonly #random: () => number;
  readonly #send: () => void;
  #timerMs = Infinity;
  #intervalMs = 0;

  /** @param send Sends a solicitation. */
  constructor(random: () => number, send: () => void) {
    this.#random = random;
    this.#send = send;
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    return this.#timerMs;
  }

  /**
   * "Before a host sends an initial solicitation, it SHOULD delay the transmission for a random amount of time between 0
   * and MAX_RTR_SOLICITATION_DELAY." — RFC 4861 §6.3.7
   */
  start(nowMs: number): void {
    this.#intervalMs = 0;
    this.#timerMs = nowMs + this.#random() * DELAY_MAX_MS;
  }

  /** A router answered, one that packets can be sent to: "the host MUST ... stop". */
  stop(): void {
    this.#timerMs = Infinity;
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    if (nowMs < this.#timerMs) return;
    this.#send();
    // "RT for the first message transmission is based on IRT: RT = IRT + RAND*IRT"; then "RT = 2*RTprev + RAND*RTprev",
    // at most MRT; RAND is between -0.1 and 0.1 — RFC 7559 §2 and RFC 3315 §14
    const jitter = (this.#random() - 0.5) / 5;
    const nextMs = this.#intervalMs === 0 ? FIRST_INTERVAL_MS * (1 + jitter) : this.#intervalMs * (2 + jitter);
    this.#intervalMs = nextMs > INTERVAL_MAX_MS ? INTERVAL_MAX_MS * (1 + jitter) : nextMs;
    this.#timerMs = nowMs + this.#intervalMs;
  }
}
