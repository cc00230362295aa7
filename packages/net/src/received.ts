/** How Node names a value in the messages of its errors. */

import { inspect } from 'node:util';

const SHOWN_LENGTH_MAX = 28;
const CUT_LENGTH = 25;

/** "type number (-1)", "an instance of Array", "undefined". */
export function received(value: unknown): string {
  if (value == null) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const { constructor: made } = value;
    if (typeof made === 'function' && 'name' in made) return `an instance of ${made.name}`;
    return inspect(value, { depth: -1 });
  }
  return `type ${typeof value} (${shown(value)})`;
}

function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'string') return String(value);
  const text = value.length > SHOWN_LENGTH_MAX ? `${value.slice(0, CUT_LENGTH)}...` : value;
  return text.includes("'") ? JSON.stringify(text) : `'${text}'`;
}
