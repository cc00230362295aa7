/** What is to happen when: a binary heap by time, then by the order in which things were added. */

/** Something that happens at a time. */
export interface Due {
  /** On the world's clock. */
  atMs: number;
  /** Set by the queue: of two things due at once, the one added first happens first. */
  order: number;
  fire(): void;
}

export class DueQueue {
  readonly #heap: Due[] = [];
  #added = 0;

  /** Things that wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the next thing is due; `Infinity` when nothing waits. */
  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Infinity;
  }

  /** Adds `due`, which must not wait here already. */
  add(due: Due): void {
    due.order = this.#added++;
    const heap = this.#heap;
    let i = heap.length;
    heap.push(due);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Due;
      if (isBefore(above, due)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = due;
  }

  /** Takes out the first; asked only when something waits. */
  take(): Due {
    const heap = this.#heap;
    const first = heap[0] as Due;
    const last = heap.pop() as Due;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(due: Due): void {
    const heap = this.#heap;
    const { length } = heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      const below = heap[child] as Due;
      if (isBefore(due, below)) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = due;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
