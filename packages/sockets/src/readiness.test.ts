/** The list behind pollReady, which must not grow for ever. */

import { expect, test } from 'vitest';
import { entropy } from '../test/world.ts';
import { createKernel } from './kernel.ts';
import { wake } from './readiness.ts';
import { createSocket } from './socket.ts';
import { createSyscalls } from './syscalls.ts';

test('a program that never asks pollReady, and opens and closes for ever, fills no list', () => {
  const kernel = createKernel({ address: '10.0.0.1', mtuBytes: 1500, entropy: entropy(1) });
  const { ownFds, ready } = kernel;
  const sys = createSyscalls(kernel, ownFds);
  const first = createSocket(kernel.optionValues);
  ownFds.add(first);
  wake(kernel, first);
  let most = 0;
  for (let i = 0; i < 10_000; i++) {
    const socket = createSocket(kernel.optionValues);
    const fd = ownFds.add(socket);
    wake(kernel, socket);
    wake(kernel, socket);
    sys.close(fd);
    most = Math.max(most, ready.length);
  }
  expect(most).toBeLessThan(1100);
  // What is not void stays, in its place.
  expect([ready[0], ownFds.isReady(first.fd)]).toEqual([first.fd, true]);
});
