/** The reset that answers a segment for nobody. */

import { seq, toUint32 } from '@tcpstack/seq/seq';
import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { encode, parse, type SegmentSpec } from '../../test/segments.ts';
import { type ResetReply, resetFor } from './closed.ts';

const ZERO = seq(0);

/** The reset for a segment whose numbers count from zero, or null. */
function answer(spec: SegmentSpec): { flags: number; seq: number; ack: number } | null {
  const reply: ResetReply = { seq: seq(1), ack: seq(1), flags: 0 };
  if (!resetFor(parse(encode(spec, { near: ZERO, far: ZERO }, 0)), reply)) return null;
  return { flags: reply.flags, seq: toUint32(reply.seq), ack: toUint32(reply.ack) };
}

describe('CLOSED (RFC 9293 §3.10.7.1)', () => {
  test('"An incoming segment containing a RST is discarded"', () => {
    expect(answer({ flags: RST, seq: 5 })).toBeNull();
    expect(answer({ flags: RST | ACK, seq: 5, ack: 7 })).toBeNull();
  });

  test('a segment with ACK is answered by <SEQ=SEG.ACK><CTL=RST>', () => {
    expect(answer({ flags: ACK, seq: 5, ack: 7, len: 3 })).toEqual({ flags: RST, seq: 7, ack: 0 });
    expect(answer({ flags: SYN | ACK, seq: 5, ack: 7 })).toEqual({ flags: RST, seq: 7, ack: 0 });
  });

  test.each([
    ['a SYN', { flags: SYN, seq: 5 }, 6],
    ['a SYN with text', { flags: SYN, seq: 5, len: 10 }, 16],
    ['text alone', { flags: 0, seq: 5, len: 10 }, 15],
    ['a FIN', { flags: FIN, seq: 5 }, 6],
    ['a SYN at the wrap', { flags: SYN, seq: 0xffff_ffff }, 0],
  ])('%s without ACK is answered by <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>', (_, spec, number) => {
    expect(answer(spec)).toEqual({ flags: RST | ACK, seq: 0, ack: number });
  });
});
