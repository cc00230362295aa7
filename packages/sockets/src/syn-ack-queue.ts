/** SYN-ACKs of cookies, waiting for the next output: all that is kept of the SYNs that they answer. */

import { type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { writeSynOptionList } from '@tcpstack/tcp/connection';
import { IpAddress } from '@tcpstack/wire/ip-address';
import { ACK, ECE, SYN, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import { putWords, readWords } from './address-words.ts';

/** More wait only when output is far behind; then SYNs go unanswered, and are counted. */
const ANSWERS_MAX = 1024;
const WORDS = 15;
const NO_WORDS = new Int32Array(0);
const SACK_BIT = 0x20;
const TIMESTAMPS_BIT = 0x40;
const ECE_BIT = 0x80;
const SCALE_MASK = 0x1f;

/** One SYN-ACK. */
export interface SynAck {
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
  localPort: number;
  remotePort: number;
  iss: Seq;
  ack: Seq;
  mssBytes: number;
  wndRaw: number;
  /** Our shift, -1 for none. */
  windowScale: number;
  sackPermitted: boolean;
  hasTimestamps: boolean;
  tsVal: Seq;
  tsEcr: Seq;
  ece: boolean;
  tosByte: number;
  ttlHops: number;
}

function createSynAck(): SynAck {
  return {
    localAddress: new IpAddress(),
    remoteAddress: new IpAddress(),
    localPort: 0,
    remotePort: 0,
    iss: seq(0),
    ack: seq(0),
    mssBytes: 0,
    wndRaw: 0,
    windowScale: -1,
    sackPermitted: false,
    hasTimestamps: false,
    tsVal: seq(0),
    tsEcr: seq(0),
    ece: false,
    tosByte: 0,
    ttlHops: 0,
  };
}

/** A first-in first-out queue in one typed array, of one interface. */
export class SynAckQueue {
  /** Filled by who pushes. */
  readonly draft = createSynAck();
  readonly #oldest = createSynAck();
  /** Made when the first one waits: most interfaces never send any. */
  #words = NO_WORDS;
  #head = 0;
  #count = 0;

  /** SYN-ACKs that wait. */
  get length(): number {
    return this.#count;
  }

  /** Queues what `draft` says; false when too many wait already. */
  push(): boolean {
    if (this.#count === ANSWERS_MAX) return false;
    if (this.#words === NO_WORDS) this.#words = new Int32Array(ANSWERS_MAX * WORDS);
    const d = this.draft;
    const words = this.#words;
    const w = ((this.#head + this.#count) % ANSWERS_MAX) * WORDS;
    putWords(words, w, d.localAddress);
    putWords(words, w + 4, d.remoteAddress);
    words[w + 8] = (d.localPort << 16) | d.remotePort;
    words[w + 9] = toInt32(d.iss);
    words[w + 10] = toInt32(d.ack);
    words[w + 11] = toInt32(d.tsVal);
    words[w + 12] = toInt32(d.tsEcr);
    words[w + 13] = (d.mssBytes << 16) | d.wndRaw;
    const flags = (d.sackPermitted ? SACK_BIT : 0) | (d.hasTimestamps ? TIMESTAMPS_BIT : 0) | (d.ece ? ECE_BIT : 0);
    words[w + 14] = (d.windowScale + 1) | flags | (d.tosByte << 8) | (d.ttlHops << 16);
    this.#count++;
    return true;
  }

  /** The oldest; the record is used again. */
  peek(): Readonly<SynAck> {
    const one = this.#oldest;
    const words = this.#words;
    const w = this.#head * WORDS;
    readWords(words, w, one.localAddress);
    readWords(words, w + 4, one.remoteAddress);
    const ports = words[w + 8] as number;
    one.localPort = ports >>> 16;
    one.remotePort = ports & 0xffff;
    one.iss = seq(words[w + 9] as number);
    one.ack = seq(words[w + 10] as number);
    one.tsVal = seq(words[w + 11] as number);
    one.tsEcr = seq(words[w + 12] as number);
    const sizes = words[w + 13] as number;
    one.mssBytes = sizes >>> 16;
    one.wndRaw = sizes & 0xffff;
    const rest = words[w + 14] as number;
    one.windowScale = (rest & SCALE_MASK) - 1;
    one.sackPermitted = (rest & SACK_BIT) !== 0;
    one.hasTimestamps = (rest & TIMESTAMPS_BIT) !== 0;
    one.ece = (rest & ECE_BIT) !== 0;
    one.tosByte = (rest >>> 8) & 0xff;
    one.ttlHops = (rest >>> 16) & 0xff;
    return one;
  }

  /** Forgets the oldest. */
  shift(): void {
    this.#head = (this.#head + 1) % ANSWERS_MAX;
    this.#count--;
  }
}

/** Writes its header and options; returns the bytes that it took. */
export function writeSynAck(one: Readonly<SynAck>, bytes: Uint8Array, at: number): number {
  const { windowScale, sackPermitted, hasTimestamps, tsVal, tsEcr } = one;
  const optionsAt = at + TCP_HEADER_BYTES;
  const end = writeSynOptionList(
    bytes,
    optionsAt,
    one.mssBytes,
    sackPermitted,
    hasTimestamps,
    tsVal,
    tsEcr,
    windowScale,
  );
  const flags = SYN | ACK | (one.ece ? ECE : 0);
  writeTcp(bytes, at, one.localPort, one.remotePort, one.iss, one.ack, end - at, flags, one.wndRaw, 0);
  return end - at;
}
