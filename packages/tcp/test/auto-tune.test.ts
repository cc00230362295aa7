/** Buffers that grow by themselves, between two ends over a long and fat link. */

import { describe, expect, test } from 'vitest';
import type { Weather } from './link.ts';
import { type EndOptions, type PairResult, runPair } from './pair.ts';

/** 20 Mbit/s and 100 ms: 250 KB fit on the way. */
const BYTES_PER_MS = 2500;
const RTT_MS = 100;
const BDP_BYTES = BYTES_PER_MS * RTT_MS;
const FAT: Weather = {
  lossChance: 0,
  doubleChance: 0,
  delayMs: RTT_MS / 2,
  jitterMs: 0,
  mergeChance: 0,
  bytesPerMs: BYTES_PER_MS,
};

const KIB = 1024;
const MIB = 1024 * KIB;
const BEGIN_BYTES = 64 * KIB;
const TOTAL_BYTES = 3_000_000;

const END: EndOptions = {
  iss: 1,
  mssBytes: 1460,
  superSegmentPayloadBytes: 0,
  sendBufferBytes: BEGIN_BYTES,
  receiveBufferBytes: BEGIN_BYTES,
  sendBufferMaxBytes: 16 * MIB,
  receiveBufferMaxBytes: 16 * MIB,
  sack: true,
  timestamps: true,
  scaling: true,
  noDelay: false,
  totalBytes: 1,
  readEveryMs: 0,
  readBytesMax: 0,
};

function transfer(sender: Partial<EndOptions> = {}, receiver: Partial<EndOptions> = {}): PairResult {
  const result = runPair(FAT, 1, { ...END, totalBytes: TOTAL_BYTES, ...sender }, { ...END, ...receiver }, 3_600_000);
  expect(result.b.delivered).toBe(result.a.options.totalBytes);
  return result;
}

const sendLimit = ({ a }: PairResult) => a.tcb.sendRing.limitBytes;
const receiveLimit = ({ b }: PairResult) => b.tcb.receiveRing.limitBytes;
const transferMs = ({ nowMs, a }: PairResult) => nowMs - a.shared.timeWaitMs;

describe('over 20 Mbit/s and 100 ms, beginning with 64 KiB', () => {
  test.each([
    ['with timestamps', true],
    ['without timestamps', false],
  ])('both buffers grow to about what fits on the way twice, and the link is used (%s)', (_name, timestamps) => {
    const result = transfer({ timestamps }, { timestamps });
    expect(receiveLimit(result)).toBeGreaterThan(1.8 * BDP_BYTES);
    expect(receiveLimit(result)).toBeLessThan(2.5 * BDP_BYTES);
    expect(sendLimit(result)).toBeGreaterThan(1.5 * BDP_BYTES);
    expect(sendLimit(result)).toBeLessThan(4.5 * BDP_BYTES);
    expect(transferMs(result)).toBeLessThan((1.4 * TOTAL_BYTES) / BYTES_PER_MS + 12 * RTT_MS);
  });

  test('and then stay as they are, however long the transfer lasts', () => {
    const long = transfer({ totalBytes: 2 * TOTAL_BYTES });
    expect(receiveLimit(long)).toBeLessThan(2.5 * BDP_BYTES);
    expect(sendLimit(long)).toBeLessThan(4.5 * BDP_BYTES);
  });

  test('without auto-tuning the same link is hardly used', () => {
    const fixed = transfer({ totalBytes: 600_000, sendBufferMaxBytes: 0 }, { receiveBufferMaxBytes: 0 });
    expect(receiveLimit(fixed)).toBe(BEGIN_BYTES);
    expect(sendLimit(fixed)).toBe(BEGIN_BYTES);
    expect(transferMs(fixed)).toBeGreaterThan((3 * 600_000) / BYTES_PER_MS);
  });

  test('the limits hold', () => {
    const result = transfer({ sendBufferMaxBytes: 100 * KIB }, { receiveBufferMaxBytes: 140 * KIB });
    expect(sendLimit(result)).toBe(100 * KIB);
    expect(receiveLimit(result)).toBeLessThanOrEqual(140 * KIB);
    expect(receiveLimit(result)).toBeGreaterThan(100 * KIB);
  });

  test('the receiver grows no further than its limit when the sender has room', () => {
    expect(receiveLimit(transfer({}, { receiveBufferMaxBytes: 140 * KIB }))).toBe(140 * KIB);
  });

  test('a slow reader gets no larger buffer', () => {
    const slow = transfer({ totalBytes: 500_000 }, { readEveryMs: 100, readBytesMax: 5_000 });
    expect(receiveLimit(slow)).toBe(BEGIN_BYTES);
    // Nor does the sender, whom the window holds back, keep more than it needs.
    expect(sendLimit(slow)).toBeLessThanOrEqual(2 * BEGIN_BYTES);
  });

  test('while memory is short, nothing grows', () => {
    const result = transfer({ totalBytes: 600_000, bufferMemoryMaxBytes: 0 }, { bufferMemoryMaxBytes: 0 });
    expect([sendLimit(result), receiveLimit(result)]).toEqual([BEGIN_BYTES, BEGIN_BYTES]);
  });

  test('a short round trip needs no more: nothing grows', () => {
    const near = { ...FAT, delayMs: 1 };
    const result = runPair(near, 1, { ...END, totalBytes: 700_000 }, END, 3_600_000);
    expect(receiveLimit(result)).toBe(BEGIN_BYTES);
    expect(sendLimit(result)).toBe(BEGIN_BYTES);
  });
});
