/** Grows the send buffer with what the network takes (Linux's `tcp_sndbuf_expand`). */

import type { Tcb } from '../tcb.ts';
import { endRound, noteRoundTrip } from './round.ts';
import { createRound, isMemoryShort, tuneOf } from './state.ts';

/**
 * SND.UNA moved on. Like Linux: room for two congestion windows, one in flight and one that waits, when the user met a
 * full buffer. But no more than four times what the path takes in a round trip: where cwnd knows no bound, as over a
 * loopback, a larger buffer is only a longer way through memory.
 */
export function tuneSend(tcb: Tcb, nowMs: number): void {
  const { sendRing, shared, snd } = tcb;
  if (!tcb.awaitsSpace || tcb.sendBufferLocked || sendRing.limitBytes >= shared.sendBufferMaxBytes) return;
  const tune = tuneOf(tcb);
  if (tcb.rtt.srttMs >= 0) noteRoundTrip(tune, nowMs, tcb.rtt.srttMs);
  tune.acked ??= createRound();
  const ackedBytes = endRound(tune, tune.acked, nowMs, snd.unaOffset);
  if (ackedBytes <= 0) return;
  const windowBytes = Math.min(tcb.congestion.cwndBytes, snd.maxWnd);
  const bytes = Math.min(2 * windowBytes, Math.floor(4 * ackedBytes), shared.sendBufferMaxBytes);
  if (bytes > sendRing.limitBytes && !isMemoryShort(shared)) sendRing.limitBytes = bytes;
}
