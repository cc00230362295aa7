/** What must be taken out of one log and put in to have the other. */

/** Lines of `theirs` that are missing, with "-", and of `ours` that are there instead, with "+", in order. */
export function difference(theirs: readonly string[], ours: readonly string[]): string[] {
  const common = commonLengths(theirs, ours);
  const out: string[] = [];
  let at = 0;
  let other = 0;
  while (at < theirs.length || other < ours.length) {
    if (at < theirs.length && other < ours.length && theirs[at] === ours[other]) {
      at++;
      other++;
    } else if (other >= ours.length || (at < theirs.length && below(common, at, other) >= right(common, at, other))) {
      out.push(`- ${theirs[at++]}`);
    } else {
      out.push(`+ ${ours[other++]}`);
    }
  }
  return out;
}

const below = (common: readonly number[][], at: number, other: number): number => common[at + 1]?.[other] ?? 0;
const right = (common: readonly number[][], at: number, other: number): number => common[at]?.[other + 1] ?? 0;

/** The length of the longest common subsequence of what follows each pair of lines. */
function commonLengths(theirs: readonly string[], ours: readonly string[]): number[][] {
  const lengths = Array.from({ length: theirs.length + 1 }, () => new Array<number>(ours.length + 1).fill(0));
  for (let at = theirs.length - 1; at >= 0; at--) {
    const row = lengths[at] as number[];
    for (let other = ours.length - 1; other >= 0; other--) {
      row[other] =
        theirs[at] === ours[other]
          ? (lengths[at + 1]?.[other + 1] ?? 0) + 1
          : Math.max(below(lengths, at, other), right(lengths, at, other));
    }
  }
  return lengths;
}
