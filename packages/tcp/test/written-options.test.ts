/** The bytes of the option lists that we write. */

import { seq } from '@tcpstack/seq/seq';
import { OPT_END, OPT_NOP } from '@tcpstack/wire/tcp-options';
import { describe, expect, test } from 'vitest';
import { writeOptions, writeSynOptions } from '../src/options.ts';
import { at } from './script.ts';
import { data, type Fields } from './segments.ts';
import { accepted } from './states.ts';

/** Every subset of what a peer may offer. */
const OFFERS: readonly Fields[] = Array.from({ length: 8 }, (_, i) => ({
  ...(i & 1 ? { sackOk: true } : {}),
  ...(i & 2 ? { ts: [1000, 0] as const } : {}),
  ...(i & 4 ? { scale: 7 } : {}),
}));

describe('options that we write say their length, all but NOP [MUST-68], and only zeros pad [MUST-69] (RFC 9293 §3.1)', () => {
  /** The list as bytes say it: kinds with their lengths, and what stands behind an end of the list. */
  function walk(bytes: Uint8Array): { readonly lengths: readonly number[]; readonly padding: readonly number[] } {
    const lengths: number[] = [];
    let i = 0;
    while (i < bytes.length && bytes[i] !== OPT_END) {
      const length = bytes[i] === OPT_NOP ? 1 : (bytes[i + 1] ?? 0);
      if (bytes[i] !== OPT_NOP) expect(length, 'kind and length count too').toBeGreaterThanOrEqual(2);
      lengths.push(length);
      i += length;
    }
    expect(i, 'no option runs beyond the header').toBeLessThanOrEqual(bytes.length);
    return { lengths, padding: [...bytes.subarray(i)] };
  }

  test.each(OFFERS)('for a peer that offers %j', (offered) => {
    const t = accepted({ peer: offered });
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10, ...(offered.ts ? { ts: [1000, 0] } : {}) })).ignore();
    for (const write of [writeOptions, writeSynOptions]) {
      const bytes = new Uint8Array(64).fill(0xee);
      const end = write(t.tcb, 0, bytes, 4, seq(0));
      expect(end % 4).toBe(0);
      const { lengths, padding } = walk(bytes.subarray(4, end));
      expect(padding.every((each) => each === 0)).toBe(true);
      expect(lengths.reduce((sum, each) => sum + each, 0) + padding.length).toBe(end - 4);
      expect([...bytes.subarray(0, 4), ...bytes.subarray(end)].every((each) => each === 0xee)).toBe(true);
    }
  });
});
