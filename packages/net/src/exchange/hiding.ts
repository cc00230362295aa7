/** A socket that is, for a moment, no `net.Socket` to those who ask. */

let hidden: unknown = null;

export function isHidden(object: unknown): boolean {
  return hidden !== null && hidden === object;
}

/**
 * Node's TLS reaches into the handle of a `net.Socket` below it, and wraps any other stream. A socket of ours is to be
 * wrapped: while `run` sets TLS up on it, it is a stream like any other.
 */
export function hiding<T>(socket: unknown, run: () => T): T {
  const before = hidden;
  hidden = socket;
  try {
    return run();
  } finally {
    hidden = before;
  }
}
