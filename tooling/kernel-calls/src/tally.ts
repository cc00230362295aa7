/** What the cases show: each result of each call and of each option, and the cases in which it comes. */

import { CASES } from './cases/all.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { ourHosts } from './our-hosts.ts';
import { runCase } from './run-case.ts';

/** Results by name, `0` for whatever is no error, each with the names of the cases that show it, in order. */
export type Results = Map<string, string[]>;

/** Of one call, or of one option. */
export interface Shown {
  readonly results: Results;
  /** Why some results are not Linux's. */
  readonly reasons: Set<string>;
}

/** All that the cases show. */
export interface Tally {
  readonly calls: Map<string, Shown>;
  /** By the name of the option. */
  readonly options: Map<string, Shown>;
}

const LINE = /^(?:server|client)\.(\w+)\((.*)\) = (.*)$/;
const OPTION = /^-?\d+, [A-Z0-9_]+, ([A-Z0-9_]+)/;
const ERROR = /^E[A-Z]+$/;
/** What options may be set to and then give, -1 and -2, reads like these errors. */
const VALUES_OF_OPTIONS: readonly string[] = ['EPERM', 'ENOENT'];

/** Runs every case on this stack. The same cases are compared with the kernel, line by line. */
export function tallyCases(): Tally {
  const tally: Tally = { calls: new Map(), options: new Map() };
  for (const one of Object.values(CASES).flat()) {
    for (const line of runCase(one, ourHosts(one.needs))) count(tally, line, one.name);
  }
  for (const { reason, results } of KNOWN_DIFFERENCES) {
    for (const line of results) {
      const parts = LINE.exec(line.replace(': ours ', ' = '));
      if (parts !== null) for (const { reasons } of placesOf(tally, parts)) reasons.add(reason);
    }
  }
  return tally;
}

function count(tally: Tally, line: string, name: string): void {
  const parts = LINE.exec(line);
  if (parts === null) return;
  const result = resultOf(parts);
  for (const { results } of placesOf(tally, parts)) {
    const names = results.get(result) ?? [];
    if (names.at(-1) !== name) results.set(result, [...names, name]);
  }
}

/** Where a line is entered: under its call, and under the option that it is about. */
function placesOf({ calls, options }: Tally, [, call = '', args = '']: RegExpExecArray): Shown[] {
  const option = call.endsWith('sockopt') ? OPTION.exec(args)?.[1] : undefined;
  return [entry(calls, call), ...(option === undefined ? [] : [entry(options, option)])];
}

function entry(of: Map<string, Shown>, name: string): Shown {
  const known = of.get(name) ?? { results: new Map(), reasons: new Set() };
  of.set(name, known);
  return known;
}

/** SO_ERROR gives errors as its value. */
function resultOf([, call = '', args = '', result = '']: RegExpExecArray): string {
  if (!ERROR.test(result)) return '0';
  if (call === 'getsockopt' && VALUES_OF_OPTIONS.includes(result)) return '0';
  return call === 'getsockopt' && args.endsWith(', SO_ERROR') && result !== 'EBADF' ? '0' : result;
}
