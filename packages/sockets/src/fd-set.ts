/** The sets of descriptors that select() takes: one bit for each number. */

/** 32 descriptors a word; as many words as the program likes, 32 of them for `FD_SETSIZE`. */
export type FdSet = Uint32Array | Int32Array;

/** What a set of usual size holds. */
export const FD_SETSIZE = 1024;

/** An empty set of `size` descriptors. */
export function createFdSet(size: number = FD_SETSIZE): Uint32Array {
  return new Uint32Array((size + 31) >>> 5);
}

export function FD_SET(fd: number, set: FdSet): void {
  const word = set[fd >>> 5];
  if (word !== undefined) set[fd >>> 5] = word | (1 << (fd & 31));
}

export function FD_CLR(fd: number, set: FdSet): void {
  const word = set[fd >>> 5];
  if (word !== undefined) set[fd >>> 5] = word & ~(1 << (fd & 31));
}

export function FD_ISSET(fd: number, set: FdSet): boolean {
  return ((set[fd >>> 5] ?? 0) & (1 << (fd & 31))) !== 0;
}

export function FD_ZERO(set: FdSet): void {
  set.fill(0);
}
