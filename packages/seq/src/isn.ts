/** Initial sequence numbers: ISN = M + F(localip, localport, remoteip, remoteport, secretkey). */

import { add, type Seq, seq } from './seq.ts';
import { type SipKey, sipHash } from './siphash.ts';

/** M ticks once per 4 microseconds (RFC 6528 §3; RFC 9293 §3.4.1 [MUST-8]). */
const TICKS_PER_MS = 250;

/**
 * "TCP SHOULD generate its Initial Sequence Numbers with the expression: ISN = M + F(localip, localport,
 * remoteip, remoteport, secretkey), where M is the 4 microsecond timer, and F() is a pseudorandom
 * function (PRF) of the connection-id." — RFC 6528 §3; RFC 9293 §3.4.1 [SHLD-1]. "F() MUST NOT be computable from the
 * outside" [MUST-9]: SipHash under a key that never leaves the host.
 *
 * @param connectionId The addresses and ports as 32-bit words, in any fixed layout.
 * @param wordCount How many words of `connectionId` count.
 * @param nowMs The caller's clock; never runs backwards.
 */
export function initialSequenceNumber(key: SipKey, connectionId: Int32Array, wordCount: number, nowMs: number): Seq {
  const m = Math.floor(nowMs * TICKS_PER_MS) % 0x1_0000_0000;
  return add(seq(sipHash(key, connectionId, wordCount)), m | 0);
}
