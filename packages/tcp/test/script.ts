/** The script language of the tests: one connection in virtual time, its peer played by the test. */

import { LoanDesk } from '@tcpstack/bytes/loans';
import { RangeSet } from '@tcpstack/bytes/range-set';
import { SlabPool } from '@tcpstack/bytes/slab-pool';
import { add, diff, type Seq, seq } from '@tcpstack/seq/seq';
import { sipKey } from '@tcpstack/seq/siphash';
import { createSegment } from '@tcpstack/wire/segment';
import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { expect, onTestFinished } from 'vitest';
import { ChallengeBudget } from '../src/arrival/challenge-budget.ts';
import { type CongestionName, DEFAULT_CONGESTION } from '../src/congestion/registry.ts';
import {
  abort,
  acceptSyn,
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
  sendUrgent,
  settleTimers,
  writeNext,
} from '../src/connection.ts';
import { createTcpCounters, type TcpCounters } from '../src/counters.ts';
import type { EcnSetting } from '../src/ecn.ts';
import { Invariants } from '../src/invariants.ts';
import { MAX_BUFFER_MEMORY_BYTES } from '../src/limits.ts';
import { createTcpShared } from '../src/shared.ts';
import { createTcb, type Tcb } from '../src/tcb.ts';
import { type Bases, decode, type Emitted, encode, parse, pattern, type SegmentSpec } from './segments.ts';

/** Moments, in milliseconds since the script began. Two words for one thing, so that scripts read well. */
export const at = (ms: number): number => ms;
export const until = at;

/** Our initial sequence number: the unsigned wrap comes within the first hundred bytes that we send. */
export const DEFAULT_ISS = 0xffff_ffff - 99;
/** The peer's: the sign of the int32 inside changes within its first hundred bytes. */
export const DEFAULT_IRS = 0x7fff_ffff - 99;

const OUR_SALT = 3;
const PEER_SALT = 101;

/** How the connection under test is set up. */
export interface ScriptOptions {
  /** The first SYN finds a listener. */
  readonly passive?: boolean;
  readonly iss?: number;
  readonly irs?: number;
  readonly advertisedMssBytes?: number;
  readonly defaultSendMssBytes?: number;
  readonly superSegmentPayloadBytes?: number;
  readonly sendBufferBytes?: number;
  readonly receiveBufferBytes?: number;
  /** Buffers grow by themselves up to these. Default: they do not. */
  readonly sendBufferMaxBytes?: number;
  readonly receiveBufferMaxBytes?: number;
  readonly bufferMemoryMaxBytes?: number;
  readonly timestampOffset?: number;
  readonly rfc1337?: boolean;
  readonly noDelay?: boolean;
  readonly mtuProbing?: 0 | 1 | 2;
  readonly congestion?: CongestionName;
  /** Options that we offer and accept. Default: all. */
  readonly timestamps?: boolean;
  readonly sack?: boolean;
  readonly windowScaling?: boolean;
  readonly ecn?: EcnSetting;
  /** Default: no limit but that of the connection. */
  readonly challengesPerSecond?: number;
  /** Default 'rack', which also sends tail loss probes. */
  readonly lossDetection?: 'rack' | 'sack';
  /** Segments nobody expected are no failure at the end of the test. */
  readonly loose?: boolean;
}

/** One connection and what it sent that the script has not looked at yet. */
export class Script {
  readonly tcb: Tcb;
  readonly counters: TcpCounters = createTcpCounters();
  readonly pool = new SlabPool();
  readonly outbox: Emitted[] = [];
  nowMs = 0;
  /** Bytes that the user wrote and read so far. */
  written = 0;
  delivered = 0;
  readonly #iss: Seq;
  readonly #irs: Seq;
  readonly #invariants: Invariants;
  readonly #segment = createSegment();
  readonly #reply: ResetReply = { seq: seq(0), ack: seq(0), flags: 0 };
  readonly #given = new RangeSet(1_000_000);
  readonly #bytes: Uint8Array;
  #opened = false;
  readonly #finsGiven = new Set<number>();

  constructor(options: ScriptOptions) {
    this.#iss = seq(options.iss ?? DEFAULT_ISS);
    this.#irs = seq(options.irs ?? DEFAULT_IRS);
    this.tcb = createTcb({
      shared: createTcpShared(new Uint8Array(16), {
        pool: this.pool,
        loans: new LoanDesk(),
        counters: this.counters,
        advertisedMssBytes: options.advertisedMssBytes ?? 1460,
        defaultSendMssBytes: options.defaultSendMssBytes ?? 536,
        superSegmentPayloadBytes: options.superSegmentPayloadBytes ?? 0,
        sendBufferBytes: options.sendBufferBytes ?? 1 << 20,
        receiveBufferBytes: options.receiveBufferBytes ?? 1 << 20,
        sendBufferMaxBytes: options.sendBufferMaxBytes ?? 0,
        receiveBufferMaxBytes: options.receiveBufferMaxBytes ?? 0,
        bufferMemoryMaxBytes: options.bufferMemoryMaxBytes ?? MAX_BUFFER_MEMORY_BYTES,
        mtuProbing: options.mtuProbing ?? 0,
        timeWaitMs: 60_000,
        finTimeoutMs: 60_000,
        timestamps: options.timestamps ?? true,
        sack: options.sack ?? true,
        windowScaling: options.windowScaling ?? true,
        ecn: options.ecn ?? 2,
        rfc1337: options.rfc1337 ?? false,
        challenges: new ChallengeBudget(sipKey(new Uint8Array(16)), options.challengesPerSecond ?? Infinity),
      }),
      passive: options.passive ?? false,
      localPort: 1000,
      remotePort: 2000,
      timestampOffset: options.timestampOffset ?? 0,
      congestion: options.congestion ?? DEFAULT_CONGESTION,
      lossDetection: options.lossDetection ?? 'rack',
    });
    this.tcb.noDelay = options.noDelay ?? false;
    this.#bytes = new Uint8Array(70_000);
    this.#invariants = new Invariants(this.tcb);
  }

  /** Sequence numbers of what the peer sends. */
  get #fromPeer(): Bases {
    return { near: this.#irs, far: this.#iss };
  }

  /** Active OPEN; the SYN leaves at once. */
  connect(): this {
    openActive(this.tcb, this.#iss);
    return this.#settle();
  }

  /** The peer's segment arrives. */
  inject(atMs: number, spec: SegmentSpec): this {
    this.wait(atMs);
    this.#arrive(spec);
    return this.#settle();
  }

  /** Several segments arrive before the connection may send anything. */
  injectBatch(atMs: number, specs: readonly SegmentSpec[]): this {
    this.wait(atMs);
    for (const spec of specs) this.#arrive(spec);
    return this.#settle();
  }

  /** The next segment that the connection sent left at this moment and says this. */
  expect(atMs: number, spec: SegmentSpec): this {
    this.wait(atMs);
    const got = this.outbox.shift();
    const wanted = { atMs, len: 0, sack: [], ...spec };
    if (got === undefined) expect.fail(`nothing was sent up to ${this.nowMs} ms, expected ${JSON.stringify(wanted)}`);
    const compared: Record<string, unknown> = {};
    for (const key of Object.keys(wanted)) compared[key] = got[key as keyof Emitted];
    expect(compared, `of ${summary(got)}`).toEqual(wanted);
    return this;
  }

  /** Nothing was sent that the script has not looked at, and nothing will be up to and including this moment. */
  expectSilence(untilMs: number): this {
    this.wait(untilMs);
    expect(this.outbox.map(summary)).toEqual([]);
    return this;
  }

  /** Lets the time pass; timers run on the way. */
  wait(untilMs: number): this {
    expect(untilMs, 'time never goes backwards').toBeGreaterThanOrEqual(this.nowMs);
    for (let deadline = nextDeadlineMs(this.tcb); deadline <= untilMs; deadline = nextDeadlineMs(this.tcb)) {
      this.nowMs = Math.max(this.nowMs, deadline);
      handleTimeouts(this.tcb, this.nowMs);
      this.#settle();
    }
    this.nowMs = untilMs;
    return this;
  }

  /** Takes everything that was sent so far. */
  take(): Emitted[] {
    return this.outbox.splice(0);
  }

  /** Forgets everything that was sent so far. */
  ignore(): this {
    this.outbox.length = 0;
    return this;
  }

  /** SEND of `n` bytes of the pattern; returns how many were taken. */
  write(n: number): number {
    const taken = send(this.tcb, pattern(this.written, n, OUR_SALT), 0, n);
    this.written += taken;
    this.#settle();
    return taken;
  }

  /** SEND with the URGENT flag. */
  writeUrgent(n: number): number {
    const taken = sendUrgent(this.tcb, pattern(this.written, n, OUR_SALT), 0, n);
    this.written += taken;
    this.#settle();
    return taken;
  }

  /** RECEIVE of at most `max` bytes; checks them and returns how many came. */
  read(max = 1 << 20): number {
    const into = new Uint8Array(Math.min(max, this.tcb.receiveRing.readable));
    const n = receive(this.tcb, into, 0, into.length);
    expect(into.subarray(0, n)).toEqual(pattern(this.delivered, n, PEER_SALT));
    this.delivered += n;
    this.#settle();
    return n;
  }

  /** CLOSE. */
  close(): this {
    closeSend(this.tcb);
    return this.#settle();
  }

  /** ABORT; returns whether the peer is to be told. */
  abort(): boolean {
    const tellPeer = abort(this.tcb);
    this.#settle();
    return tellPeer;
  }

  #arrive(spec: SegmentSpec): void {
    const segment = parse(encode(spec, this.#fromPeer, PEER_SALT), this.#segment);
    segment.tosByte = spec.ipEcn ?? 0;
    const { state, passive } = this.tcb;
    if (passive && !this.#opened && (spec.flags & (SYN | ACK | RST)) === SYN) {
      this.#opened = true;
      acceptSyn(this.tcb, segment, this.nowMs, this.#iss);
    } else if (state === 'CLOSED' || segmentArrives(this.tcb, segment, this.nowMs) === 'reset') {
      this.#reset();
    }
    this.#noteGiven(spec);
    this.#invariants.check();
    this.#checkStream();
  }

  /** What the owner of connections does with the verdict 'reset'. */
  #reset(): void {
    if (!resetFor(this.#segment, this.#reply)) return;
    const { flags, seq: number, ack: acknowledges } = this.#reply;
    const relativeAck = (flags & ACK) !== 0 ? diff(acknowledges, this.#irs) : 0;
    const none = { mss: null, scale: null, sackOk: false, ts: null, sack: [], order: '', psh: false, ipEcn: 0, up: 0 };
    const where = { atMs: this.nowMs, flags, seq: diff(number, this.#iss), ack: relativeAck };
    this.outbox.push({ ...where, len: 0, win: 0, ...none, payload: new Uint8Array(0) });
  }

  #noteGiven(spec: SegmentSpec): void {
    if ((spec.flags & SYN) !== 0) return;
    const first = spec.seq ?? 0;
    const length = spec.len ?? 0;
    if (length > 0) this.#given.add(first, first + length);
    if ((spec.flags & FIN) !== 0) this.#finsGiven.add(first + length);
  }

  #settle(): this {
    this.#invariants.check();
    for (let left = 20_000; ; left--) {
      expect(left, 'the connection stops sending at some time').toBeGreaterThan(0);
      this.#invariants.beforeWrite();
      const length = writeNext(this.tcb, this.nowMs, this.#bytes, 0);
      if (length === 0) break;
      expect(length).toBeLessThanOrEqual(segmentBytesMax(this.tcb));
      const sent = decode(this.#bytes.subarray(0, length), this.nowMs, { near: this.#iss, far: this.#irs });
      this.#noteSent({ ...sent, ipEcn: this.tcb.out.ipEcn });
      this.#invariants.check();
    }
    this.#invariants.settled();
    settleTimers(this.tcb);
    return this;
  }

  #noteSent(sent: Emitted): void {
    const taken = sent.len + ((sent.flags & SYN) !== 0 ? 1 : 0) + ((sent.flags & FIN) !== 0 ? 1 : 0);
    const first = add(this.#iss, sent.seq);
    const acknowledges = (sent.flags & ACK) !== 0 ? add(this.#irs, sent.ack) : null;
    this.#invariants.afterWrite(first, add(first, taken), acknowledges);
    expect(sent.payload).toEqual(pattern(sent.seq - 1, sent.len, OUR_SALT));
    if (sent.ack > 1) {
      const run = this.#given.indexOf(1);
      const got = run < 0 ? 1 : this.#given.endAt(run);
      const pastFin = this.#finsGiven.has(sent.ack - 1) && sent.ack - 1 <= got;
      expect(pastFin ? sent.ack - 1 : sent.ack, 'only what arrived is acknowledged').toBeLessThanOrEqual(got);
    }
    this.outbox.push(sent);
  }

  /** The rings hold what was written and not acknowledged, and what arrived and was not read. */
  #checkStream(): void {
    const { snd, rcv, sendRing, receiveRing, state } = this.tcb;
    if (state === 'CLOSED' || state === 'TIME-WAIT') return;
    expect(snd.unaOffset + sendRing.readable).toBe(this.written);
    expect(rcv.nxtOffset).toBe(this.delivered + receiveRing.readable);
  }
}

function summary(sent: Emitted): string {
  const bits = [...'FSRPAU'].filter((_, i) => (sent.flags & (1 << i)) !== 0).join('');
  return `${bits} seq ${sent.seq} ack ${sent.ack} len ${sent.len} win ${sent.win} at ${sent.atMs} ms`;
}

/** A connection in CLOSED. When the test ends, every segment that it sent must have been looked at. */
export function script(options: ScriptOptions = {}): Script {
  const t = new Script(options);
  if (options.loose !== true) {
    onTestFinished(() => {
      expect(t.outbox.map(summary), 'every segment was expected').toEqual([]);
    });
  }
  return t;
}
