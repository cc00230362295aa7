/** What properties are tried on: any network, any ends. */

import * as fc from 'fast-check';
import type { Weather } from './link.ts';
import type { EndOptions } from './pair.ts';

/** Any network that this test can make, from perfect to awful. */
export const weathers: fc.Arbitrary<Weather> = fc.record({
  lossChance: fc.constantFrom(0, 0.02, 0.1, 0.25),
  doubleChance: fc.constantFrom(0, 0, 0.1),
  delayMs: fc.constantFrom(0, 1, 20, 150),
  jitterMs: fc.constantFrom(0, 0, 3, 40),
  mergeChance: fc.constantFrom(0, 0.5, 1),
});

/** Initial sequence numbers, those near a wrap more often. */
export const numbers = fc.oneof(
  fc.constantFrom(0, 1, 0x7fff_ffff, 0xffff_ffff, 0xffff_f800, 0x7fff_f800),
  fc.nat(0xffff_ffff),
);

/** Any options, buffers from tiny to ample, users from eager to slow. */
export const ends: fc.Arbitrary<EndOptions> = fc.record({
  iss: numbers,
  mssBytes: fc.constantFrom(536, 1000, 1460),
  superSegmentPayloadBytes: fc.constantFrom(0, 0, 4000, 60_000),
  sendBufferBytes: fc.constantFrom(600, 4000, 65_536),
  receiveBufferBytes: fc.constantFrom(1024, 4096, 65_536, 300_000),
  sendBufferMaxBytes: fc.constantFrom(0, 300_000),
  receiveBufferMaxBytes: fc.constantFrom(0, 300_000),
  sack: fc.boolean(),
  timestamps: fc.boolean(),
  scaling: fc.boolean(),
  noDelay: fc.boolean(),
  totalBytes: fc.oneof(fc.nat(3000), fc.nat(40_000)).map((n) => n + 1),
  readEveryMs: fc.constantFrom(0, 0, 0, 30),
  readBytesMax: fc.constantFrom(300, 5000),
});
