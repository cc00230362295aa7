/**
 * SEGMENT ARRIVES as a table, written from the text of RFC 9293 §3.10.7 and from nothing else: what the RFC says, in
 * which states, when, and what follows. Rules are tried from the first to the last; `ends` stops.
 */

import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import type { TcpCounters } from '../../src/counters.ts';
import type { TcpState } from '../../src/state.ts';
import { type Case, inWindow, isCrossedSynAck, isRepeatedSyn, isTableAcceptable, isZeroWindowAck } from './case.ts';

/** Replies by name: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, <SEQ=SEG.ACK><CTL=RST>, and so on. */
export type Reply = 'ACK' | 'SYN-ACK' | 'RST' | 'RST-ACK';

/** What follows when a rule holds. */
export interface Effect {
  readonly reply?: Reply;
  readonly to?: TcpState;
  /** Whose processing: of the SYN, the ACK field, the text or the FIN. */
  readonly takes?: 'SYN' | 'ACK' | 'text' | 'FIN';
  readonly counter?: keyof TcpCounters;
  readonly ends?: true;
}

/** One sentence of the RFC. */
export interface Rule {
  readonly section: string;
  readonly says: string;
  readonly states: readonly TcpState[];
  readonly when: (c: Case) => boolean;
  readonly effect: Effect;
}

const has = (bit: number) => (c: Case) => (c.flags & bit) !== 0;
const lacks = (bit: number) => (c: Case) => (c.flags & bit) === 0;
const always = () => true;

const OPEN: readonly TcpState[] = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'];
const PEER_CLOSED: readonly TcpState[] = ['CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'];
const SYNCHRONIZED: readonly TcpState[] = [...OPEN, ...PEER_CLOSED];
const OTHER: readonly TcpState[] = ['SYN-RECEIVED', ...SYNCHRONIZED];

const CLOSED_STATE: readonly Rule[] = [
  {
    section: '3.10.7.1',
    says: 'An incoming segment containing a RST is discarded.',
    states: ['CLOSED'],
    when: has(RST),
    effect: { ends: true },
  },
  {
    section: '3.10.7.1',
    says: 'If the ACK bit is off, sequence number zero is used, <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>',
    states: ['CLOSED'],
    when: lacks(ACK),
    effect: { reply: 'RST-ACK', ends: true },
  },
  {
    section: '3.10.7.1',
    says: 'If the ACK bit is on, <SEQ=SEG.ACK><CTL=RST>',
    states: ['CLOSED'],
    when: always,
    effect: { reply: 'RST', ends: true },
  },
];

const SYN_SENT_STATE: readonly Rule[] = [
  {
    section: '3.10.7.3',
    says: 'If SEG.ACK =< ISS or SEG.ACK > SND.NXT, ... if the RST bit is set, drop the segment and return',
    states: ['SYN-SENT'],
    when: (c) => has(ACK)(c) && has(RST)(c) && (c.ack <= 0 || c.ack > c.view.nxt),
    effect: { counter: 'unacceptableAcks', ends: true },
  },
  {
    section: '3.10.7.3',
    says: 'If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset <SEQ=SEG.ACK><CTL=RST> and discard the segment.',
    states: ['SYN-SENT'],
    when: (c) => has(ACK)(c) && (c.ack <= 0 || c.ack > c.view.nxt),
    effect: { reply: 'RST', counter: 'unacceptableAcks', ends: true },
  },
  {
    section: '3.10.7.3',
    says: 'If the ACK was acceptable, then signal to the user "error: connection reset", ... enter CLOSED state',
    states: ['SYN-SENT'],
    when: (c) => has(RST)(c) && has(ACK)(c),
    effect: { to: 'CLOSED', counter: 'resetsReceived', ends: true },
  },
  {
    section: '3.10.7.3',
    says: 'Otherwise (no ACK), drop the segment and return.',
    states: ['SYN-SENT'],
    when: has(RST),
    effect: { ends: true },
  },
  {
    section: '3.10.7.3',
    says: 'if neither of the SYN or RST bits is set, then drop the segment and return.',
    states: ['SYN-SENT'],
    when: lacks(SYN),
    effect: { ends: true },
  },
  {
    section: '3.10.7.3',
    says: 'If SND.UNA > ISS (our SYN has been ACKed), change the connection state to ESTABLISHED, form an ACK segment',
    states: ['SYN-SENT'],
    when: has(ACK),
    // Text and FIN beside the SYN would be processed now; we let the peer send them again (docs/deviations.md).
    effect: { takes: 'SYN', to: 'ESTABLISHED', reply: 'ACK', ends: true },
  },
  {
    section: '3.10.7.3',
    says: 'Otherwise, enter SYN-RECEIVED, form a SYN,ACK segment <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>',
    states: ['SYN-SENT'],
    when: always,
    effect: { takes: 'SYN', to: 'SYN-RECEIVED', reply: 'SYN-ACK', ends: true },
  },
];

const FIRST_CHECK_SEQUENCE_NUMBER: readonly Rule[] = [
  {
    section: '5.3 of RFC 7323',
    says: 'If there is a Timestamps option ..., SEG.TSval < TS.Recent, TS.Recent is valid, and if the RST bit is not set',
    states: OTHER,
    // A SYN is answered with an ACK whatever its timestamp (fourth check), as Linux does.
    when: (c) => lacks(RST)(c) && lacks(SYN)(c) && c.tsOld,
    effect: { reply: 'ACK', counter: 'pawsDrops', ends: true },
  },
  {
    section: '3.5, figure 7',
    says: 'simultaneous connection: SYN-RECEIVED --> <SEQ=100><ACK=301><CTL=SYN,ACK>',
    states: ['SYN-RECEIVED'],
    when: (c) => isCrossedSynAck(c) && c.ack > c.view.una && c.ack <= c.view.nxt,
    effect: { takes: 'ACK', to: 'ESTABLISHED', reply: 'ACK', ends: true },
  },
  {
    section: '3.5.3',
    says: 'in any non-synchronized state ... the segment carries an unacceptable ACK ... a reset is sent.',
    states: ['SYN-RECEIVED'],
    when: isCrossedSynAck,
    effect: { reply: 'RST', counter: 'unacceptableAcks', ends: true },
  },
  {
    section: '3.10.7.4, first',
    says: 'If an incoming segment is not acceptable, ... if the RST bit is set, drop the segment and return',
    states: OTHER,
    when: (c) => !isTableAcceptable(c) && has(RST)(c),
    effect: { counter: 'unacceptableSegments', ends: true },
  },
  {
    section: 'docs/deviations.md',
    says: 'a duplicate SYN in SYN-RECEIVED: the SYN-ACK is sent again',
    states: ['SYN-RECEIVED'],
    when: (c) => isRepeatedSyn(c) && !isTableAcceptable(c),
    effect: { reply: 'SYN-ACK', counter: 'unacceptableSegments', ends: true },
  },
  {
    section: '3.10.7.4, first',
    says: 'If the RCV.WND is zero, ... special allowance should be made to accept valid ACKs: here of our FIN',
    states: ['FIN-WAIT-1'],
    when: (c) => isZeroWindowAck(c) && c.ack === c.view.nxt,
    effect: { takes: 'ACK', to: 'FIN-WAIT-2', reply: 'ACK', counter: 'unacceptableSegments', ends: true },
  },
  {
    section: '3.10.7.4, first',
    says: 'If the RCV.WND is zero, ... special allowance should be made to accept valid ACKs',
    states: SYNCHRONIZED,
    when: (c) => isZeroWindowAck(c) && c.ack <= c.view.nxt && c.ack >= c.view.una - c.view.maxWnd,
    effect: { takes: 'ACK', reply: 'ACK', counter: 'unacceptableSegments', ends: true },
  },
  {
    section: '3.10.7.4, first',
    says: 'If an incoming segment is not acceptable, an acknowledgment should be sent in reply',
    states: OTHER,
    when: (c) => !isTableAcceptable(c),
    effect: { reply: 'ACK', counter: 'unacceptableSegments', ends: true },
  },
];

const SECOND_CHECK_RST: readonly Rule[] = [
  {
    section: '3.10.7.4, second',
    says: 'If the RST bit is set and the sequence number exactly matches ... MUST reset the connection',
    states: OTHER,
    when: (c) => has(RST)(c) && c.seq === c.view.rcvNxt,
    effect: { to: 'CLOSED', counter: 'resetsReceived', ends: true },
  },
  {
    section: '3.10.7.4, second',
    says: 'does not exactly match the next expected sequence value, yet is within ... MUST send an acknowledgment',
    states: OTHER,
    when: has(RST),
    effect: { reply: 'ACK', counter: 'challengeAcks', ends: true },
  },
];

const FOURTH_CHECK_SYN: readonly Rule[] = [
  {
    section: '3.10.7.4, fourth',
    says: 'if the SYN bit is set, irrespective of the sequence number, TCP endpoints MUST send a "challenge ACK"',
    // Of SYN-RECEIVED after a passive OPEN the RFC says "return this connection to the LISTEN state" (docs/deviations.md).
    states: OTHER,
    when: has(SYN),
    effect: { reply: 'ACK', counter: 'challengeAcks', ends: true },
  },
];

const FIFTH_CHECK_ACK: readonly Rule[] = [
  {
    section: '3.10.7.4, fifth',
    says: 'if the ACK bit is off, drop the segment and return',
    states: OTHER,
    when: lacks(ACK),
    effect: { counter: 'noAckDrops', ends: true },
  },
  {
    section: '3.10.7.4, fifth',
    says: 'SYN-RECEIVED: If the segment acknowledgment is not acceptable, form a reset segment <SEQ=SEG.ACK><CTL=RST>',
    states: ['SYN-RECEIVED'],
    when: (c) => c.ack <= c.view.una || c.ack > c.view.nxt,
    effect: { reply: 'RST', counter: 'unacceptableAcks', ends: true },
  },
  {
    section: '3.10.7.4, fifth',
    says: 'acceptable only if ... (SND.UNA - MAX.SND.WND) =< SEG.ACK =< SND.NXT ... MUST be discarded and an ACK sent back',
    states: SYNCHRONIZED,
    when: (c) => c.ack < c.view.una - c.view.maxWnd || c.ack > c.view.nxt,
    effect: { reply: 'ACK', counter: 'unacceptableAcks', ends: true },
  },
  {
    section: '3.10.7.4, fifth',
    says: 'SYN-RECEIVED: If SND.UNA < SEG.ACK =< SND.NXT, then enter ESTABLISHED state and continue processing',
    states: ['SYN-RECEIVED'],
    when: always,
    effect: { takes: 'ACK', to: 'ESTABLISHED' },
  },
  {
    section: '3.10.7.4, fifth',
    says: 'If SND.UNA < SEG.ACK =< SND.NXT, then set SND.UNA <- SEG.ACK.',
    states: SYNCHRONIZED,
    when: (c) => c.ack > c.view.una,
    effect: { takes: 'ACK' },
  },
  {
    section: '3.10.7.4, fifth',
    says: 'FIN-WAIT-1: if the FIN segment is now acknowledged, then enter FIN-WAIT-2 and continue processing',
    states: ['FIN-WAIT-1'],
    when: (c) => c.view.una === c.view.nxt,
    effect: { to: 'FIN-WAIT-2' },
  },
  {
    section: '3.10.7.4, fifth',
    says: 'CLOSING: if the ACK acknowledges our FIN, then enter the TIME-WAIT state',
    states: ['CLOSING'],
    when: (c) => c.view.una === c.view.nxt,
    effect: { to: 'TIME-WAIT' },
  },
  {
    section: '3.10.7.4, fifth',
    says: 'LAST-ACK: If our FIN is now acknowledged, delete the TCB, enter the CLOSED state, and return.',
    states: ['LAST-ACK'],
    when: (c) => c.view.una === c.view.nxt,
    effect: { to: 'CLOSED', ends: true },
  },
];

const SEVENTH_TEXT: readonly Rule[] = [
  {
    section: '3.10.7.4, seventh',
    says: 'This should not occur since a FIN has been received from the remote side. Ignore the segment text.',
    states: PEER_CLOSED,
    // A FIN behind the FIN as well: there is nothing it could mean (docs/deviations.md).
    when: always,
    effect: { ends: true },
  },
  {
    section: '3.10.7.4, first',
    says: 'Segments with higher beginning sequence numbers SHOULD be held for later processing (SHLD-31)',
    states: OPEN,
    when: (c) => (c.len > 0 || has(FIN)(c)) && c.seq > c.view.rcvNxt,
    effect: { reply: 'ACK', ends: true },
  },
  {
    section: '3.10.7.4, seventh',
    says: 'it must also acknowledge the receipt of the data ... advances RCV.NXT over the data accepted',
    states: OPEN,
    when: (c) => c.len > 0 && c.seq + c.len > c.view.rcvNxt,
    effect: { takes: 'text', reply: 'ACK' },
  },
];

const EIGHTH_FIN: readonly Rule[] = [
  ...(
    [
      ['ESTABLISHED', 'CLOSE-WAIT', 'Enter the CLOSE-WAIT state.'],
      ['FIN-WAIT-1', 'CLOSING', 'If our FIN has been ACKed ...; otherwise, enter the CLOSING state.'],
      ['FIN-WAIT-2', 'TIME-WAIT', 'Enter the TIME-WAIT state.'],
    ] as const
  ).map(
    ([from, to, says]): Rule => ({
      section: '3.10.7.4, eighth',
      says: `advance RCV.NXT over the FIN, and send an acknowledgment for the FIN. ${says}`,
      states: [from],
      when: (c) => has(FIN)(c) && c.seq + c.len === c.view.rcvNxt && inWindow(c, c.view.rcvNxt),
      effect: { takes: 'FIN', to, reply: 'ACK', ends: true },
    }),
  ),
];

/** In the order of the RFC. */
export const RULES: readonly Rule[] = [
  ...CLOSED_STATE,
  ...SYN_SENT_STATE,
  ...FIRST_CHECK_SEQUENCE_NUMBER,
  ...SECOND_CHECK_RST,
  ...FOURTH_CHECK_SYN,
  ...FIFTH_CHECK_ACK,
  ...SEVENTH_TEXT,
  ...EIGHTH_FIN,
];
