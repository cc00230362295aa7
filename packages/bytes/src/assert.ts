/** Assertions that stay on in production: they guard our own logic, never a packet's or a user's. */

/** A fact that our own code promised did not hold. Seeing one is always a bug in this stack. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/**
 * Stops the program when `condition` is false.
 *
 * @param fact One fact as a sentence, in the positive: "SND.UNA never moves back".
 */
export function assert(condition: boolean, fact: string): asserts condition {
  if (!condition) throw new AssertionError(fact);
}

/** Ends a `switch` over a union: does not compile when a member is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`every case is handled, but met ${String(value)}`);
}
