/** Take the example out of a package's README, so that what people copy is what the tests run. */

/**
 * The first `ts` or `js` code block below the heading `## Example`.
 *
 * @throws {Error} When the heading or the block is missing; the message says which.
 */
export function readmeExample(markdown: string): string {
  const lines = markdown.split('\n');
  const heading = lines.findIndex((line) => /^## Example\s*$/.test(line));
  if (heading < 0) throw new Error('the README has no heading "## Example"');
  const below = lines.slice(heading + 1);
  const next = below.findIndex((line) => /^##? /.test(line));
  const section = next < 0 ? below : below.slice(0, next);
  const open = section.findIndex((line) => /^```(ts|js|typescript|javascript)\b/.test(line));
  if (open < 0) throw new Error('the README has no ```ts or ```js block under "## Example"');
  const close = section.indexOf('```', open + 1);
  if (close < 0) throw new Error('the code block under "## Example" is not closed');
  return `${section.slice(open + 1, close).join('\n')}\n`;
}
