/** Which places of the sources give an error that no case comes to: by V8's count of what ran. */

import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

/** A place in a function that gives an error. */
export interface ErrorPlace {
  /** The file's path below the sources. */
  readonly file: string;
  readonly inside: string;
  readonly error: string;
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

const PLACE = /-E[A-Z]{3,}\b/g;

/** Runs `work`, which imports the sources itself, and returns what it gave with the places below `folder` that did not run. */
export async function errorPlaces<T>(folder: string, work: () => Promise<T>): Promise<[T, ErrorPlace[]]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const given = await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const places: ErrorPlace[] = [];
  for (const { url, functions } of result) {
    const path = url.startsWith('file:') ? fileURLToPath(url) : '';
    if (!path.startsWith(`${folder}/`)) continue;
    // Types are stripped in place, so that offsets are those of the source.
    const source = readFileSync(path, 'utf8');
    for (const { index, 0: text } of source.matchAll(PLACE)) {
      const inside = innermost(functions, index);
      if (inside !== null) places.push({ file: path.slice(folder.length + 1), inside, error: text.slice(1) });
    }
  }
  return [given, places.sort((a, b) => keyOf(a).localeCompare(keyOf(b)))];
}

function keyOf({ file, inside, error }: ErrorPlace): string {
  return `${file} ${inside} ${error}`;
}

/** The name of the function around the place when it did not run there; else `null`. */
function innermost(
  functions: readonly { functionName: string; ranges: readonly Range[] }[],
  at: number,
): string | null {
  let best: (Range & { readonly name: string }) | null = null;
  for (const { functionName, ranges } of functions) {
    for (const range of ranges) {
      if (range.startOffset > at || range.endOffset <= at) continue;
      const isInner = best === null || range.endOffset - range.startOffset <= best.endOffset - best.startOffset;
      if (isInner) best = { ...range, name: functionName };
    }
  }
  return best === null || best.count > 0 ? null : best.name;
}
