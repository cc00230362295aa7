/**
 * Every kind of segment in every state, at every edge of the receive window and of the ACK field, with and without
 * timestamps, against the table of rules written from RFC 9293 §3.10.7.
 */

import { diff } from '@tcpstack/seq/seq';
import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import type { TcpCounters } from '../../src/counters.ts';
import type { Emitted, Fields } from '../segments.ts';
import { type Case, segmentLength, type View } from './case.ts';
import { judge, type Outcome } from './model.ts';
import { SETUPS, type Setup } from './setups.ts';

const TEXT = 100;

/** Bits and bytes of payload. */
const KINDS: readonly (readonly [name: string, flags: number, len: number])[] = [
  ['ACK', ACK, 0],
  ['data', ACK, TEXT],
  ['FIN', FIN | ACK, 0],
  ['data with FIN', FIN | ACK, TEXT],
  ['RST', RST, 0],
  ['RST with ACK', RST | ACK, 0],
  ['SYN', SYN, 0],
  ['SYN-ACK', SYN | ACK, 0],
  ['SYN-FIN', SYN | FIN, 0],
  ['no flags', 0, 0],
  ['data without flags', 0, TEXT],
];

/** Places of the first octet for a segment of `length`: before, across and at the left edge, inside, at the right edge. */
function places(view: View, length: number): readonly (readonly [name: string, seq: number])[] {
  // There is no window yet; scripts count from the number of the peer's SYN.
  if (view.state === 'SYN-SENT') return [['anywhere', 0]];
  const list: [string, number][] = [
    ['just before the window', view.rcvNxt - Math.max(1, length)],
    ['at the left edge', view.rcvNxt],
    ['inside', view.rcvNxt + 10],
    ['with its end on the last octet', view.rcvEdge - Math.max(1, length)],
    ['with its start on the last octet', view.rcvEdge - 1],
    ['just beyond the right edge', view.rcvEdge],
  ];
  if (length > 1)
    list.push(['across the left edge', view.rcvNxt - 1], ['all but the last octet before', view.rcvNxt - length + 1]);
  return list;
}

/** Values of the ACK field: one for segments without. */
function acks({ una, nxt, maxWnd }: View, flags: number): readonly (readonly [name: string, ack: number])[] {
  if ((flags & ACK) === 0) return [['', 0]];
  return [
    ['ACK before SND.UNA-MAX.SND.WND', una - maxWnd - 1],
    ['oldest ACK allowed', una - maxWnd],
    ['old ACK', una - 1],
    ['ACK of SND.UNA', una],
    ...(nxt - una > 1 ? ([['ACK inside', una + 1]] as const) : []),
    ['ACK of SND.NXT', nxt],
    ['ACK beyond', nxt + 1],
  ];
}

const OPTIONS = [
  'no options',
  'timestamps',
  'timestamp older than TS.Recent',
  'timestamps agreed and missing',
] as const;

function fieldsOf(option: (typeof OPTIONS)[number], setup: Setup): Fields {
  if (option === 'timestamps') return setup.fresh;
  return option === 'timestamp older than TS.Recent' ? setup.old : {};
}

/** What the connection did, in the words of the model. */
function observe(setup: Setup, c: Case, options: Fields): Outcome {
  const { t } = setup;
  const { tcb } = t;
  const readable = tcb.receiveRing.readable;
  const before = { ...t.counters };
  const una = tcb.snd.una;
  // The table is of ACKs that are not delayed.
  t.tcb.delayedAck = { ...t.tcb.delayedAck, interactive: false };
  t.inject(t.nowMs, { flags: c.flags, seq: c.seq, ack: c.ack, len: c.len, win: 20_000, ...options });
  const replies = t.take().map(inWords);
  const rose = (Object.keys(before) as (keyof TcpCounters)[]).filter((name) => t.counters[name] > before[name]);
  const wanted = judge(c).counter;
  return {
    state: tcb.state,
    reply: replies.length === 0 ? 'nothing' : replies.join(', '),
    delivered: tcb.receiveRing.readable - (tcb.state === 'CLOSED' ? tcb.receiveRing.readable : readable),
    una: c.view.una + diff(tcb.snd.una, una),
    counter: wanted !== '' && rose.includes(wanted) ? wanted : (rose.find((name) => REASONS.includes(name)) ?? ''),
  };
}

/** Counters that give the reason of a drop. */
const REASONS: readonly (keyof TcpCounters)[] = [
  'unacceptableSegments',
  'unacceptableAcks',
  'pawsDrops',
  'challengeAcks',
  'noAckDrops',
  'resetsReceived',
];

function inWords({ flags, seq, ack }: Emitted): string {
  if ((flags & (RST | ACK)) === (RST | ACK)) return `RST-ACK ack ${ack}`;
  if ((flags & RST) !== 0) return `RST seq ${seq}`;
  return `${(flags & SYN) !== 0 ? 'SYN-' : ''}ACK seq ${seq} ack ${ack}`;
}

function inLine({ state, reply, delivered, una, counter }: Outcome): string {
  return `${state}, ${reply}, ${delivered} bytes, SND.UNA ${una}, ${counter}`;
}

/** All cases of one kind in one state; returns those in which the connection and the RFC differ. */
function differences(make: (ts: boolean) => Setup, flags: number, len: number): { cases: number; wrong: string[] } {
  const wrong: string[] = [];
  let cases = 0;
  const { view } = make(false);
  for (const option of OPTIONS) {
    const agreed = option !== 'no options';
    for (const [place, seq] of places(view, segmentLength({ flags, len }))) {
      for (const [field, ack] of acks(view, flags)) {
        const setup = make(agreed);
        const synchronized = view.state !== 'SYN-SENT' && view.state !== 'CLOSED';
        const tsOld = synchronized && option === 'timestamp older than TS.Recent';
        const c: Case = { flags, seq, ack, len, tsOld, view: setup.view };
        const { because, ...expected } = judge(c);
        const got = observe(setup, c, fieldsOf(option, setup));
        cases++;
        if (inLine(got) === inLine(expected)) continue;
        wrong.push(
          `${place}, ${field}, ${option}: ${inLine(got)}, expected ${inLine(expected)}: ${because.join('; ')}`,
        );
      }
    }
  }
  return { cases, wrong };
}

/** Requirements that a kind of segment proves in the synchronized states. */
const LABELS: Record<string, string> = {
  data: ' [SHLD-31] [MAY-12] [MAY-13]',
  'data with FIN': ' [SHLD-31] [MAY-13]',
  ACK: ' [MAY-12]',
};

const SECTIONS: Record<string, string> = { CLOSED: '§3.10.7.1', 'SYN-SENT': '§3.10.7.3' };

describe.each(Object.entries(SETUPS))('in %s', (name, { state, make }) => {
  const section = SECTIONS[state] ?? '§3.10.7.4';
  const labels = (kind: string) => {
    if (section !== '§3.10.7.4') return '';
    if (name.includes('window closed')) return kind.startsWith('RST') ? ' [MUST-66]' : '';
    return name.includes('active') && kind === 'SYN-ACK' ? ' [MUST-10]' : (LABELS[kind] ?? '');
  };
  test.each(KINDS.map(([kind, flags, len]) => [kind, labels(kind), flags, len] as const))(
    `%s, at every edge and with every ACK, does what the RFC says — RFC 9293 ${section}%s`,
    (_kind, _labels, flags, len) => {
      expect(make(false).view.state).toBe(state);
      const { cases, wrong } = differences(make, flags, len);
      expect(cases).toBeGreaterThan(3);
      if (wrong.length > 0) expect.fail(`${wrong.length} of ${cases} differ\n${wrong.slice(0, 20).join('\n')}`);
    },
  );
});
