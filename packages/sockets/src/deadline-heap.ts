/** The earliest deadline of many: a binary heap in which each item knows its place. */

import { assert } from '@tcpstack/bytes/assert';

/** Something with a deadline. The heap owns both fields. */
export interface HeapItem {
  /** Place in the heap, -1 when not in it. */
  heapIndex: number;
  /** The deadline it is filed under; the true one may be later. */
  armedAtMs: number;
}

/**
 * Lazy in one direction: a deadline that moves later (which each ACK does) costs nothing; the item comes up at
 * its old time and its owner files it anew.
 */
export class DeadlineHeap<T extends HeapItem> {
  readonly #items: T[] = [];

  /** Items filed. */
  get size(): number {
    return this.#items.length;
  }

  /** The earliest filed deadline, `Infinity` when empty. */
  earliestMs(): number {
    return this.#items.length === 0 ? Infinity : (this.#items[0] as T).armedAtMs;
  }

  /** Files `item` under `deadlineMs` unless it is filed under an earlier one already. */
  arm(item: T, deadlineMs: number): void {
    if (item.heapIndex < 0) {
      if (deadlineMs === Infinity) return;
      item.armedAtMs = deadlineMs;
      item.heapIndex = this.#items.length;
      this.#items.push(item);
    } else if (deadlineMs < item.armedAtMs) {
      item.armedAtMs = deadlineMs;
    } else {
      return;
    }
    this.#up(item.heapIndex);
  }

  /** Takes out the earliest item; the heap is not empty. */
  pop(): T {
    const first = this.#items[0];
    assert(first !== undefined, 'a deadline is taken only from a heap that has one');
    this.remove(first);
    return first;
  }

  /** Takes `item` out, if it is in. */
  remove(item: T): void {
    const at = item.heapIndex;
    if (at < 0) return;
    const last = this.#items.pop() as T;
    item.heapIndex = -1;
    item.armedAtMs = Infinity;
    if (last === item) return;
    this.#items[at] = last;
    last.heapIndex = at;
    this.#up(at);
    this.#down(last.heapIndex);
  }

  #up(from: number): void {
    let at = from;
    const item = this.#items[at] as T;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#items[parentAt] as T;
      if (parent.armedAtMs <= item.armedAtMs) break;
      this.#place(parent, at);
      at = parentAt;
    }
    this.#place(item, at);
  }

  #down(from: number): void {
    let at = from;
    const item = this.#items[at] as T;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= this.#items.length) break;
      const right = this.#items[childAt + 1];
      if (right !== undefined && right.armedAtMs < (this.#items[childAt] as T).armedAtMs) childAt++;
      const child = this.#items[childAt] as T;
      if (item.armedAtMs <= child.armedAtMs) break;
      this.#place(child, at);
      at = childAt;
    }
    this.#place(item, at);
  }

  #place(item: T, at: number): void {
    this.#items[at] = item;
    item.heapIndex = at;
  }
}
