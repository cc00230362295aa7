/** The queues of a listener, and that of resets: order, bounds, and what is taken from the middle. */

import { ANY_IPV4 as ANY, IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeConnection, fakeSocket, listens } from '../test/fakes.ts';
import { holds } from '../test/holds.ts';
import { AcceptQueue } from './accept-queue.ts';
import type { Connection } from './connection.ts';
import { ResetQueue, type WaitingReset } from './reset-queue.ts';
import { SynQueue } from './syn-queue.ts';

describe('the accept queue', () => {
  test('first in, first out, also after one from the middle was taken', () => {
    const queue = new AcceptQueue(5);
    const [a, b, c] = [fakeConnection(), fakeConnection(), fakeConnection()];
    for (const one of [a, b, c]) queue.push(one);
    queue.remove(b);
    expect([queue.length, queue.shift(), queue.shift(), queue.shift()]).toEqual([2, a, c, null]);
    expect(queue.length).toBe(0);
  });

  test.each([0, 1, 5])('a backlog of %i is full with one more than that, as in Linux', (backlog) => {
    const queue = new AcceptQueue(backlog);
    for (let i = 0; i <= backlog; i++) {
      expect(queue.full).toBe(false);
      queue.push(fakeConnection());
    }
    expect(queue.full).toBe(true);
    queue.resize(backlog + 1);
    expect([queue.full, queue.backlog]).toEqual([false, backlog + 1]);
    queue.resize(backlog);
    queue.shift();
    expect(queue.full).toBe(false);
  });
});

describe('the SYN queue', () => {
  test.each([
    [0, 8],
    [7, 8],
    [8, 9],
    [100, 101],
  ])('a backlog of %i holds %i half-open connections', (backlog, most) => {
    const queue = new SynQueue(backlog);
    const all = Array.from({ length: most }, () => fakeConnection());
    for (const one of all) {
      expect(queue.full).toBe(false);
      queue.add(one);
    }
    expect([queue.full, queue.length]).toEqual([true, most]);
    queue.remove(all[3] as Connection);
    expect([queue.full, queue.length]).toEqual([false, most - 1]);
    expect([...queue.values()]).toEqual(all.filter((_, i) => i !== 3));
  });
});

describe('the listener moves connections from one to the other', () => {
  test('half-open, promoted, dropped', () => {
    const { listener } = listens(fakeSocket(ANY, 80));
    const [a, b] = [fakeConnection(), fakeConnection()];
    for (const one of [a, b]) listener?.addHalfOpen(one);
    expect([a.queue, a.listener]).toEqual(['syn', listener]);
    listener?.promote(a);
    expect([a.queue, listener?.synQueue.length, listener?.acceptQueue.length]).toEqual(['accept', 1, 1]);
    expect(() => listener?.promote(a)).toThrow('only half-open connections are promoted');
    for (const one of [a, b]) listener?.drop(one);
    expect([a.queue, a.listener, listener?.synQueue.length, listener?.acceptQueue.length]).toEqual(['', null, 0, 0]);
  });
});

describe('the reset queue', () => {
  test('gives back what was put in, in order, through any pushing and taking', () => {
    const address = fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer()).map((w) => new IpAddress(...w));
    const fields = fc.tuple(address, address, fc.nat(65_535), fc.nat(65_535), fc.integer(), fc.integer(), fc.nat(255));
    holds(
      fc.property(fc.array(fc.oneof(fields, fc.constant(null)), { maxLength: 700, size: 'max' }), (commands) => {
        const queue = new ResetQueue();
        const model: WaitingReset[] = [];
        for (const one of commands) {
          if (one !== null) {
            const [localAddress, remoteAddress, localPort, remotePort, seq, ack, flags] = one;
            expect(queue.push(...one, 63)).toBe(true);
            const rest = { seq, ack, flags, tosByte: 0, ttlHops: 63 };
            model.push({ localAddress, remoteAddress, localPort, remotePort, ...rest });
          } else if (model.length > 0) {
            expect(queue.peek()).toEqual(model.shift());
            queue.shift();
          }
          expect(queue.length).toBe(model.length);
          // Bounded: a test of that follows.
          if (model.length === 256) while (queue.length > 0) [queue.shift(), model.shift()];
        }
      }),
    );
  });

  test('the resets of our own connections always find room, in order, wherever the queue begins', () => {
    const queue = new ResetQueue();
    for (let i = 0; i < 100; i++) queue.push(ANY, ipv4Address(i), 1, 2, 3, 4, 5, 64);
    for (let i = 0; i < 100; i++) queue.shift();
    for (let i = 0; i < 1000; i++) queue.pushAbort(ANY, ipv4Address(i), 1, 2, 3, 4, 5, 7, 65);
    expect(queue.length).toBe(1000);
    expect(queue.push(ANY, ANY, 1, 2, 3, 4, 5, 64)).toBe(false);
    for (let i = 0; i < 1000; i++) {
      const { remoteAddress, localPort, remotePort, flags, tosByte, ttlHops } = queue.peek();
      expect([remoteAddress.w3, localPort, remotePort, flags, tosByte, ttlHops]).toEqual([i, 1, 2, 5, 7, 65]);
      queue.shift();
    }
    expect(queue.length).toBe(0);
  });

  test('256 wait at most, and taking one makes room for one', () => {
    const queue = new ResetQueue();
    for (let i = 0; i < 256; i++) expect(queue.push(ANY, ipv4Address(i), 1, 2, 3, 4, 5, 64)).toBe(true);
    expect(queue.push(ANY, ANY, 1, 2, 3, 4, 5, 64)).toBe(false);
    expect(queue.length).toBe(256);
    queue.shift();
    expect(queue.push(ANY, ANY, 1, 2, 3, 4, 5, 64)).toBe(true);
    expect(queue.push(ANY, ANY, 1, 2, 3, 4, 5, 64)).toBe(false);
    expect(queue.peek().remoteAddress).toEqual(ipv4Address(1));
  });
});
