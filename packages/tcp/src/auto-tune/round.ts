/** How much passes in one round trip, and how long that is without the queues that we fill ourselves. */

import { TUNE_ROUND_MIN_MS, TUNE_RTT_MIN_MS, TUNE_RTT_WINDOW_MS } from '../limits.ts';
import type { TuneRound, TuneState } from './state.ts';

/** Takes a round trip, or what is no shorter than one: the least of the last minutes counts. */
export function noteRoundTrip(tune: TuneState, nowMs: number, sampleMs: number): void {
  if (tune.rttMs >= 0 && sampleMs > tune.rttMs && nowMs - tune.rttAtMs < TUNE_RTT_WINDOW_MS) return;
  tune.rttMs = sampleMs;
  tune.rttAtMs = nowMs;
}

/**
 * Ends the round that is on when it has lasted a round trip, and long enough that bursts even out, and begins the next
 * at `offset` of the stream.
 *
 * @returns Bytes that passed in one round trip of it; -1 while it lasts.
 */
export function endRound({ rttMs }: TuneState, round: TuneRound, nowMs: number, offset: number): number {
  const elapsedMs = nowMs - round.sinceMs;
  const isFirst = round.sinceMs < 0;
  if (rttMs >= 0 && rttMs < TUNE_RTT_MIN_MS) return -1;
  if (!isFirst && (rttMs < 0 || elapsedMs <= 0 || elapsedMs < Math.max(rttMs, TUNE_ROUND_MIN_MS))) return -1;
  // A pause is part of the round in which it ends.
  const bytes = isFirst ? -1 : ((offset - round.offset) * rttMs) / elapsedMs;
  round.sinceMs = nowMs;
  round.offset = offset;
  return bytes;
}
