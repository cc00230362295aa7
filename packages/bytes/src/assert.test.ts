/** Assertions: what they throw, and that they stay silent when the fact holds. */

import { expect, test } from 'vitest';
import { AssertionError, assert, unreachable } from './assert.ts';

test('a fact that holds passes in silence', () => {
  expect(() => assert(1 + 1 === 2, 'arithmetic works')).not.toThrow();
});

test('a fact that does not hold throws an AssertionError that says the fact', () => {
  expect(() => assert(false, 'SND.UNA never moves back')).toThrow(AssertionError);
  expect(() => assert(false, 'SND.UNA never moves back')).toThrow('SND.UNA never moves back');
});

test('an AssertionError has its own name, so that logs tell it from other errors', () => {
  expect(new AssertionError('a fact').name).toBe('AssertionError');
  expect(new AssertionError('a fact')).toBeInstanceOf(Error);
});

test('a switch that meets a value of no case says which value', () => {
  expect(() => unreachable('NO-SUCH-STATE' as never)).toThrow('NO-SUCH-STATE');
});
