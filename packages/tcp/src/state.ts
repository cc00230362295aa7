/** The one way to move along the arrows of RFC 9293 §3.3.2, and questions about states. */

import { assert } from '@tcpstack/bytes/assert';
import type { Seq } from '@tcpstack/seq/seq';
import { type TcpState, TRANSITIONS } from './transitions.ts';

export { type TcpState, TRANSITIONS, type Transition } from './transitions.ts';

const allowed = new Map<TcpState, ReadonlySet<TcpState>>();
for (const { from } of TRANSITIONS) {
  allowed.set(from, new Set(TRANSITIONS.filter((each) => each.from === from).map((each) => each.to)));
}

/** Whether the diagram has an arrow from one to the other, or the move is an abort. */
export function mayEnter(from: TcpState, to: TcpState): boolean {
  return to === 'CLOSED' ? from !== 'CLOSED' : allowed.get(from)?.has(to) === true;
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
