/** What tests of loss recovery begin with: a flight of segments of 1000 bytes. */

import { expect } from 'vitest';
import { at, type Script, type ScriptOptions } from './script.ts';
import { ack, type Fields } from './segments.ts';
import { established } from './states.ts';

/** Payload bytes of a segment to a peer that says so in its SYN. */
export const MSS = 1000;

/** A connection that knows the scaled window of its peer. */
export function open(peer: Fields, options: ScriptOptions): Script {
  return established({ peer, ...options }).inject(at(0), ack({ seq: 1, ack: 1 }));
}

/** A connection that has sent ten segments, with `more` bytes waiting behind them. */
export function sentTen(peer: Fields, more: number, options: ScriptOptions): Script {
  const t = open(peer, options);
  t.write(10 * MSS + more);
  expect(t.take().reduce((sum, sent) => sum + sent.len, 0)).toBe(10 * MSS);
  return t;
}

/** Sequence numbers of what was sent since the last look. */
export const sent = (t: Script): number[] => t.take().map((segment) => segment.seq);
