/** Checks of arguments that throw what Node throws for them. */

import { badPort, invalidArgumentType, outOfRange } from './errors.ts';

const PORT_MAX = 65535;
const INT32_MAX = 2 ** 31 - 1;

/** @returns The port as a number. */
export function checkPort(value: unknown, name = 'Port'): number {
  const isText = typeof value === 'string' && value.trim() !== '';
  const number = typeof value === 'number' || isText ? Number(value) : Number.NaN;
  if (!(Number.isInteger(number) && number >= 0 && number <= PORT_MAX)) throw badPort(name, value);
  return number | 0;
}

export function checkNumber(value: unknown, name: string): asserts value is number {
  if (typeof value !== 'number') throw invalidArgumentType(name, 'of type number', value);
}

export function checkInt32(value: unknown, name: string, min: number): asserts value is number {
  checkNumber(value, name);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > INT32_MAX) throw outOfRange(name, `>= ${min} && <= ${INT32_MAX}`, value);
}

export function checkString(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw invalidArgumentType(name, 'of type string', value);
}

export function checkBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidArgumentType(name, 'of type boolean', value);
}

export function checkFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') throw invalidArgumentType(name, 'of type function', value);
}

export function checkSignal(value: unknown, name: string): asserts value is AbortSignal | undefined {
  const isSignal = typeof value === 'object' && value !== null && 'aborted' in value;
  if (value !== undefined && !isSignal) throw invalidArgumentType(name, 'an instance of AbortSignal', value);
}

/** A time for a timer, in milliseconds. */
export function checkDuration(value: unknown, name: string): number {
  checkNumber(value, name);
  if (!(value >= 0 && Number.isFinite(value))) throw outOfRange(name, 'a non-negative finite number', value);
  if (value <= INT32_MAX) return value;
  process.emitWarning(
    `${value} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${INT32_MAX}.`,
    'TimeoutOverflowWarning',
  );
  return INT32_MAX;
}
