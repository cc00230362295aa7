/** Ends a wait during which nothing moves, with a picture of the standstill. */

import { progress } from './conversation.ts';

const LOOK_MS = 500;

/** Like `work`, but rejects when no byte moved in this process for `stallMs`; `describe` says what things look like. */
export async function watch<T>(work: Promise<T>, stallMs: number, describe: () => string): Promise<T> {
  let bytes = progress.bytes;
  let movedAtMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const nowMs = performance.now();
      if (progress.bytes !== bytes) {
        bytes = progress.bytes;
        movedAtMs = nowMs;
      } else if (nowMs - movedAtMs > stallMs) {
        reject(new Error(`nothing moved for ${stallMs} ms, after ${bytes} bytes: ${describe()}`));
      }
    }, LOOK_MS);
  });
  try {
    return await Promise.race([work, stalled]);
  } finally {
    clearInterval(timer);
  }
}
