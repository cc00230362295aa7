import { expect, test } from 'vitest';
import { readmeExample } from './readme-example.ts';

const FENCE = '```';

test('the first code block under the heading is the example, whatever blocks come before or after', () => {
  const text = `# x\n\n${FENCE}ts\nwrong();\n${FENCE}\n\n## Example\n\n${FENCE}sh\nnpm i\n${FENCE}\n\n${FENCE}ts\nright();\n${FENCE}\n\n${FENCE}ts\nlate();\n${FENCE}\n`;
  expect(readmeExample(text)).toBe('right();\n');
});

test('a block under a later heading does not count', () => {
  const text = `## Example\n\nsoon\n\n## API\n\n${FENCE}ts\nwrong();\n${FENCE}\n`;
  expect(() => readmeExample(text)).toThrow('no ```ts or ```js block under "## Example"');
});

test('a README without the heading is an error that says so', () => {
  expect(() => readmeExample('# x\n')).toThrow('no heading "## Example"');
});

test('a block that is not closed is an error that says so', () => {
  expect(() => readmeExample(`## Example\n${FENCE}js\nx();\n`)).toThrow('is not closed');
});
