import { expect, test } from 'vitest';
import { plant } from '../test/planted.ts';
import { checkLinks } from './links.ts';

test('links to files, folders, headings and the web are fine', () => {
  const text =
    '[a](../packages/low/src/low.ts) [b](../packages/low) [c](#here) [d](https://x.example/y) [e](a.md#top)\n';
  expect(checkLinks(plant({ 'docs/a.md': text }))).toEqual([]);
});

test('a link to a file that is gone is named with its place', () => {
  expect(checkLinks(plant({ 'docs/a.md': 'x\n[a](../packages/low/src/gone.ts) and [b](b.md#top)\n' }))).toEqual([
    'docs/a.md:2: links to ../packages/low/src/gone.ts, which is not there',
    'docs/a.md:2: links to b.md, which is not there',
  ]);
});
