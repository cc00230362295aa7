/** Errors that a program throws out of the event loop, seen by a test. */

/** Runs with a handler of uncaught exceptions in place of the test runner's. */
export async function catching(run: (caught: unknown[]) => Promise<void>): Promise<void> {
  const caught: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => caught.push(error));
  try {
    await run(caught);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  }
}
