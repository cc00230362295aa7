/** What one ACK told, for those parts of the recovery that draw conclusions. */

import { type AckSample, createAckSample } from '../congestion/ack-sample.ts';

/** What one ACK told besides the sample that the congestion control reads. One record, reused. */
export interface AckFacts {
  readonly sample: AckSample;
  /** When the first and the last segment left that this ACK acknowledged in order and that were sent once; -1: none. */
  firstSentMs: number;
  lastSentMs: number;
  /** The same for the one that left last among those newly sacked. */
  sackedSentMs: number;
  /** Something was acknowledged in order that was sent more than once. */
  resentAcked: boolean;
  newlySackedBytes: number;
  /** Without SACK: bytes of this ACK that duplicates before it had told of already. */
  creditedBytes: number;
  /** Something arrived that was sent once, before the last time-out (RFC 5682 §3). */
  originalArrived: boolean;
  /** Bytes of a D-SACK block (RFC 2883), and where it begins; 0 when there was none. */
  dsackBytes: number;
  dsackOffset: number;
  /** When, on our clock in whole milliseconds, the segment left whose timestamp this ACK echoes; Infinity: no echo. */
  echoMs: number;
}

/** Facts about the ACK that is being taken. */
export const facts: AckFacts = {
  sample: createAckSample(),
  firstSentMs: -1,
  lastSentMs: -1,
  sackedSentMs: -1,
  resentAcked: false,
  newlySackedBytes: 0,
  creditedBytes: 0,
  originalArrived: false,
  dsackBytes: 0,
  dsackOffset: 0,
  echoMs: Infinity,
};
