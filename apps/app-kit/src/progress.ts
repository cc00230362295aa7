/** How far a long transfer is: one line on a terminal, drawn again and again, gone at the end. */

import { count } from './say.ts';

/** How often the line is drawn; a short transfer is over before the first time. */
const INTERVAL_MS = 200;
/** Back to the beginning of the line, and the rest of it erased. */
const ERASED = '\r\u001b[K';

export interface Progress {
  /** @param totalBytes `null` when it is not known. */
  update(doneBytes: number, totalBytes: number | null): void;
  /** Takes the line away. */
  end(): void;
}

/** Draws on `stream` when it is a terminal; otherwise nothing is drawn. */
export function createProgress(verb: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { update: () => {}, end: () => {} };
  const startMs = performance.now();
  let drawnMs = startMs;
  return {
    update: (doneBytes, totalBytes) => {
      const nowMs = performance.now();
      if (nowMs - drawnMs < INTERVAL_MS) return;
      drawnMs = nowMs;
      stream.write(`${ERASED}${progressText(verb, doneBytes, totalBytes, nowMs - startMs)}`);
    },
    end: () => {
      if (drawnMs > startMs) stream.write(ERASED);
    },
  };
}

/** "received 12,000,000 of 100,000,000 bytes, 12 %, 34.5 MB/s, 3 s left" */
export function progressText(verb: string, doneBytes: number, totalBytes: number | null, passedMs: number): string {
  const bytesPerMs = passedMs > 0 ? doneBytes / passedMs : 0;
  const rate = `${(bytesPerMs / 1000).toFixed(1)} MB/s`;
  if (totalBytes === null) return `${verb} ${count(doneBytes)} bytes, ${rate}`;
  const share = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes);
  const left = bytesPerMs > 0 ? `, ${Math.ceil((totalBytes - doneBytes) / bytesPerMs / 1000)} s left` : '';
  return `${verb} ${count(doneBytes)} of ${count(totalBytes)} bytes, ${share} %, ${rate}${left}`;
}
