/** The largest value of a sliding window, from its three best candidates (Kathleen Nichols' algorithm). */

/** Times may be any counter that never goes back; `windowLength` is in its units. */
export class WindowedMax {
  // Largest first, and each one younger than the one before it.
  readonly #values = [0, 0, 0];
  readonly #times = [0, 0, 0];

  get max(): number {
    return this.#values[0];
  }

  /** Takes a value; returns the largest of the window. */
  update(value: number, time: number, windowLength: number): number {
    const [first, , third] = this.#values;
    if (value >= first || time - this.#times[2] > windowLength) {
      // A new best, or nothing left in the window: this is all that there is to know.
      for (let i = 0; i < 3; i++) this.#set(i, value, time);
      return value;
    }
    if (value >= this.#values[1]) {
      this.#set(1, value, time);
      this.#set(2, value, time);
    } else if (value >= third) {
      this.#set(2, value, time);
    }
    this.#expire(value, time, windowLength);
    return this.#values[0];
  }

  /** Drops the best when it is too old; takes care that the runners-up are not all of one moment. */
  #expire(value: number, time: number, windowLength: number): void {
    const times = this.#times;
    const age = time - times[0];
    if (age > windowLength) {
      this.#promote(value, time);
      if (time - times[0] > windowLength) this.#promote(value, time);
    } else if (times[1] === times[0] && age > windowLength / 4) {
      this.#set(1, value, time);
      this.#set(2, value, time);
    } else if (times[2] === times[1] && age > windowLength / 2) {
      this.#set(2, value, time);
    }
  }

  #promote(value: number, time: number): void {
    this.#set(0, this.#values[1], this.#times[1]);
    this.#set(1, this.#values[2], this.#times[2]);
    this.#set(2, value, time);
  }

  #set(i: number, value: number, time: number): void {
    this.#values[i] = value;
    this.#times[i] = time;
  }
}
