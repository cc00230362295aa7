/** Runs the table of rules on one case: an independent judge of the state machine. */

import type { TcpCounters } from '../../src/counters.ts';
import type { TcpState } from '../../src/state.ts';
import { type Case, segmentLength } from './case.ts';
import { type Effect, type Reply, RULES } from './rules.ts';

/** What is to be seen from outside once a segment was taken. */
export interface Outcome {
  readonly state: TcpState;
  /** In words: "ACK seq 301 ack 101", or "nothing". */
  readonly reply: string;
  /** Bytes that the user can read now and could not before. */
  readonly delivered: number;
  readonly una: number;
  readonly counter: keyof TcpCounters | '';
}

/** What the RFC expects, and the sentences it follows from. */
export interface Expected extends Outcome {
  readonly because: readonly string[];
}

/** Judges `c`; the view in it is left as it is. */
export function judge(given: Case): Expected {
  const c: Case = { ...given, view: { ...given.view } };
  const because: string[] = [];
  const counters: (keyof TcpCounters)[] = [];
  let reply: Reply | null = null;
  let delivered = 0;
  for (const rule of RULES) {
    if (!rule.states.includes(c.view.state) || !rule.when(c)) continue;
    because.push(`§${rule.section}: ${rule.says}`);
    const { effect } = rule;
    delivered += apply(c, effect);
    reply = effect.reply ?? reply;
    if (effect.counter !== undefined) counters.push(effect.counter);
    if (effect.to !== undefined) c.view.state = effect.to;
    if (effect.ends) break;
  }
  const { state, una } = c.view;
  return { state, reply: inWords(c, reply), delivered, una, counter: counters.at(-1) ?? '', because };
}

function apply(c: Case, { takes }: Effect): number {
  const { view } = c;
  switch (takes) {
    case undefined:
      return 0;
    case 'SYN': {
      const offered = view.rcvEdge - view.rcvNxt;
      view.rcvNxt = c.seq + 1;
      view.rcvEdge = view.rcvNxt + offered;
      if (c.ack > view.una) view.una = c.ack;
      return 0;
    }
    case 'ACK':
      view.una = Math.max(view.una, c.ack);
      return 0;
    case 'text': {
      // "trimming off any portions that lie outside the window (including SYN and FIN)"
      const end = Math.min(c.seq + c.len, view.rcvEdge);
      const taken = end - view.rcvNxt;
      view.rcvNxt = end;
      return taken;
    }
    case 'FIN':
      view.rcvNxt++;
      return 0;
    default:
      return takes satisfies never;
  }
}

function inWords(c: Case, reply: Reply | null): string {
  const { view } = c;
  switch (reply) {
    case null:
      return 'nothing';
    case 'ACK':
      return `ACK seq ${view.nxt} ack ${view.rcvNxt}`;
    case 'SYN-ACK':
      return `SYN-ACK seq 0 ack ${view.rcvNxt}`;
    case 'RST':
      return `RST seq ${c.ack}`;
    case 'RST-ACK':
      return `RST-ACK ack ${c.seq + segmentLength(c)}`;
    default:
      return reply satisfies never;
  }
}
