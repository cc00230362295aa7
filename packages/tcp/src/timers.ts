/** The deadlines of one connection: set, cleared and asked for, never called back. */

import { rtoMs } from './rtt.ts';
import type { Tcb } from './tcb.ts';

/** Deadlines on the caller's clock; `Infinity` when not armed. */
export interface TimerState {
  retransmitAtMs: number;
  persistAtMs: number;
  /** Tail loss probe (RFC 8985 §7). */
  tailProbeAtMs: number;
  /** What may only have been reordered is lost (RFC 8985 §6.2). */
  reorderAtMs: number;
  /** The pace allows the next segment. */
  paceAtMs: number;
  delayedAckAtMs: number;
  /** TIME-WAIT, or FIN-WAIT-2 without an owner. */
  lingerAtMs: number;
  /** When to look whether the peer was silent for long. */
  keepAliveAtMs: number;
  /** When the longest wait ends that the user allowed the peer. */
  userTimeoutAtMs: number;
  /** When what the cork keeps back leaves all the same. */
  corkAtMs: number;
}

const KEPT_TIMERS_MAX = 256;
const kept: TimerState[] = [];

function createTimers(): TimerState {
  return {
    retransmitAtMs: Infinity,
    persistAtMs: Infinity,
    tailProbeAtMs: Infinity,
    reorderAtMs: Infinity,
    paceAtMs: Infinity,
    delayedAckAtMs: Infinity,
    lingerAtMs: Infinity,
    keepAliveAtMs: Infinity,
    userTimeoutAtMs: Infinity,
    corkAtMs: Infinity,
  };
}

/** That of every connection on which no timer runs. */
export const NO_TIMERS: Readonly<TimerState> = createTimers();

/** To be written: that of this connection alone, until `settleTimers`. */
export function ownTimers(tcb: Tcb): TimerState {
  if (tcb.timers === NO_TIMERS) tcb.timers = kept.pop() ?? createTimers();
  return tcb.timers;
}

/** Once there is nothing more to do at this moment: the earliest deadline. Where no timer runs, none is remembered. */
export function settleTimers(tcb: Tcb): number {
  const deadlineMs = nextDeadlineMs(tcb);
  if (deadlineMs === Infinity && tcb.timers !== NO_TIMERS) {
    if (kept.length < KEPT_TIMERS_MAX) kept.push(tcb.timers);
    tcb.timers = NO_TIMERS;
  }
  return deadlineMs;
}

/** The earliest deadline, or `Infinity`. */
export function nextDeadlineMs(tcb: Tcb): number {
  const t = tcb.timers;
  return Math.min(
    t.retransmitAtMs,
    t.persistAtMs,
    t.tailProbeAtMs,
    t.reorderAtMs,
    t.paceAtMs,
    t.delayedAckAtMs,
    t.lingerAtMs,
    t.keepAliveAtMs,
    t.userTimeoutAtMs,
    t.corkAtMs,
  );
}

/** "start the timer ... so that it will expire after RTO seconds" — RFC 6298 (5.1), (5.3). */
export function restartRetransmitTimer(tcb: Tcb, nowMs: number): void {
  ownTimers(tcb).retransmitAtMs = nowMs + rtoMs(tcb);
}

/** Arms the retransmission timer unless it is running. */
export function armRetransmitTimer(tcb: Tcb, nowMs: number): void {
  if (tcb.timers.retransmitAtMs !== Infinity) return;
  if (tcb.rtt.tries === 0) tcb.liveness.unansweredSinceMs = nowMs;
  restartRetransmitTimer(tcb, nowMs);
}

/** Nothing is outstanding any more. */
export function stopLossTimers(tcb: Tcb): void {
  const t = ownTimers(tcb);
  t.retransmitAtMs = Infinity;
  t.tailProbeAtMs = Infinity;
  t.reorderAtMs = Infinity;
}

/** No timer runs. */
export function stopTimers(tcb: Tcb): void {
  const t = ownTimers(tcb);
  stopLossTimers(tcb);
  t.persistAtMs = Infinity;
  t.paceAtMs = Infinity;
  t.delayedAckAtMs = Infinity;
  t.lingerAtMs = Infinity;
  t.keepAliveAtMs = Infinity;
  t.userTimeoutAtMs = Infinity;
  t.corkAtMs = Infinity;
}
