/** The same calls on this stack and on the kernel, in namespaces of their own: every result is compared. */

import { whyNoNamespaces } from '@tcpstack/netns/requirements';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CASES } from '../src/cases/all.ts';
import { compareLogs } from '../src/comparison.ts';
import { KernelHosts } from '../src/kernel-hosts.ts';
import { differenceWords, expectedDifferences, KNOWN_DIFFERENCES } from '../src/known-differences.ts';
import { ourHosts } from '../src/our-hosts.ts';
import { runCase } from '../src/run-case.ts';

const reason = whyNoNamespaces('nsenter');
if (reason !== undefined) console.warn(`tooling/kernel-calls ${reason}`);

/** Of cases that a busy machine can look at too late. */
const BRIEF_RETRIES = 4;

let kernel: KernelHosts | undefined;
let lines = 0;

beforeAll(() => {
  if (reason === undefined) kernel = new KernelHosts();
});

afterAll(() => {
  kernel?.end();
  console.info(`${lines} results of socket calls compared with the kernel's`);
});

for (const [group, cases] of Object.entries(CASES)) {
  describe(group, () => {
    for (const one of cases) {
      test(one.name, { retry: one.needs?.isBrief === true ? BRIEF_RETRIES : 0 }, (context) => {
        const ours = runCase(one, ourHosts(one.needs));
        if (kernel === undefined) context.skip(reason);
        else {
          const linux = runCase(one, kernel.begin(one.needs));
          lines += linux.length;
          expect(compareLogs(ours, linux).map(differenceWords)).toEqual(expectedDifferences(one.name));
        }
      });
    }
  });
}

test('every known difference belongs to a case, and every case has its own name', () => {
  const names = Object.values(CASES).flatMap((cases) => cases.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(KNOWN_DIFFERENCES.map((known) => known.case).filter((name) => !names.includes(name))).toEqual([]);
});
