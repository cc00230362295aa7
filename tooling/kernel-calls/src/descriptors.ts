/**
 * Which descriptors of the helper process are the program's. Node has some open, with holes between; all below `BASE` are
 * filled, so that the kernel gives the numbers from there on, lowest first, and they are told as if from 3 on.
 */

import { openSync } from 'node:fs';
import { libc } from './libc.ts';

const FIRST = 3;
const BASE = 100;
const RLIMIT_NOFILE = 7;

/** The kernel's number of the program's descriptor. */
export function realFd(fd: number): number {
  return fd < 0 ? fd : fd + BASE - FIRST;
}

/** A result that may be a descriptor, as the program sees it. */
export function programFd(result: number): number {
  return result < BASE ? result : result - BASE + FIRST;
}

/** Fills what is below `BASE`; from then on numbers end before `limit`, as the program counts them. */
export function arrangeDescriptors(limit: number): void {
  while (openSync('/dev/null', 'r') < BASE - 1);
  const value = BigUint64Array.of(BigInt(realFd(limit)), BigInt(realFd(limit)));
  const result = libc.setrlimit(RLIMIT_NOFILE, new Uint8Array(value.buffer));
  if (result < 0) throw new Error(`setrlimit gave ${result}`);
}

/** Opens a file of the helper's own for as long as the next one is not opened in this place, 0 or 1. */
export function openOwn(place: 0 | 1, path: string): number {
  libc.close(BASE - 1 - place);
  return openSync(path, 'r');
}

/** Lets a descriptor of the helper's own be opened in this place, from 2 on. */
export function inOwnPlace(place: number, open: () => number): number {
  libc.close(BASE - 1 - place);
  return open();
}

/** Closes all that the program has open below `limit`. */
export function closeAll(limit: number): void {
  for (let fd = FIRST; fd < limit; fd++) libc.close(realFd(fd));
}
