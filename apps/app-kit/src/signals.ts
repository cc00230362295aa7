/** Serving until somebody says stop. */

/**
 * Resolves at the first SIGINT or SIGTERM. From then on a second one ends the process at once: the
 * person has waited long enough.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(1);
      stopping = true;
      resolve(signal);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}
