/** A listener of ours whose user accepts only when the test says so. */

import type { Driver } from '@tcpstack/runtime/driver';
import { IPPROTO_TCP, TCP_DEFER_ACCEPT } from '@tcpstack/sockets/constants';
import { OUR_ADDRESS } from './link-choice.ts';

/** How the listener is made. */
export interface DoorChoice {
  readonly port: number;
  readonly backlog: number;
  /** TCP_DEFER_ACCEPT; 0 for none. */
  readonly deferSeconds: number;
}

export class Door {
  readonly #driver: Driver;
  readonly #fd: number;

  constructor(driver: Driver, { port, backlog, deferSeconds }: DoorChoice) {
    const { sys } = driver;
    this.#driver = driver;
    this.#fd = sys.socket();
    sys.bind(this.#fd, OUR_ADDRESS, port);
    sys.setsockopt(this.#fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, deferSeconds);
    sys.listen(this.#fd, backlog);
  }

  /** Accepts all that wait, and sends the first word of each back; says how many they are. */
  admit(): number {
    let count = 0;
    for (;;) {
      const fd = this.#driver.sys.accept(this.#fd);
      if (fd < 0) return count;
      count++;
      this.#answer(fd).catch(() => this.#driver.closeFd(fd));
    }
  }

  async #answer(fd: number): Promise<void> {
    const word = new Uint8Array(100);
    const length = await this.#driver.read(fd, word);
    await this.#driver.write(fd, word, 0, length);
    this.#driver.closeFd(fd);
  }
}
