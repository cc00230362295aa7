/** Where two logs of one case differ, and where they were expected to. */

/** One call that gave something else. */
export interface Difference {
  readonly call: string;
  readonly ours: string;
  readonly linux: string;
}

/** The lines that differ, in order. */
export function compareLogs(ours: readonly string[], linux: readonly string[]): Difference[] {
  const differences: Difference[] = [];
  for (let i = 0; i < Math.max(ours.length, linux.length); i++) {
    const [a = 'no line', b = 'no line'] = [ours[i], linux[i]];
    if (a === b) continue;
    const [callA, callB] = [callOf(a), callOf(b)];
    if (callA === callB)
      differences.push({ call: callA, ours: a.slice(callA.length + 3), linux: b.slice(callA.length + 3) });
    else differences.push({ call: `line ${i + 1}`, ours: a, linux: b });
  }
  return differences;
}

function callOf(line: string): string {
  const end = line.indexOf(' = ');
  return end < 0 ? line : line.slice(0, end);
}
