/** A captured packet as the facts that the story tells about it. */

import type { SockAddr } from '@tcpstack/sockets/syscalls';
import { decodePacket } from '@tcpstack/wire/decode';
import { tlsContentOf } from '../watch/content.ts';
import type { HostName, SegmentEvent } from './events.ts';

/** What the bytes of a segment say by themselves. */
export type SegmentFacts = Pick<
  SegmentEvent,
  | 'source'
  | 'destination'
  | 'flags'
  | 'seq'
  | 'seqRelative'
  | 'ack'
  | 'ackRelative'
  | 'window'
  | 'options'
  | 'payloadBytes'
  | 'startLine'
  | 'checksumValid'
>;

/** A longer start line is not shown. */
const LINE_CHARS_MAX = 256;

/** Reads segments, and remembers from each SYN where its sender began to count. */
export class SegmentReader {
  readonly #initial: Record<HostName, number | null> = { client: null, server: null };

  /** The facts of the packet, or `null` when it carries no TCP. `bytes` is borrowed. */
  read(from: HostName, bytes: Uint8Array): SegmentFacts | null {
    const { ipv4, ipv6, tcp } = decodePacket(bytes);
    const ip = ipv4 ?? ipv6;
    if (ip === null || tcp === null) return null;
    if (tcp.flags.includes('SYN')) this.#initial[from] = tcp.seq;
    const ack = tcp.flags.includes('ACK') ? tcp.ack : null;
    const peer = from === 'client' ? 'server' : 'client';
    return {
      source: address(ip.source, tcp.sourcePort),
      destination: address(ip.destination, tcp.destinationPort),
      flags: tcp.flags,
      seq: tcp.seq,
      seqRelative: distance(tcp.seq, this.#initial[from]),
      ack,
      ackRelative: ack === null ? null : distance(ack, this.#initial[peer]),
      window: tcp.window,
      options: tcp.options,
      payloadBytes: tcp.payloadLengthBytes,
      startLine: startLine(bytes.subarray(tcp.payloadAt, tcp.payloadAt + tcp.payloadLengthBytes)),
      checksumValid: (ipv4 === null || ipv4.checksumValid) && tcp.checksumValid === true,
    };
  }
}

function address(text: string, port: number): SockAddr {
  return { address: text, port };
}

/** How far `number` is past where its sender began; the number itself when that was not seen. */
function distance(number: number, initial: number | null): number {
  return initial === null ? number : (number - initial) >>> 0;
}

/** The start line when an HTTP message begins here, the name of a record of TLS, else ''. */
function startLine(payload: Uint8Array): string {
  const record = tlsContentOf(payload);
  if (record !== '') return record;
  const text = String.fromCharCode(...payload.subarray(0, LINE_CHARS_MAX));
  return /^(?:[A-Z]+ [!-~]+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3} [ -~]*)(?=\r)/.exec(text)?.[0] ?? '';
}
