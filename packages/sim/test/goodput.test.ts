/** docs/goodput.md is what the code does now: some of its lines are computed again, to the last digit. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDumbbell } from '../src/dumbbell.ts';
import { fairnessRows, goodputRows, jainIndex } from '../src/goodput.ts';
import { fairnessLabel, fairnessLine, goodputLabel, goodputLine } from '../src/goodput-page.ts';
import { Transfer } from '../src/transfer.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/goodput.md'), 'utf8').split('\n');
const STALE = 'docs/goodput.md is stale: run pnpm goodput --write, and look at what changed';

/** Rows that take a tenth of a second or so. */
const quick = goodputRows().filter(({ rttMs, lossShare }) => rttMs === 10 || (rttMs === 50 && lossShare === 0.01));

/** The page's line that begins so. */
function lineOf(label: string): string | undefined {
  return page.find((line) => line.startsWith(label));
}

describe('the page of goodput', () => {
  test.each(quick.map((row) => [goodputLabel(row), row] as const))('is not stale: %s', (label, row) => {
    expect(lineOf(label), STALE).toBe(goodputLine(row));
  });

  test('is not stale: two connections', () => {
    const [row] = fairnessRows();
    expect(row && lineOf(fairnessLabel(row)), STALE).toBe(row && fairnessLine(row));
  });

  test('has a line for each control and each network', () => {
    for (const row of goodputRows()) expect(lineOf(goodputLabel(row)), STALE).toBeDefined();
    for (const row of fairnessRows()) expect(lineOf(fairnessLabel(row)), STALE).toBeDefined();
    expect(page.filter((line) => line.includes(' % |')).length).toBe(goodputRows().length + fairnessRows().length);
  });
});

test('Jain’s index is 1 for equal shares, and 1/n when one has all', () => {
  expect([jainIndex([3, 3, 3]), jainIndex([1, 0]), jainIndex([0, 0])]).toEqual([1, 0.5, 1]);
});

test('flows of a dumbbell share one queue', () => {
  const rates = [1, 2].map((n) => {
    const flows = Array.from({ length: n }, () => ({ rttMs: 4 }));
    const { world, pairs, bottleneck } = createDumbbell({ seed: 1, bottleneck: { bytesPerMs: 1000 }, flows });
    const transfers = pairs.map((pair) => new Transfer(world, { ...pair, upBytes: 100_000, downBytes: 0 }));
    world.run(10_000, () => transfers.every(({ done }) => done));
    expect(pairs.every(({ there }) => there.bottleneck === bottleneck)).toBe(true);
    return Math.min(...transfers.map((transfer) => transfer.goodputBytesPerMs()));
  });
  expect((rates[0] as number) / (rates[1] as number)).toBeGreaterThan(1.6);
});
