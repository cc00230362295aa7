/** Loss inferred from sacked bytes above a hole. */

import { describe, expect, test } from 'vitest';
import * as flight from '../../test/flight.ts';
import { MSS, sent } from '../../test/flight.ts';
import { at, type Script, until } from '../../test/script.ts';
import { ack, data, type Fields, fin } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { flightBytes } from './marks.ts';

const SACK: Fields = { mss: MSS, scale: 7, sackOk: true };

const sentTen = (peer: Fields, more = 0, superSegmentPayloadBytes = 0): Script =>
  flight.sentTen(peer, more, { superSegmentPayloadBytes, lossDetection: 'sack' });

describe('recovery with SACK (RFC 6675)', () => {
  test('only the holes are resent, each once', () => {
    const t = sentTen(SACK);
    const blocks: (readonly [number, number])[][] = [
      [[1001, 3001]],
      [
        [4001, 5001],
        [1001, 3001],
      ],
      [
        [4001, 7001],
        [1001, 3001],
      ],
      [
        [4001, 8001],
        [1001, 3001],
      ],
      [
        [9001, 10_001],
        [4001, 8001],
        [1001, 3001],
      ],
    ];
    const resent: number[] = [];
    for (const sack of blocks) {
      t.inject(t.nowMs + 1, ack({ seq: 1, ack: 1, sack }));
      resent.push(...sent(t));
    }
    expect(resent).toEqual([1, 3001]);
    expect(t.counters.fastRecoveries).toBe(1);
    // The third hole has no segment sacked above it but one: it is not lost yet (DupThresh).
    t.inject(at(10), ack({ seq: 1, ack: 8001, sack: [[9001, 10_001]] }));
    expect(sent(t)).toEqual([]);
    t.inject(at(11), ack({ seq: 1, ack: 10_001 }));
    expect(t.tcb.recovery.mode).toBe('open');
    t.expectSilence(until(1_000_000));
  });

  test('loss is seen from sacked bytes, before three duplicates, when segments are merged on the way', () => {
    const t = sentTen(SACK);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 10_001]] }));
    t.expect(at(0), data({ seq: 1, len: MSS }));
    t.inject(at(0), ack({ seq: 1, ack: 10_001 }));
    t.expectSilence(until(1_000_000));
  });

  test('exactly two segments sacked above a hole are not enough (IsLost)', () => {
    const t = sentTen(SACK);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 3001]] }));
    t.expectSilence(until(100));
    t.inject(at(100), ack({ seq: 1, ack: 1, sack: [[1001, 3002]] }));
    t.expect(at(100), data({ seq: 1, len: MSS }));
  });

  test('sacked bytes are not in flight: new data takes their place', () => {
    const t = sentTen(SACK, 10 * MSS);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[1001, 3001]] }));
    expect(sent(t)).toEqual([10_001, 11_001]);
    expect(flightBytes(t.tcb)).toBe(10 * MSS);
  });

  test('several lost segments in a row go out together as far as cwnd allows', () => {
    const t = sentTen(SACK, 0, 60_000);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[5001, 10_001]] }));
    const again = t.take();
    expect(again[0]).toMatchObject({ seq: 1, len: 5 * MSS });
    expect(again.length).toBe(1);
  });

  test('a lost FIN is a hole as well', () => {
    const t = established({ peer: SACK, lossDetection: 'sack' });
    t.write(500);
    t.close();
    t.expect(at(0), data({ seq: 1, len: 500 }));
    t.expect(at(0), fin({ seq: 501 }));
    t.expect(at(200), fin({ seq: 1, len: 500 }));
    t.inject(at(200), ack({ seq: 1, ack: 501 }));
    t.expect(at(600), fin({ seq: 501 }));
    t.inject(at(600), ack({ seq: 1, ack: 502 }));
    expect(t.tcb.state).toBe('FIN-WAIT-2');
  });

  test('recovery that loses its own retransmission falls back to the timer', () => {
    const t = sentTen(SACK);
    t.inject(at(10), ack({ seq: 1, ack: 1, sack: [[1001, 10_001]] }));
    t.expect(at(10), data({ seq: 1, len: MSS }));
    const again = t.wait(until(500)).take();
    expect(again.map((segment) => segment.seq)).toEqual([1]);
    t.inject(at(500), ack({ seq: 1, ack: 10_001 }));
    t.expectSilence(until(1_000_000));
  });
});
