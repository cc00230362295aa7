/** Segments for nobody: the reset that answers them (RFC 9293 §3.10.7.1). */

import { add, type Seq, seq } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { ACK, RST } from '@tcpstack/wire/tcp';

/** A reset to send: fields of its header. Reused. */
export interface ResetReply {
  seq: Seq;
  ack: Seq;
  flags: number;
}

const ZERO = seq(0);

/** Fills `reply` with the reset that answers `seg`; false when nothing may be sent. */
export function resetFor(seg: Segment, reply: ResetReply): boolean {
  // "An incoming segment containing a RST is discarded."
  if ((seg.flags & RST) !== 0) return false;
  if ((seg.flags & ACK) !== 0) {
    // <SEQ=SEG.ACK><CTL=RST>
    reply.seq = seg.ack;
    reply.ack = ZERO;
    reply.flags = RST;
  } else {
    // "If the ACK bit is off, sequence number zero is used": <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
    reply.seq = ZERO;
    reply.ack = add(seg.seq, seg.len);
    reply.flags = RST | ACK;
  }
  return true;
}
