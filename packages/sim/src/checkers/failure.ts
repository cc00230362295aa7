/** What a checker says when a world went wrong. */

/** A fact that every world must show did not hold. */
export class SimFailure extends Error {
  override readonly name = 'SimFailure';
}

/** Fails the world unless `condition` holds. */
export function check(condition: boolean, say: () => string): void {
  if (!condition) throw new SimFailure(say());
}
