import { describe, expect, test } from 'vitest';
import { faultsOf } from './calls-page.ts';
import { testsOf } from './test-titles.ts';

const UNIT = `
test('a full table', () => { expect(said(sys.dup(3))).toBe('ENFILE'); });
test.each([1, 2])("a number that is none, %s", () => { sys.dup(9); });
`;
const tests = testsOf('packages/x/test/x.test.ts', UNIT);

function faults(
  results: readonly string[],
  manual: Partial<Parameters<typeof faultsOf>[0]['manual'][string]>,
): string[] {
  const shown = { results: new Map(results.map((one) => [one, ['a case']])), reasons: new Set<string>() };
  const sources = {
    calls: new Map([['dup', shown]]),
    manual: { dup: { pages: 'dup(2)', shown: [], never: {}, ...manual } },
    oursOnly: { recverr: 'nothing' },
    tests,
  };
  return faultsOf(sources, 'dup');
}

describe('the page of calls', () => {
  test('finds the tests of a file by their titles', () => {
    expect(tests.map(({ title }) => title)).toEqual(['a full table', 'a number that is none, %s']);
    expect(tests.map(({ body }) => body.includes('ENFILE'))).toEqual([true, false]);
  });

  test('is content when cases show what the manual pages say', () => {
    const manual = { shown: ['EBADF'], never: { EINTR: 'signals' }, units: { ENFILE: 'machine' } };
    expect(faults(['0', 'EBADF'], manual)).toEqual([]);
  });

  test('names an error that no case shows, and success', () => {
    expect(faults([], { shown: ['EBADF'] })).toEqual(['no case shows 0 of dup()', 'no case shows EBADF of dup()']);
  });

  test('names an error that comes and should never, and one that no unit test shows', () => {
    const found = faults(['0', 'EINTR'], { never: { EINTR: 'signals' }, units: { EMFILE: 'machine' } });
    expect(found.map((one) => /E[A-Z]+/.exec(one)?.[0])).toEqual(['EMFILE', 'EINTR']);
  });

  test('takes what cases show beyond the manual pages: it was compared with the kernel', () => {
    expect(faults(['0', 'EIO'], {})).toEqual([]);
  });

  test('names a call that is in no case', () => {
    const nothing = { calls: new Map(), manual: {}, oursOnly: { recverr: 'nothing' }, tests };
    expect(faultsOf(nothing, 'dup')).toHaveLength(1);
    expect(faultsOf(nothing, 'recverr')).toEqual([]);
  });
});
