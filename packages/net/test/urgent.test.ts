/** What our own programs leave alone. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const PACKAGES = join(import.meta.dirname, '../..');

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

test('nothing above the socket calls employs urgent data: it is there for old applications (RFC 9293 §3.8.5) [SHLD-13]', () => {
  expect(sourcesOf(join(PACKAGES, 'sockets/src')).some((text) => text.includes('MSG_OOB'))).toBe(true);
  for (const folder of ['net/src', 'runtime/src', '../apps/echo-server/src', '../apps/http-demo/src']) {
    const sources = sourcesOf(join(PACKAGES, folder));
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((text) => text.includes('MSG_OOB')).length, folder).toBe(0);
  }
});
