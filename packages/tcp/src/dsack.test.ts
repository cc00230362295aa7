/** D-SACK as a receiver sends it. */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../test/script.ts';
import { ack, data, fin } from '../test/segments.ts';
import { ALL_OPTIONS, closeWait, established } from '../test/states.ts';

const PEER = { peer: { mss: 1460, sackOk: true } };

/** A segment of the peer with bytes `[from, to)`. */
const bytes = (from: number, to: number) => data({ seq: from, ack: 1, len: to - from });

/** What the ACKs since said in their SACK options. */
const sacks = (t: Script) => t.take().map(({ sack }) => sack);

describe('duplicates below the acknowledgment (RFC 2883 §4.1)', () => {
  test('the first block tells the duplicate, and one ACK only', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(1, 101)).ignore();
    t.inject(at(0), bytes(1, 51));
    t.expect(at(0), ack({ ack: 101, sack: [[1, 51]] }));
    t.inject(at(0), bytes(101, 111));
    t.expect(at(0), ack({ ack: 111, sack: [] }));
  });

  test('what is out of order follows it (§4.1, second example)', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(1, 101)).inject(at(0), bytes(201, 301)).ignore();
    t.inject(at(0), bytes(51, 101));
    expect(sacks(t)).toEqual([
      [
        [51, 101],
        [201, 301],
      ],
    ]);
  });

  test('twice the same duplicate is told twice', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(1, 101)).ignore();
    t.inject(at(0), bytes(1, 51)).inject(at(0), bytes(1, 51));
    expect(sacks(t)).toEqual([[[1, 51]], [[1, 51]]]);
  });

  test('of a segment that is old in part, the old part is told (§4.3)', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(1, 101)).ignore();
    t.inject(at(0), bytes(51, 151));
    t.expect(at(0), ack({ ack: 151, sack: [[51, 101]] }));
  });

  test('a FIN behind old text is no text, and one that is alone is not told', () => {
    const t = closeWait(PEER);
    t.inject(at(0), fin({ seq: 1, ack: 1 }));
    t.expect(at(0), ack({ ack: 2, sack: [] }));
    const u = established(PEER);
    u.inject(at(0), fin({ seq: 1, ack: 1, len: 10 })).ignore();
    u.inject(at(0), fin({ seq: 1, ack: 1, len: 10 }));
    u.expect(at(0), ack({ ack: 12, sack: [[1, 11]] }));
  });

  test('a new FIN behind text that is old', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(1, 11)).ignore();
    t.inject(at(0), fin({ seq: 1, ack: 1, len: 10 }));
    t.expect(at(0), ack({ ack: 12, sack: [[1, 11]] }));
  });

  test('when several wait for one ACK, the last is told', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(1, 101)).ignore();
    t.injectBatch(at(0), [bytes(1, 11), bytes(21, 31)]);
    expect(sacks(t)).toEqual([[[21, 31]]]);
  });
});

describe('duplicates above the acknowledgment (RFC 2883 §4.2)', () => {
  test('the second block is the larger one that holds the duplicate', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(101, 301)).inject(at(0), bytes(401, 501)).ignore();
    t.inject(at(0), bytes(151, 201));
    expect(sacks(t)).toEqual([
      [
        [151, 201],
        [101, 301],
        [401, 501],
      ],
    ]);
  });

  test('of a segment that is new in part, the part that was there is told (§4.3)', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(101, 201)).ignore();
    t.inject(at(0), bytes(151, 251));
    expect(sacks(t)).toEqual([
      [
        [151, 201],
        [101, 251],
      ],
    ]);
  });

  test('of two parts the first is told', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(101, 201)).inject(at(0), bytes(301, 401)).ignore();
    t.inject(at(0), bytes(101, 401));
    expect(sacks(t)).toEqual([
      [
        [101, 201],
        [101, 401],
      ],
    ]);
  });

  test('a segment that fills the hole and repeats what lay behind it', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(101, 201)).ignore();
    t.inject(at(0), bytes(1, 151));
    t.expect(at(0), ack({ ack: 201, sack: [[101, 151]] }));
  });

  test('one that only touches what is held repeats nothing', () => {
    const t = established(PEER);
    t.inject(at(0), bytes(101, 201)).ignore();
    t.inject(at(0), bytes(201, 301));
    expect(sacks(t)).toEqual([[[101, 301]]]);
    t.inject(at(0), bytes(1, 101));
    t.expect(at(0), ack({ ack: 301, sack: [] }));
  });
});

test('without SACK nothing is told', () => {
  const t = established();
  t.inject(at(0), bytes(1, 101)).ignore();
  t.inject(at(0), bytes(1, 51));
  t.expect(at(0), ack({ ack: 101, sack: [] }));
  t.expectSilence(until(1000));
});

test('beside timestamps there is room for three blocks, the report among them', () => {
  const t = established({ peer: ALL_OPTIONS });
  const ts = [1001, 0] as const;
  const late = (from: number, to: number) => ({ ...bytes(from, to), ts });
  for (const from of [101, 201, 301, 401]) t.inject(at(0), late(from, from + 10));
  t.ignore();
  t.inject(at(0), late(401, 405));
  expect(sacks(t)).toEqual([
    [
      [401, 405],
      [401, 411],
      [301, 311],
    ],
  ]);
});

test('data that leaves at that moment carries the report, as a single segment', () => {
  const t = established({ ...PEER, superSegmentPayloadBytes: 14_600 });
  t.inject(at(0), bytes(1, 101)).ignore();
  t.tcb.snd.wnd = 0;
  t.write(5000);
  t.tcb.snd.wnd = 60_000;
  t.inject(at(0), bytes(1, 51));
  const [first, second] = t.take();
  expect(first).toMatchObject({ seq: 1, len: 1460 - 12, sack: [[1, 51]] });
  expect(second?.sack).toEqual([]);
});
