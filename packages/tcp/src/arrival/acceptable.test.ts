/** Which segments are acceptable: the window test and PAWS. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, data, fin, syn } from '../../test/segments.ts';
import { ALL_OPTIONS, established } from '../../test/states.ts';
import { TS_RECENT_STALE_MS } from '../limits.ts';

const WINDOW = 1000;

describe('the table of segment length and window (RFC 9293 §3.10.7.4 first check)', () => {
  test.each([
    ['empty, at RCV.NXT', 1, 0, true],
    ['empty, last of the window', WINDOW, 0, true],
    ['empty, just beyond the window', WINDOW + 1, 0, false],
    ['empty, just before the window', 0, 0, false],
    ['text that ends just before the window', -9, 10, false],
    ['text whose last byte is the first of the window', -8, 10, true],
    ['text whose first byte is the last of the window', WINDOW, 10, true],
    ['text just beyond the window', WINDOW + 1, 10, false],
    ['text that begins before the window and ends beyond it', 0, WINDOW + 10, true],
    ['text from half the sequence space away', -0x8000_0000 + 10, 100, false],
    ['text longer than the window, all before it', -2 * WINDOW, 2 * WINDOW, false],
    ['text longer than the window, all beyond it', WINDOW + 1, 2 * WINDOW, false],
  ])('%s (window > 0)', (_, seq, len, acceptable) => {
    const t = established({ receiveBufferBytes: WINDOW, loose: true });
    t.inject(at(0), data({ seq, ack: 1, len }));
    expect(t.counters.unacceptableSegments).toBe(acceptable ? 0 : 1);
  });

  test.each([
    ['empty, at RCV.NXT', WINDOW + 1, 0, true],
    ['empty, one further', WINDOW + 2, 0, false],
    ['empty, one before', WINDOW, 0, false],
    ['text at RCV.NXT', WINDOW + 1, 1, false],
  ])('%s (window = 0)', (_, seq, len, acceptable) => {
    const t = established({ receiveBufferBytes: WINDOW, loose: true });
    t.inject(at(0), data({ seq: 1, ack: 1, len: WINDOW }));
    expect(t.outbox.at(-1)?.win).toBe(0);
    t.inject(at(0), data({ seq, ack: 1, len }));
    expect(t.counters.unacceptableSegments).toBe(acceptable ? 0 : 1);
  });

  test('what is not acceptable is answered by <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> and dropped', () => {
    const t = established();
    t.inject(at(0), data({ seq: 200_000, ack: 1, len: 10 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    t.inject(at(0), data({ seq: -20, ack: 1, len: 10 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    expect(t.tcb.receiveRing.readable).toBe(0);
  });

  test('two ends that disagree do not answer each other for ever: empty segments are answered every 500 ms at most', () => {
    const t = established();
    t.inject(at(0), ack({ seq: 200_000, ack: 1 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    t.inject(at(10), ack({ seq: 200_000, ack: 1 }));
    t.expectSilence(until(400));
  });

  test('an ACK is processed although the text with it finds no window (§3.10.7.4 "special allowance")', () => {
    const t = established({ receiveBufferBytes: WINDOW });
    t.inject(at(0), data({ seq: 1, ack: 1, len: WINDOW })).ignore();
    t.write(10);
    t.expect(at(0), data({ seq: 1, len: 10 }));
    t.inject(at(0), data({ seq: WINDOW + 1, ack: 11, len: 1 }));
    t.expect(at(0), ack({ seq: 11, ack: WINDOW + 1, win: 0 }));
    t.expectSilence(until(10_000));
  });
});

describe('SYN and ACK bits (RFC 9293 §3.10.7.4 fourth and fifth check)', () => {
  test.each([
    ['inside', 100],
    ['outside', 200_000],
    ['before', 0],
  ])('a SYN %s the window is challenged, whatever its number (RFC 5961 §4)', (_, seq) => {
    const t = established();
    t.inject(at(0), syn({ seq }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
    expect(t.counters.challengeAcks).toBe(1);
  });

  test('"if the ACK bit is off, drop the segment"', () => {
    const t = established();
    t.inject(at(0), { flags: 0, seq: 1, len: 10 });
    t.expectSilence(until(1000));
    expect(t.counters.noAckDrops).toBe(1);
    expect(t.tcb.receiveRing.readable).toBe(0);
  });
});

describe('PAWS (RFC 7323 §5)', () => {
  const paws = () => established({ peer: ALL_OPTIONS });

  test('a segment with an older TSval is dropped and acknowledged (§5.3 R1)', () => {
    const t = paws();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ts: [999, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 1, ts: [0, 1000] }));
    expect(t.counters.pawsDrops).toBe(1);
    expect(t.tcb.receiveRing.readable).toBe(0);
  });

  test('a segment with the same TSval passes', () => {
    const t = paws();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ts: [1000, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 11, ts: [0, 1000] }));
  });

  test('comparison goes across the wrap of the timestamp clock', () => {
    const t = established({ peer: { ...ALL_OPTIONS, ts: [0xffff_fff0, 0] } });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ts: [5, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 11, ts: [0, 5] }));
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10, ts: [0xffff_ffff, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 11, ts: [0, 5] }));
    expect(t.counters.pawsDrops).toBe(1);
  });

  test('a timestamp that was not agreed on proves nothing', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ts: [0xffff_0000, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 11 }));
    expect(t.counters.pawsDrops).toBe(0);
  });

  test('each segment is judged by its own timestamp, not by that of the one before', () => {
    const t = paws();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ts: [999, 0] })).ignore();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), ack({ seq: 1, ack: 11, ts: [0, 1000] }));
    t.inject(at(0), data({ seq: 21, ack: 1, len: 10, ts: [2000, 0] })).ignore();
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10 }));
    t.expect(at(0), ack({ seq: 1, ack: 31, ts: [0, 1000] }));
  });

  test('the timestamp of an old SYN is not echoed', () => {
    const t = paws();
    t.inject(at(0), syn({ seq: 0, ts: [5000, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 1, ts: [0, 1000] }));
  });

  test('a reset is not subject to it (§5.2)', () => {
    const t = paws();
    t.inject(at(0), { flags: 4, seq: 1, ts: [1, 0] });
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('Deviation: a segment without the option passes, since some middleboxes strip it', () => {
    const t = paws();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), ack({ seq: 1, ack: 11, ts: [0, 1000] }));
  });

  test('TS.Recent is taken from segments at or before Last.ACK.sent only (§4.3)', () => {
    const t = paws();
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10, ts: [1005, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 1, ts: [0, 1000], sack: [[11, 21]] }));
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ts: [1003, 0] }));
    t.expect(at(0), ack({ seq: 1, ack: 21, ts: [0, 1003] }));
  });

  test('a repeated segment that ends at Last.ACK.sent is echoed: its sender measures the copy that was answered', () => {
    const t = paws();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10, ts: [1000, 0] }));
    t.expect(at(0), ack({ ack: 11, ts: [0, 1000] }));
    t.inject(at(500), data({ seq: 1, ack: 1, len: 10, ts: [1500, 0] }));
    t.expect(at(500), ack({ ack: 11, ts: [500, 1500], sack: [[1, 11]] }));
    // One from far before it is not: its number proves nothing.
    t.inject(at(600), data({ seq: -500, ack: 1, len: 10, ts: [99_999, 0] }));
    t.expect(at(600), ack({ ack: 11, ts: [600, 1500], sack: [[-500, -490]] }));
  });

  test('after 24 idle days TS.Recent is not trusted, and is replaced (§5.5)', () => {
    const t = paws();
    t.inject(at(TS_RECENT_STALE_MS - 1), fin({ seq: 1, ack: 1, ts: [500, 0] }));
    t.expect(at(TS_RECENT_STALE_MS - 1), ack({ seq: 1, ack: 1 }));
    t.inject(at(TS_RECENT_STALE_MS), data({ seq: 1, ack: 1, len: 10, ts: [500, 0] }));
    t.expect(at(TS_RECENT_STALE_MS), ack({ seq: 1, ack: 11, ts: [TS_RECENT_STALE_MS % 2 ** 32, 500] }));
  });

  test('the 24 days are counted from when it was taken', () => {
    const t = paws();
    const dayMs = 24 * 3600 * 1000;
    t.inject(at(20 * dayMs), data({ seq: 1, ack: 1, len: 10, ts: [2000, 0] })).ignore();
    t.inject(at(30 * dayMs), data({ seq: 11, ack: 1, len: 10, ts: [1999, 0] })).ignore();
    expect(t.counters.pawsDrops).toBe(1);
  });
});
