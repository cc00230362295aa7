/** The state machine of RFC 9293 §3.3.2 as data: every state and every arrow. docs/state-machine.md is drawn from it. */

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
  /** Where the RFC describes it. */
  readonly section: string;
  /** The file beside this one that takes it. */
  readonly file: string;
  /** We pass this state on the way, within one event: the arrow is two of ours. */
  readonly via?: TcpState;
}

const arrow = (from: TcpState, to: TcpState, on: string, section: string, file: string): Transition => ({
  from,
  to,
  on,
  section,
  file,
});

/** Every arrow of the diagram. "abort" arrows (ABORT, RST, time-out) lead to CLOSED from anywhere. */
export const TRANSITIONS: readonly Transition[] = [
  arrow('CLOSED', 'LISTEN', 'passive OPEN', '3.10.1', 'arrival/listen.ts'),
  arrow('CLOSED', 'SYN-SENT', 'active OPEN, send SYN', '3.10.1', 'user-calls.ts'),
  // A half-open connection is a TCB of its own; the listener stays in LISTEN.
  arrow('LISTEN', 'SYN-RECEIVED', 'receive SYN, send SYN-ACK', '3.10.7.2', 'arrival/listen.ts'),
  arrow('SYN-SENT', 'SYN-RECEIVED', 'receive SYN, send SYN-ACK', '3.10.7.3', 'arrival/syn-sent.ts'),
  arrow('SYN-SENT', 'ESTABLISHED', 'receive SYN-ACK, send ACK', '3.10.7.3', 'arrival/syn-sent.ts'),
  arrow('SYN-RECEIVED', 'ESTABLISHED', 'receive ACK of SYN', '3.10.7.4', 'arrival/ack.ts'),
  { ...arrow('SYN-RECEIVED', 'FIN-WAIT-1', 'CLOSE, send FIN', '3.10.4', 'arrival/ack.ts'), via: 'ESTABLISHED' },
  { ...arrow('SYN-RECEIVED', 'CLOSE-WAIT', 'receive FIN', '3.10.7.4', 'arrival/fin.ts'), via: 'ESTABLISHED' },
  arrow('ESTABLISHED', 'FIN-WAIT-1', 'CLOSE, send FIN', '3.10.4', 'user-calls.ts'),
  arrow('ESTABLISHED', 'CLOSE-WAIT', 'receive FIN, send ACK', '3.10.7.4', 'arrival/fin.ts'),
  arrow('FIN-WAIT-1', 'FIN-WAIT-2', 'receive ACK of FIN', '3.10.7.4', 'arrival/ack.ts'),
  arrow('FIN-WAIT-1', 'CLOSING', 'receive FIN, send ACK', '3.10.7.4', 'arrival/fin.ts'),
  {
    ...arrow('FIN-WAIT-1', 'TIME-WAIT', 'receive FIN and ACK of FIN, send ACK', '3.10.7.4', 'arrival/fin.ts'),
    via: 'FIN-WAIT-2',
  },
  arrow('FIN-WAIT-2', 'TIME-WAIT', 'receive FIN, send ACK', '3.10.7.4', 'arrival/fin.ts'),
  arrow('CLOSING', 'TIME-WAIT', 'receive ACK of FIN', '3.10.7.4', 'arrival/ack.ts'),
  arrow('CLOSE-WAIT', 'LAST-ACK', 'CLOSE, send FIN', '3.10.4', 'user-calls.ts'),
  arrow('LAST-ACK', 'CLOSED', 'receive ACK of FIN', '3.10.7.4', 'arrival/ack.ts'),
  arrow('TIME-WAIT', 'CLOSED', '2MSL time-out', '3.10.8', 'timeouts.ts'),
];
