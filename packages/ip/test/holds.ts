/** Runs a property that is synchronous, and says so in its type. */

import * as fc from 'fast-check';

/** Throws with the smallest counterexample found, and the seed that replays it. */
export function holds<Ts>(property: fc.IProperty<Ts>, parameters: fc.Parameters<Ts> = {}): void {
  // biome-ignore lint/nursery/noFloatingPromises: of its overloads, the one for synchronous properties returns nothing
  fc.assert(property, parameters);
}
