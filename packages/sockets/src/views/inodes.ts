/** A number for each socket, as the kernel has inodes: given when it is first asked for, and never to another. */

/** The numbers of one Host. */
export class Inodes {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  of(socket: object): number {
    const known = this.#numbers.get(socket);
    if (known !== undefined) return known;
    this.#numbers.set(socket, ++this.#last);
    return this.#last;
  }
}
