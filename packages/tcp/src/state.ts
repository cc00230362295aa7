/** The state machine of RFC 9293 §3.3.2 as data: every state, every arrow, and the one way to move. */

import { assert } from '@tcpstack/bytes/assert';
import type { Seq } from '@tcpstack/seq/seq';

/** The eleven states, in the RFC's spelling. */
export type TcpState =
  | 'CLOSED'
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

/** One arrow: from, to, and what causes it (RFC 9293 figure 5 and §3.10). */
export interface Transition {
  readonly from: TcpState;
  readonly to: TcpState;
  readonly on: string;
}

/** Every arrow of the diagram. "abort" arrows (ABORT, RST, time-out) lead to CLOSED from anywhere. */
export const TRANSITIONS: readonly Transition[] = [
  { from: 'CLOSED', to: 'LISTEN', on: 'passive OPEN' },
  { from: 'CLOSED', to: 'SYN-SENT', on: 'active OPEN, send SYN' },
  // A half-open connection is a TCB of its own; the listener stays in LISTEN.
  { from: 'LISTEN', to: 'SYN-RECEIVED', on: 'receive SYN, send SYN-ACK' },
  { from: 'SYN-SENT', to: 'SYN-RECEIVED', on: 'receive SYN, send SYN-ACK' },
  { from: 'SYN-SENT', to: 'ESTABLISHED', on: 'receive SYN-ACK, send ACK' },
  { from: 'SYN-RECEIVED', to: 'ESTABLISHED', on: 'receive ACK of SYN' },
  { from: 'SYN-RECEIVED', to: 'FIN-WAIT-1', on: 'CLOSE, send FIN' },
  { from: 'SYN-RECEIVED', to: 'CLOSE-WAIT', on: 'receive FIN' },
  { from: 'ESTABLISHED', to: 'FIN-WAIT-1', on: 'CLOSE, send FIN' },
  { from: 'ESTABLISHED', to: 'CLOSE-WAIT', on: 'receive FIN, send ACK' },
  { from: 'FIN-WAIT-1', to: 'FIN-WAIT-2', on: 'receive ACK of FIN' },
  { from: 'FIN-WAIT-1', to: 'CLOSING', on: 'receive FIN, send ACK' },
  { from: 'FIN-WAIT-1', to: 'TIME-WAIT', on: 'receive FIN and ACK of FIN, send ACK' },
  { from: 'FIN-WAIT-2', to: 'TIME-WAIT', on: 'receive FIN, send ACK' },
  { from: 'CLOSING', to: 'TIME-WAIT', on: 'receive ACK of FIN' },
  { from: 'CLOSE-WAIT', to: 'LAST-ACK', on: 'CLOSE, send FIN' },
  { from: 'LAST-ACK', to: 'CLOSED', on: 'receive ACK of FIN' },
  { from: 'TIME-WAIT', to: 'CLOSED', on: '2MSL time-out' },
];

const allowed = new Set(TRANSITIONS.map((t) => `${t.from}>${t.to}`));

/** Whether the diagram has an arrow from one to the other, or the move is an abort. */
export function mayEnter(from: TcpState, to: TcpState): boolean {
  return to === 'CLOSED' ? from !== 'CLOSED' : allowed.has(`${from}>${to}`);
}

/** Moves `tcb` along an arrow of the diagram; a move without an arrow is a bug of ours. */
export function enter(tcb: { state: TcpState }, to: TcpState): void {
  assert(mayEnter(tcb.state, to), 'a connection moves only along arrows of the state diagram');
  tcb.state = to;
}

/** "synchronized" states: both sides know each other's sequence numbers. */
export function isSynchronized(state: TcpState): boolean {
  return state !== 'CLOSED' && state !== 'LISTEN' && state !== 'SYN-SENT' && state !== 'SYN-RECEIVED';
}

/** States in which our side may still send new data. */
export function maySend(state: TcpState): boolean {
  return state === 'ESTABLISHED' || state === 'CLOSE-WAIT';
}

/** States in which the peer may still send new data. */
export function mayReceive(state: TcpState): boolean {
  return state === 'ESTABLISHED' || state === 'FIN-WAIT-1' || state === 'FIN-WAIT-2';
}

/** Whether our FIN was sent and acknowledged: it is the last that is ever sent. */
export function isFinAcked(tcb: { finSent: boolean; snd: { una: Seq; nxt: Seq } }): boolean {
  return tcb.finSent && tcb.snd.una === tcb.snd.nxt;
}

/** States after our FIN was queued. */
export function hasClosed(state: TcpState): boolean {
  return (
    state === 'FIN-WAIT-1' ||
    state === 'FIN-WAIT-2' ||
    state === 'CLOSING' ||
    state === 'LAST-ACK' ||
    state === 'TIME-WAIT'
  );
}
