import { symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plant } from '../test/planted.ts';
import { checkInside } from './inside.ts';

// Put together here, so that this file itself does not name them.
const UP = '..';
const SOMEONE = ['', 'home', 'someone', 'notes.md'].join('/');

test('relative paths that stay inside, URLs and system files are no faults', () => {
  const text = `see ${UP}/${UP}/README.md, https://example.org/home/page, /dev/net/tun and /etc/os-release\n`;
  expect(checkInside(plant({ 'packages/low/README.md': text }))).toEqual([]);
});

test('a relative path that climbs out of the repository is found', () => {
  const text = `first line\nsee [this](${UP}/${UP}/${UP}/shared/x.md)\n`;
  expect(checkInside(plant({ 'packages/low/README.md': text }))).toEqual([
    `packages/low/README.md:2: names ${UP}/${UP}/${UP}/shared, outside the repository`,
  ]);
});

test('a bare climb, as in a call to join, is found', () => {
  expect(checkInside(plant({ 'a.ts': `join('${UP}')\n` }))).toEqual([`a.ts:1: names ${UP}, outside the repository`]);
});

test('a folder of one person is found', () => {
  expect(checkInside(plant({ 'docs/a.md': `written in ${SOMEONE}\n` }))).toEqual([
    `docs/a.md:1: names ${['', 'home', 'someone'].join('/')}, outside the repository`,
  ]);
});

test('a link to outside is found', () => {
  const root = plant();
  symlinkSync(tmpdir(), join(root, 'packages/low/away'));
  expect(checkInside(root)).toEqual(['packages/low/away: is a link to outside the repository']);
});
