/** Two connections that talk over a bad network in virtual time, each with a user who writes, reads and closes. */

import { LoanDesk } from '@tcpstack/bytes/loans';
import { SlabPool } from '@tcpstack/bytes/slab-pool';
import { add, type Seq, seq } from '@tcpstack/seq/seq';
import { sipKey } from '@tcpstack/seq/siphash';
import { createSegment, type Segment } from '@tcpstack/wire/segment';
import { ACK, RST, SYN, writeTcp } from '@tcpstack/wire/tcp';
import { expect } from 'vitest';
import { ChallengeBudget } from '../src/arrival/challenge-budget.ts';
import { type CongestionName, DEFAULT_CONGESTION } from '../src/congestion/registry.ts';
import {
  acceptSyn,
  canSend,
  closeSend,
  handleTimeouts,
  nextDeadlineMs,
  openActive,
  type ResetReply,
  receive,
  resetFor,
  segmentArrives,
  segmentBytesMax,
  send,
  splitBytes,
  writeNext,
} from '../src/connection.ts';
import { createTcpCounters } from '../src/counters.ts';
import { Invariants } from '../src/invariants.ts';
import { MAX_BUFFER_MEMORY_BYTES } from '../src/limits.ts';
import { createTcpShared } from '../src/shared.ts';
import { createTcb, type Tcb, type TcpShared } from '../src/tcb.ts';
import { Lane, randomFrom, type Weather } from './link.ts';
import { parse, pattern } from './segments.ts';

/** One end. */
export interface EndOptions {
  readonly iss: number;
  readonly mssBytes: number;
  readonly superSegmentPayloadBytes: number;
  readonly sendBufferBytes: number;
  readonly receiveBufferBytes: number;
  /** Buffers grow by themselves up to these. Default: they do not. */
  readonly sendBufferMaxBytes?: number;
  readonly receiveBufferMaxBytes?: number;
  readonly bufferMemoryMaxBytes?: number;
  readonly sack: boolean;
  readonly timestamps: boolean;
  readonly scaling: boolean;
  readonly noDelay: boolean;
  /** Default 0. */
  readonly mtuProbing?: 0 | 1 | 2;
  /** Bytes to send before CLOSE. */
  readonly totalBytes: number;
  /** The user looks in once in so many milliseconds and reads at most so many bytes; 0 reads at once, all. */
  readonly readEveryMs: number;
  readonly readBytesMax: number;
  readonly congestion?: CongestionName;
}

/** A connection, its user, and its checker. */
export class End {
  readonly tcb: Tcb;
  readonly options: EndOptions;
  readonly pool = new SlabPool();
  readonly shared: TcpShared;
  readonly #out: Lane;
  readonly #invariants: Invariants;
  readonly #salt: number;
  readonly #peerSalt: number;
  readonly #reply: ResetReply = { seq: seq(0), ack: seq(0), flags: 0 };
  readonly #buffer = new Uint8Array(70_000);
  readonly #segment: Segment = createSegment();
  #opened = false;
  written = 0;
  delivered = 0;
  nextReadMs = 0;

  constructor(options: EndOptions, second: boolean, passive: boolean, out: Lane) {
    this.options = options;
    this.#out = out;
    this.#salt = second ? 9 : 77;
    this.#peerSalt = second ? 77 : 9;
    this.shared = createTcpShared(new Uint8Array(16), {
      pool: this.pool,
      loans: new LoanDesk(),
      counters: createTcpCounters(),
      advertisedMssBytes: options.mssBytes,
      defaultSendMssBytes: 536,
      superSegmentPayloadBytes: options.superSegmentPayloadBytes,
      sendBufferBytes: options.sendBufferBytes,
      receiveBufferBytes: options.receiveBufferBytes,
      sendBufferMaxBytes: options.sendBufferMaxBytes ?? 0,
      receiveBufferMaxBytes: options.receiveBufferMaxBytes ?? 0,
      bufferMemoryMaxBytes: options.bufferMemoryMaxBytes ?? MAX_BUFFER_MEMORY_BYTES,
      mtuProbing: options.mtuProbing ?? 0,
      timeWaitMs: 60_000,
      finTimeoutMs: 60_000,
      timestamps: true,
      sack: true,
      windowScaling: true,
      ecn: 2,
      rfc1337: false,
      challenges: new ChallengeBudget(sipKey(new Uint8Array(16)), Infinity),
    });
    const ports = second ? { localPort: 80, remotePort: 4000 } : { localPort: 4000, remotePort: 80 };
    const { congestion = DEFAULT_CONGESTION } = options;
    this.tcb = createTcb({ shared: this.shared, passive, ...ports, timestampOffset: options.iss ^ 0x5555, congestion });
    this.tcb.noDelay = options.noDelay;
    this.#invariants = new Invariants(this.tcb);
  }

  get done(): boolean {
    return this.tcb.state === 'CLOSED' && this.tcb.receiveRing.readable === 0;
  }

  /** When something is due here. */
  get nextMs(): number {
    const waits = this.options.readEveryMs > 0 && this.tcb.receiveRing.readable > 0;
    return Math.min(nextDeadlineMs(this.tcb), waits ? this.nextReadMs : Infinity);
  }

  open(nowMs: number): void {
    openActive(this.tcb, seq(this.options.iss));
    const { options, tcb } = this;
    tcb.ts.enabled = options.timestamps;
    tcb.recovery.sackEnabled = options.sack;
    tcb.scaling = options.scaling;
    this.flush(nowMs);
  }

  arrive(nowMs: number, bytes: Uint8Array): void {
    const segment = parse(bytes, this.#segment);
    if (this.tcb.passive && !this.#opened && (segment.flags & (SYN | ACK | RST)) === SYN) {
      this.#opened = true;
      acceptSyn(this.tcb, segment, nowMs, seq(this.options.iss));
    } else if (this.tcb.state === 'CLOSED' || segmentArrives(this.tcb, segment, nowMs) === 'reset') {
      if (resetFor(segment, this.#reply)) this.#reset(nowMs);
    }
    this.#invariants.check();
  }

  /** Timers and the user's turn, then everything that can be sent. */
  turn(nowMs: number): void {
    if (nextDeadlineMs(this.tcb) <= nowMs) handleTimeouts(this.tcb, nowMs);
    this.#invariants.check();
    this.#read(nowMs);
    this.#write();
    this.flush(nowMs);
  }

  flush(nowMs: number): void {
    this.#invariants.check();
    for (let left = 10_000; ; left--) {
      expect(left, 'an end stops sending at some time').toBeGreaterThan(0);
      this.#invariants.beforeWrite();
      const length = writeNext(this.tcb, nowMs, this.#buffer, 0);
      if (length === 0) break;
      expect(length).toBeLessThanOrEqual(segmentBytesMax(this.tcb));
      const bytes = this.#buffer.subarray(0, length);
      const sent = parse(bytes);
      this.#invariants.afterWrite(sent.seq, add(sent.seq, sent.len), (sent.flags & ACK) !== 0 ? sent.ack : null);
      const single = this.tcb.snd.mssBytes + (this.tcb.ts.enabled ? 12 : 0);
      const payloadBytes = sent.payloadEnd - sent.payloadAt;
      const payloadMost = Math.max(this.tcb.snd.mssBytes, this.shared.superSegmentPayloadBytes);
      const partBytes = splitBytes(this.tcb, payloadBytes);
      const isProbe = partBytes === 0 && payloadBytes > this.tcb.snd.mssBytes;
      expect(payloadBytes).toBeLessThanOrEqual(isProbe ? this.options.mssBytes : payloadMost);
      if (sent.payloadEnd - sent.payloadAt <= this.tcb.snd.mssBytes)
        expect(length - 20).toBeLessThanOrEqual(Math.max(single, 40));
      this.#out.send(nowMs, bytes, partBytes === 0 ? payloadBytes : partBytes);
      this.#invariants.check();
    }
    this.#invariants.settled();
  }

  #read(nowMs: number): void {
    const { readEveryMs, readBytesMax } = this.options;
    if (readEveryMs > 0 && nowMs < this.nextReadMs) return;
    const into = new Uint8Array(readEveryMs > 0 ? readBytesMax : this.tcb.receiveRing.readable);
    const n = receive(this.tcb, into, 0, into.length);
    expect(into.subarray(0, n), 'what is delivered is what was written').toEqual(
      pattern(this.delivered, n, this.#peerSalt),
    );
    this.delivered += n;
    this.nextReadMs = nowMs + readEveryMs;
  }

  #write(): void {
    if (!canSend(this.tcb)) return;
    // One byte more than fits, so that the connection knows of a user who waits for room.
    const most = Math.min(this.options.totalBytes - this.written, this.tcb.sendRing.free + 1);
    if (most > 0) this.written += send(this.tcb, pattern(this.written, most, this.#salt), 0, most);
    if (this.written === this.options.totalBytes && this.tcb.state !== 'SYN-SENT') closeSend(this.tcb);
  }

  #reset(nowMs: number): void {
    const bytes = new Uint8Array(20);
    const { localPort, remotePort } = this.tcb;
    writeTcp(bytes, 0, localPort, remotePort, this.#reply.seq, this.#reply.ack as Seq, 20, this.#reply.flags, 0, 0);
    this.#out.send(nowMs, bytes, 1000);
  }
}

/** How a run ended. */
export interface PairResult {
  readonly a: End;
  readonly b: End;
  readonly nowMs: number;
  readonly turns: number;
}

/**
 * Opens from `a` to `b` (or from both), lets both write, read and close, and runs until both are CLOSED.
 *
 * @param limitMs Virtual time after which the run counts as stuck.
 */
export function runPair(
  weather: Weather,
  seed: number,
  aOptions: EndOptions,
  bOptions: EndOptions,
  limitMs: number,
  simultaneous = false,
): PairResult {
  const random = randomFrom(seed);
  const toB = new Lane(weather, random);
  const toA = new Lane(weather, random);
  const a = new End(aOptions, false, false, toB);
  const b = new End(bOptions, true, !simultaneous, toA);
  a.open(0);
  if (simultaneous) b.open(0);
  let nowMs = 0;
  let turns = 0;
  while (!(a.done && b.done && b.written > 0) || Math.min(toA.nextMs, toB.nextMs) !== Infinity) {
    nowMs = Math.max(nowMs, Math.min(toA.nextMs, toB.nextMs, a.nextMs, b.nextMs));
    if (nowMs === Infinity) break;
    expect(nowMs, `stuck: ${describeEnd(a)}; ${describeEnd(b)}`).toBeLessThan(limitMs);
    for (const bytes of toA.arrived(nowMs)) a.arrive(nowMs, bytes);
    for (const bytes of toB.arrived(nowMs)) b.arrive(nowMs, bytes);
    a.turn(nowMs);
    b.turn(nowMs);
    turns++;
    expect(turns, `endless: ${describeEnd(a)}; ${describeEnd(b)}`).toBeLessThan(2_000_000);
  }
  return { a, b, nowMs, turns };
}

function describeEnd({ tcb, written, delivered }: End): string {
  return `${tcb.state}${tcb.error} wrote ${written} got ${delivered} wnd ${tcb.snd.wnd} cwnd ${tcb.congestion.cwndBytes}`;
}
