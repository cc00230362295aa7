import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COUNTERS_PAGE, drawKernelPages, OPTIONS_PAGE, SYSCTL_PAGE } from './kernel-pages.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('the pages of socket options and sysctl names', () => {
  test('name every option, and say what each does and what it takes', async () => {
    const pages = await drawKernelPages(ROOT);
    const rows = (pages.get(OPTIONS_PAGE) ?? '').split('\n').filter((line) => /^\| \S+ \| \d/.test(line));
    expect(rows.length).toBeGreaterThan(45);
    expect(rows.filter((row) => row.startsWith('| ?') || row.includes('|  |  |') || / \| {2}\|$/.test(row))).toEqual(
      [],
    );
    expect(rows.filter((row) => (row.split(' | ')[3] ?? '').trim() === '')).toEqual([]);
    const names = (pages.get(SYSCTL_PAGE) ?? '').split('\n').filter((line) => line.startsWith('| `'));
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((row) => row.includes('|  |'))).toEqual([]);
  });

  test('name every counter of the kernel that there is, and say what it counts', async () => {
    const page = (await drawKernelPages(ROOT)).get(COUNTERS_PAGE) ?? '';
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(90);
    expect(rows.filter((row) => !/^\| `[A-Z]\w+\.[A-Z]\w+` \| .*\| [A-Z0-9][^|]+\. \|$/.test(row))).toEqual([]);
    expect(rows).toContain(
      '| `TcpExt.TCPSackRecovery` | `fastRecoveries`, less `renoRecoveries` | Recoveries of connections with SACK. |',
    );
  });
});
