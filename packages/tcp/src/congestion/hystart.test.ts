/** HyStart++ by itself: rounds are given as the round trips that their ACKs measured. */

import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../test/link.ts';
import { createAckSample } from './ack-sample.ts';
import { HyStart } from './hystart.ts';

const MSS = 1000;

/** Every round of these tests has so many bytes; how many ACKs they take is up to the test. */
const ROUND_BYTES = 1000 * MSS;

/** A slow start, round by round. */
class SlowStart {
  readonly hystart: HyStart;
  isOver = false;
  #rounds = 0;

  constructor(limitSegments = Infinity) {
    this.hystart = new HyStart(limitSegments);
  }

  /** One round whose ACKs measured these; -1 for one that measured nothing. The last one ends it. */
  round(...rttsMs: number[]): this {
    const end = ++this.#rounds * ROUND_BYTES;
    for (const [i, rttMs] of rttsMs.entries()) {
      const isLast = i === rttsMs.length - 1;
      const unaOffset = isLast ? end : end - ROUND_BYTES + (i + 1) * MSS;
      const nxtOffset = isLast ? end + ROUND_BYTES : end;
      this.isOver ||= this.hystart.measure({ ...createAckSample(), rttMs, unaOffset, nxtOffset });
    }
    return this;
  }

  /** What one ACK of ten segments lets grow, in segments. */
  get growth(): number {
    return this.hystart.growthBytes(10 * MSS, MSS) / MSS;
  }
}

const eight = (rttMs: number): number[] => Array.from({ length: 8 }, () => rttMs);

/** Two rounds, one of each. */
const rounds = (lastMs: number, nextMs: number): SlowStart =>
  new SlowStart().round(...eight(lastMs)).round(...eight(nextMs));

describe('the end of slow start (RFC 9406 §4.2)', () => {
  // RttThresh = max(4 ms, min(lastRoundMinRTT / 8, 16 ms))
  test.each([
    ['of 0.1 ms: 4 ms', 0.1, 4.1],
    ['of 40 ms: an eighth of it', 40, 45],
    ['of 400 ms: 16 ms', 400, 416],
  ])('a round that is longer by the threshold leads to conservative slow start; after one %s', (_title, last, next) => {
    expect(rounds(last, next - 0.001).growth).toBe(10);
    expect(rounds(last, next).growth).toBe(2.5);
  });

  test('the shortest of a round counts, even when it comes last', () => {
    expect(new SlowStart().round(...eight(40)).round(44, ...eight(60)).growth).toBe(10);
    expect(new SlowStart().round(...eight(40)).round(...eight(60), 44).growth).toBe(10);
  });

  test('fewer than eight measurements say nothing', () => {
    const seven = eight(90).slice(1);
    expect(new SlowStart().round(...eight(40)).round(-1, ...seven, -1, -1).growth).toBe(10);
    expect(new SlowStart().round(...eight(40)).round(-1, ...seven, -1, 90).growth).toBe(2.5);
  });

  test('after five conservative rounds, the first one included, congestion avoidance begins', () => {
    const start = rounds(40, 60);
    for (let round = 1; round < 5; round++) {
      expect([round, start.isOver]).toEqual([round, false]);
      start.round(...eight(60));
    }
    expect(start.isOver).toBe(true);
  });

  test('a conservative round that is shorter than the first one says that it was a mistake', () => {
    const start = rounds(40, 60);
    expect(start.growth).toBe(2.5);
    expect(start.round(...eight(59.9)).growth).toBe(10);
    for (let round = 0; round < 9; round++) start.round(...eight(60));
    expect([start.isOver, start.growth]).toEqual([false, 10]);
  });

  test('without pacing one ACK grows cwnd by at most L = 8 segments, and a quarter of that (§4.3)', () => {
    expect(new SlowStart(8).growth).toBe(8);
    expect(new SlowStart(8).round(...eight(40)).round(...eight(60)).growth).toBe(2);
  });
});

describe('where a round trip takes a fraction of a millisecond', () => {
  test('jitter of ten times the round trip, and pauses of a whole round now and then, do not end slow start', () => {
    const random = randomFrom(5);
    const start = new SlowStart();
    for (let round = 0; round < 500; round++) {
      const pauseMs = round % 10 === 5 ? 30 : 0;
      start.round(...Array.from({ length: 20 }, () => 0.05 + pauseMs + random() * 0.5));
      expect(start.isOver).toBe(false);
    }
    expect(start.growth).toBe(10);
  });

  test('a standing queue does', () => {
    const start = new SlowStart();
    for (let round = 0; round < 12; round++) start.round(...Array.from({ length: 20 }, () => 0.05 + round * 5));
    expect(start.isOver).toBe(true);
  });
});
