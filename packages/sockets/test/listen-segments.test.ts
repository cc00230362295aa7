/** Every kind of segment that a listener may meet, against the text of RFC 9293 §3.10.7.2. */

import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { listening, states } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { World } from './world.ts';

const SEQ = 0xffff_fffe;

type Kind = readonly [name: string, flags: number, textBytes: number];

/** What the RFC says, the kinds of segment that it says it of, the reply and the counter. */
const RULES: readonly (readonly [says: string, kinds: readonly Kind[], reply: object | null, counter: string])[] = [
  [
    'An incoming RST should be ignored.',
    [
      ['RST', RST, 0],
      ['RST with ACK', RST | ACK, 0],
      ['RST with SYN', RST | SYN, 0],
    ],
    null,
    'listenResets',
  ],
  [
    'Any acknowledgment is bad ...: <SEQ=SEG.ACK><CTL=RST>',
    [
      ['ACK', ACK, 0],
      ['data', ACK, 100],
      ['FIN', FIN | ACK, 0],
      ['data with FIN', FIN | ACK, 100],
      ['SYN-ACK', SYN | ACK, 0],
    ],
    { kind: 'RST' },
    'listenAcks',
  ],
  [
    'Set RCV.NXT to SEG.SEQ+1 ... a SYN segment sent of the form: <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>',
    [
      ['SYN', SYN, 0],
      // "any other control or text should be queued": we let the peer send it again (docs/deviations.md).
      ['SYN with text', SYN, 100],
      ['SYN-FIN', SYN | FIN, 0],
    ],
    { kind: 'ACK,SYN' },
    'halfOpens',
  ],
  [
    'other data or control: ... Drop the segment and return.',
    [
      ['no flags', 0, 0],
      ['data without flags', 0, 100],
      ['FIN without ACK', FIN, 0],
    ],
    null,
    'badSegments',
  ],
];

describe.each(RULES)('"%s" (RFC 9293 §3.10.7.2)', (_says, kinds, reply, counter) => {
  describe.each([
    ['without options', {}],
    ['with timestamps', { tsVal: 7 }],
  ])('%s', (_options, options) => {
    test.each(kinds)('%s', (_kind, flags, textBytes) => {
      const world = new World();
      const host = world.host(0);
      listening(host);
      world.inject(segment({ flags, seq: SEQ, ack: 0x8000_0001, payload: pattern(textBytes), ...options })).settle();
      const [answer, ...more] = world.sentBy(0);
      expect(more).toEqual([]);
      expect(host.counters()[counter as keyof ReturnType<typeof host.counters>]).toBe(1);
      const opens = counter === 'halfOpens';
      expect(states(host)).toEqual(opens ? ['LISTEN', 'SYN-RECEIVED'] : ['LISTEN']);
      if (reply === null) expect(answer).toBeUndefined();
      else expect(answer).toMatchObject(reply);
      if (counter === 'listenAcks') expect(answer?.tcp).toMatchObject({ seq: 0x8000_0001 });
      if (opens) expect(answer?.tcp).toMatchObject({ ack: 0xffff_ffff });
    });
  });
});
