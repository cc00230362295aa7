/** Ends a stack in order: what was said is delivered, and every peer is told. */

import type { Stack } from '@tcpstack/net';

/** How often to look whether connections are over. */
const LOOK_MS = 5;

/**
 * Waits until every connection has ended or is in TIME-WAIT, at most `graceMs`, then stops the stack. What is
 * still open then is reset. TIME-WAIT guards against old segments of a peer; with the address gone there is
 * nothing left to guard.
 */
export async function closeInOrder(stack: Stack, graceMs: number): Promise<void> {
  await connectionsEnded(stack, graceMs);
  await stack.close();
}

/** Resolves when every connection has ended or is in TIME-WAIT, and after `withinMs` in any case. */
export async function connectionsEnded(stack: Stack, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (hasOpenConnections(stack) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function hasOpenConnections(stack: Stack): boolean {
  return stack.host.sockets().some(({ tcp, state }) => tcp !== null && state !== 'TIME-WAIT' && state !== 'CLOSED');
}
