/** A bad network in virtual time: two lanes that lose, delay, reorder, double, split and merge segments. */

import { diff, seq } from '@tcpstack/seq/seq';
import { createSegment } from '@tcpstack/wire/segment';
import { ACK, FIN, PSH, writeTcp } from '@tcpstack/wire/tcp';
import { parse } from './segments.ts';

/** How bad. All chances are 0 to 1. */
export interface Weather {
  readonly lossChance: number;
  readonly doubleChance: number;
  readonly delayMs: number;
  /** Added to the delay of each segment by itself, so that later ones may overtake. */
  readonly jitterMs: number;
  /** Chance that a segment is held to be merged with what follows it (GRO). */
  readonly mergeChance: number;
  /** What the link carries in a millisecond. Default: any amount. */
  readonly bytesPerMs?: number;
  /** Larger segments, header included, vanish without a word. Default: none do. */
  readonly largestBytes?: number;
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Most segments in a row that a lane loses: a bound, so that retries are enough and tests can ask for an end. */
const LOSSES_IN_A_ROW_MAX = 3;

/** One direction. Segments are owned by the lane once they are sent. */
export class Lane {
  readonly #weather: Weather;
  readonly #random: () => number;
  readonly #queue: { readonly atMs: number; readonly bytes: Uint8Array }[] = [];
  #lost = 0;
  #busyUntilMs = 0;

  constructor(weather: Weather, random: () => number) {
    this.#weather = weather;
    this.#random = random;
  }

  /** When the next segment arrives, or `Infinity`. */
  get nextMs(): number {
    return this.#queue[0]?.atMs ?? Infinity;
  }

  /** Sends a segment of at most `mssBytes` payload, or a super-segment that is split here. */
  send(nowMs: number, bytes: Uint8Array, mssBytes: number): void {
    for (const part of split(bytes, mssBytes)) {
      const copies = this.#random() < this.#weather.doubleChance ? 2 : 1;
      for (let i = 0; i < copies; i++) this.#sendOne(nowMs, part);
    }
  }

  /** Takes what has arrived by now, in the order of arrival, merged where the weather says so. */
  arrived(nowMs: number): Uint8Array[] {
    const list: Uint8Array[] = [];
    while (this.nextMs <= nowMs) {
      const { bytes } = this.#queue.shift() as { bytes: Uint8Array };
      const last = list.at(-1);
      const merged = last !== undefined && this.#random() < this.#weather.mergeChance ? merge(last, bytes) : null;
      if (merged === null) list.push(bytes);
      else list[list.length - 1] = merged;
    }
    return list;
  }

  #sendOne(nowMs: number, bytes: Uint8Array): void {
    const { lossChance, delayMs, jitterMs, bytesPerMs = Infinity, largestBytes = Infinity } = this.#weather;
    if (bytes.length > largestBytes) return;
    if (this.#random() < lossChance && this.#lost < LOSSES_IN_A_ROW_MAX) {
      this.#lost++;
      return;
    }
    this.#lost = 0;
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + bytes.length / bytesPerMs;
    const atMs = this.#busyUntilMs + delayMs + Math.floor(this.#random() * (jitterMs + 1));
    let i = this.#queue.length;
    while (i > 0 && (this.#queue[i - 1]?.atMs ?? 0) > atMs) i--;
    this.#queue.splice(i, 0, { atMs, bytes });
  }
}

/** What a link does that splits super-segments: same header, PSH and FIN on the last part alone. */
export function split(bytes: Uint8Array, mssBytes: number): Uint8Array[] {
  const segment = parse(bytes);
  const headerBytes = segment.payloadAt;
  const payloadBytes = bytes.length - headerBytes;
  if (payloadBytes <= mssBytes) return [bytes.slice()];
  const parts: Uint8Array[] = [];
  for (let from = 0; from < payloadBytes; from += mssBytes) {
    const to = Math.min(payloadBytes, from + mssBytes);
    const part = new Uint8Array(headerBytes + to - from);
    part.set(bytes.subarray(0, headerBytes));
    part.set(bytes.subarray(headerBytes + from, headerBytes + to), headerBytes);
    const bits = to < payloadBytes ? segment.flags & ~(FIN | PSH) : segment.flags;
    const number = seq(diff(segment.seq, seq(0)) + from);
    writeTcp(
      part,
      0,
      segment.sourcePort,
      segment.destinationPort,
      number,
      segment.ack,
      headerBytes,
      bits,
      segment.wndRaw,
      0,
    );
    parts.push(part);
  }
  return parts;
}

/** What a receiving link does: `b` joined to `a` when it continues it in the same manner; else null. */
export function merge(a: Uint8Array, b: Uint8Array): Uint8Array | null {
  const first = parse(a, createSegment());
  const second = parse(b, createSegment());
  const firstBytes = a.length - first.payloadAt;
  const secondBytes = b.length - second.payloadAt;
  const alike =
    (first.flags & ~PSH) === ACK &&
    (second.flags & ~(PSH | FIN)) === ACK &&
    first.ack === second.ack &&
    first.wndRaw === second.wndRaw &&
    first.payloadAt === second.payloadAt &&
    diff(second.seq, first.seq) === firstBytes;
  const sameOptions = a.subarray(20, first.payloadAt).every((byte, i) => byte === b[20 + i]);
  if (!alike || !sameOptions || firstBytes === 0 || secondBytes === 0 || firstBytes + secondBytes > 65_000) return null;
  const whole = new Uint8Array(a.length + secondBytes);
  whole.set(a);
  whole.set(b.subarray(second.payloadAt), a.length);
  whole[13] = second.flags;
  return whole;
}
