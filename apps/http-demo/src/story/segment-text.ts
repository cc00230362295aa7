/** A segment in words: flags, numbers and options, from most to least worth a reader's space. */

import type { TcpFlagName } from '@tcpstack/wire/decode';
import { optionText } from '@tcpstack/wire/summary';
import type { SegmentEvent } from './events.ts';

/** What a text about flags needs, and one about numbers, and one about options. */
type Flags = Pick<SegmentEvent, 'flags'>;
type Numbers = Pick<SegmentEvent, 'seq' | 'ack' | 'seqRelative' | 'ackRelative' | 'payloadBytes'>;
type Options = Pick<SegmentEvent, 'window' | 'options'>;

/** The order in which people say flags: "SYN ACK". */
const SPOKEN_ORDER: readonly TcpFlagName[] = ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ECE', 'CWR', 'ACK'];

/** "SYN ACK" */
export function flagsText({ flags }: Flags): string {
  return SPOKEN_ORDER.filter((name) => flags.includes(name)).join(' ');
}

/** "seq 1:143 ack 1 len 142": counted from the initial sequence numbers; the end is exclusive. */
export function relativeText(segment: Numbers): string {
  return numbersText(segment, '', '');
}

/** "seq 0 (3735928559) ack 1 (1234567891) len 0": with the numbers on the wire. */
export function fullText(segment: SegmentEvent): string {
  return numbersText(segment, ` (${segment.seq})`, ` (${segment.ack})`);
}

/** "on the wire: seq 3735928559 ack 1234567891" */
export function absoluteText({ seq, ack }: SegmentEvent): string {
  return `on the wire: seq ${seq}${ack === null ? '' : ` ack ${ack}`}`;
}

function numbersText(segment: Numbers, seqNote: string, ackNote: string): string {
  const { seqRelative: first, ackRelative, payloadBytes } = segment;
  const range = payloadBytes > 0 ? `${first}:${(first + payloadBytes) >>> 0}` : String(first);
  const ack = ackRelative === null ? '' : ` ack ${ackRelative}${ackNote}`;
  return `seq ${range}${seqNote}${ack} len ${payloadBytes}`;
}

/** "win 65535, mss 1460, sackOK, TS 1 0, nop, wscale 8" */
export function optionsText({ window, options }: Options): string {
  return [`win ${window}`, ...options.map((option) => optionText(option))].join(', ');
}
