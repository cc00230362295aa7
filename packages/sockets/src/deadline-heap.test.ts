/** The heap of deadlines against a sorted list. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { DeadlineHeap, type HeapItem } from './deadline-heap.ts';

function item(): HeapItem {
  return { heapIndex: -1, armedAtMs: Infinity };
}

test('gives items by rising deadline, through any arming, removing and popping', () => {
  const command = fc.tuple(
    fc.constantFrom('arm', 'arm', 'arm', 'remove', 'pop'),
    fc.nat(15),
    fc.oneof(fc.nat(50), fc.constant(Infinity)),
  );
  holds(
    fc.property(fc.array(command, { maxLength: 300, size: 'max' }), (commands) => {
      const items = Array.from({ length: 16 }, item);
      const heap = new DeadlineHeap<HeapItem>();
      /** What each item is filed under. */
      const model = new Map<HeapItem, number>();
      for (const [command, which, deadlineMs] of commands) {
        const one = items[which] as HeapItem;
        if (command === 'arm') {
          heap.arm(one, deadlineMs);
          const earlier = Math.min(model.get(one) ?? Infinity, deadlineMs);
          if (earlier !== Infinity) model.set(one, earlier);
        } else if (command === 'remove') {
          heap.remove(one);
          model.delete(one);
        } else if (model.size > 0) {
          const earliest = Math.min(...model.values());
          const popped = heap.pop();
          expect(model.get(popped)).toBe(earliest);
          expect(popped).toMatchObject({ heapIndex: -1, armedAtMs: Infinity });
          model.delete(popped);
        }
        expect(heap.size).toBe(model.size);
        expect(heap.earliestMs()).toBe(Math.min(Infinity, ...model.values()));
        for (const each of items) expect(each.armedAtMs).toBe(model.get(each) ?? Infinity);
      }
    }),
  );
});

test('a deadline that moves later keeps its old place: the owner files it anew when it comes up', () => {
  const heap = new DeadlineHeap<HeapItem>();
  const one = item();
  heap.arm(one, 10);
  heap.arm(one, 20);
  expect(heap.earliestMs()).toBe(10);
  heap.arm(one, 5);
  expect(heap.earliestMs()).toBe(5);
  expect(heap.pop()).toBe(one);
  heap.arm(one, 20);
  expect(heap.earliestMs()).toBe(20);
});

test('no deadline is not filed, and removing what is not in changes nothing', () => {
  const heap = new DeadlineHeap<HeapItem>();
  const one = item();
  heap.arm(one, Infinity);
  heap.remove(one);
  expect([heap.size, heap.earliestMs()]).toEqual([0, Infinity]);
  expect(() => heap.pop()).toThrow('a deadline is taken only from a heap that has one');
});
