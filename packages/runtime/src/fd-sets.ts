/** The three sets of select(2), kept while it waits: each attempt asks for all of them again. */

import type { FdSet } from '@tcpstack/sockets/fd-set';

/** Those that are left out ask for nothing. */
export interface FdSets {
  readonly reads?: FdSet;
  readonly writes?: FdSet;
  readonly excepts?: FdSet;
}

/** A copy that nobody changes. */
export function copySets({ reads, writes, excepts }: FdSets): (FdSet | undefined)[] {
  return [reads?.slice(), writes?.slice(), excepts?.slice()];
}

/** Puts back into `sets` what was copied. */
export function restoreSets({ reads, writes, excepts }: FdSets, copies: readonly (FdSet | undefined)[]): void {
  const sets = [reads, writes, excepts];
  for (const [i, copy] of copies.entries()) if (copy !== undefined) sets[i]?.set(copy);
}
