/** Runs a case against Node's net and against ours, and holds the two logs against each other. */

import { expect, test } from 'vitest';
import { difference } from './difference.ts';
import { onPurpose } from './on-purpose.ts';
import { type Line, Trial } from './trial.ts';
import { nodeWorld, ourWorld, type World } from './worlds.ts';

export type Case = (trial: Trial) => unknown;

/** With SAME_TWICE=1 both worlds are Node's: what differs then is not determined, and the case is wrong. */
const secondWorld = process.env['SAME_TWICE'] === '1' ? nodeWorld : ourWorld;
const isTwice = secondWorld === nodeWorld;
export const secondWorldName = isTwice ? 'node' : 'ours';

/** Everything that the case logs happens in the same order in both worlds. */
export function same(title: string, run: Case): void {
  compare(title, run, (lines) => lines.map(({ who, text }) => `${who}: ${text}`));
}

/** The same, where what one end does is not ordered with what the other does: the log of each is compared alone. */
export function sameApart(title: string, run: Case): void {
  compare(title, run, byEnd);
}

function compare(title: string, run: Case, form: (lines: readonly Line[]) => string[]): void {
  test(title, async () => {
    const theirs = form(await runIn(nodeWorld(), run));
    const ours = form(await runIn(secondWorld(), run));
    holdAgainst(title, theirs, ours);
  });
}

/** Fails when the logs differ in anything but what the table of differences on purpose says, exactly. */
export function holdAgainst(title: string, theirs: readonly string[], ours: readonly string[]): void {
  const log = theirs.join('\n');
  expect(theirs, 'a case that logs nothing shows nothing').not.toEqual([]);
  expect(log).not.toContain('waited in vain');
  const found = difference(theirs, ours);
  const differs = isTwice ? [] : (onPurpose[title]?.differs ?? []);
  expect(found, `${found.join('\n')}\n\nin the log of node:net\n${log}\n`).toEqual(differs);
}

async function runIn(world: World, run: Case): Promise<Line[]> {
  const trial = new Trial(world.net);
  try {
    await run(trial);
    return trial.text();
  } finally {
    trial.end();
    await world.close();
  }
}

/** Sorted by who wrote them; what each wrote keeps its order. */
function byEnd(lines: readonly Line[]): string[] {
  const ends = [...new Set(lines.map(({ who }) => who))].sort();
  return ends.flatMap((end) => lines.filter(({ who }) => who === end).map(({ text }) => `${end}: ${text}`));
}
