/** A path of one bottleneck in plain arithmetic, which drives a congestion control alone: no TCP, no loss of ACKs. */

import { type AckSample, createAckSample } from '../src/congestion/ack-sample.ts';
import type { CongestionController } from '../src/congestion/controller.ts';

/** The bottleneck, and what is sent over it. */
export interface PathOptions {
  readonly rateBytesPerMs: number;
  readonly baseRttMs: number;
  readonly bufferBytes: number;
  readonly durationMs: number;
  readonly mssBytes: number;
  /** Chance that the link damages a segment that the queue let through. */
  readonly lossChance?: number;
  readonly random?: () => number;
  /** Called before each ACK is taken. */
  readonly watch?: (path: Path) => void;
}

/** A segment on its way, with what the sampling of draft-ietf-ccwg-bbr §4.1 keeps of it. */
interface Packet {
  sentMs: number;
  delivered: number;
  deliveredMs: number;
  firstSentMs: number;
  txInFlight: number;
  lost: number;
  /** `Infinity`: it is lost. */
  ackMs: number;
}

const RTO_MS = 1000;

/** One flow that always has something to send. What is lost is not sent again: only the amounts matter here. */
export class Path {
  readonly options: PathOptions;
  readonly cc: CongestionController;
  nowMs = 0;
  deliveredBytes = 0;
  lostBytes = 0;
  flightBytes = 0;
  maxQueueBytes = 0;
  /** Added to the base round trip from now on: the route changed. */
  detourMs = 0;
  #busyUntilMs = 0;
  #nextSendMs = 0;
  readonly #packets: Packet[] = [];
  /** The first packet that is neither delivered nor known to be lost. */
  #head = 0;
  #deliveredMs = 0;
  #firstSentMs = 0;
  #progressMs = 0;
  #srttMs = -1;
  #mode: AckSample['mode'] = 'open';
  #point = 0;
  #limitedUntil = -1;
  readonly #sample = createAckSample();

  constructor(cc: CongestionController, options: PathOptions) {
    this.cc = cc;
    this.options = options;
    cc.onMss(options.mssBytes);
  }

  get queueBytes(): number {
    return Math.max(0, this.#busyUntilMs - this.nowMs) * this.options.rateBytesPerMs;
  }

  /** Runs on until this time. */
  run(untilMs = this.options.durationMs): this {
    for (;;) {
      const sendMs = this.#mayMs();
      const ackMs = this.#nextAckMs();
      const rtoMs = this.flightBytes > 0 ? this.#progressMs + RTO_MS : Infinity;
      const nextMs = Math.min(sendMs, ackMs, rtoMs);
      if (nextMs > untilMs) {
        this.nowMs = untilMs;
        return this;
      }
      this.nowMs = Math.max(this.nowMs, nextMs);
      if (sendMs === nextMs) this.#send();
      else if (ackMs === nextMs) this.#acknowledge();
      else this.#timeOut();
    }
  }

  /** When cwnd and pace let the next segment leave. */
  #mayMs(): number {
    const { mssBytes } = this.options;
    if (this.flightBytes > 0 && this.flightBytes + mssBytes > this.cc.cwndBytes) {
      this.#limitedUntil = this.#packets.length;
      return Infinity;
    }
    return Math.max(this.nowMs, this.#nextSendMs);
  }

  #send(): void {
    const { mssBytes, rateBytesPerMs, bufferBytes, baseRttMs, lossChance = 0, random } = this.options;
    const { nowMs, cc } = this;
    cc.onSent(nowMs, mssBytes, this.flightBytes, false);
    if (this.flightBytes === 0) {
      this.#firstSentMs = this.#deliveredMs = nowMs;
      this.#progressMs = nowMs;
    }
    const isDropped = this.queueBytes + mssBytes > bufferBytes;
    if (!isDropped) {
      this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + mssBytes / rateBytesPerMs;
      this.maxQueueBytes = Math.max(this.maxQueueBytes, this.queueBytes);
    }
    const isLost = isDropped || (random !== undefined && random() < lossChance);
    this.flightBytes += mssBytes;
    this.#packets.push({
      sentMs: nowMs,
      delivered: this.deliveredBytes,
      deliveredMs: this.#deliveredMs,
      firstSentMs: this.#firstSentMs,
      txInFlight: this.flightBytes,
      lost: this.lostBytes,
      ackMs: isLost ? Infinity : this.#busyUntilMs + baseRttMs + this.detourMs,
    });
    if (cc.pacingBytesPerMs !== Infinity)
      this.#nextSendMs = Math.max(nowMs, this.#nextSendMs) + mssBytes / cc.pacingBytesPerMs;
  }

  #nextAlive(): number {
    let i = this.#head;
    while (i < this.#packets.length && this.#packets[i]?.ackMs === Infinity) i++;
    return i;
  }

  #nextAckMs(): number {
    return this.#packets[this.#nextAlive()]?.ackMs ?? Infinity;
  }

  #acknowledge(): void {
    const { mssBytes } = this.options;
    const i = this.#nextAlive();
    const packet = this.#packets[i] as Packet;
    this.options.watch?.(this);
    const s = this.#sample;
    s.priorFlightBytes = this.flightBytes;
    this.deliveredBytes += mssBytes;
    this.#deliveredMs = this.nowMs;
    this.#progressMs = this.nowMs;
    this.flightBytes -= mssBytes;
    // The path keeps the order, so that what was sent before this one and has not come is lost.
    const lostNow = this.#forgetBefore(i);
    this.#measure(s, packet, i, lostNow);
    this.#tell(s, i, lostNow);
  }

  /** Counts the dead before packet `i`, which is gone too. */
  #forgetBefore(i: number): number {
    const { mssBytes } = this.options;
    let lostNow = 0;
    for (let k = this.#head; k < i; k++) lostNow += mssBytes;
    this.#head = i + 1;
    this.lostBytes += lostNow;
    this.flightBytes -= lostNow;
    return lostNow;
  }

  #measure(s: AckSample, packet: Packet, i: number, lostNow: number): void {
    const { mssBytes } = this.options;
    const rttMs = this.nowMs - packet.sentMs;
    this.#srttMs = this.#srttMs < 0 ? rttMs : this.#srttMs + (rttMs - this.#srttMs) / 8;
    s.nowMs = this.nowMs;
    s.ackedBytes = mssBytes;
    s.deliveredBytes = mssBytes;
    s.lostBytes = lostNow;
    s.flightBytes = this.flightBytes;
    s.unaOffset = (i + 1) * mssBytes;
    s.nxtOffset = this.#packets.length * mssBytes;
    s.rttMs = rttMs;
    s.srttMs = this.#srttMs;
    s.isCwndLimited = i <= this.#limitedUntil;
    s.totalDeliveredBytes = this.deliveredBytes;
    s.priorDeliveredBytes = packet.delivered;
    s.rateDeliveredBytes = this.deliveredBytes - packet.delivered;
    s.rateIntervalMs = Math.max(packet.sentMs - packet.firstSentMs, this.nowMs - packet.deliveredMs);
    s.isRateAppLimited = false;
    s.txInFlightBytes = packet.txInFlight;
    s.lostSinceSentBytes = this.lostBytes - packet.lost;
    this.#firstSentMs = packet.sentMs;
  }

  #tell(s: AckSample, i: number, lostNow: number): void {
    const { cc } = this;
    if (this.#mode !== 'open' && i >= this.#point) {
      if (this.#mode === 'recovery') cc.onRecoveryExit(this.nowMs, cc.ssthreshBytes);
      this.#mode = 'open';
    }
    if (lostNow > 0 && this.#mode === 'open') {
      this.#mode = 'recovery';
      this.#point = this.#packets.length;
      cc.onLoss(this.nowMs, s.priorFlightBytes);
    }
    s.mode = this.#mode;
    cc.onAck(s);
  }

  #timeOut(): void {
    this.cc.onRto(this.nowMs, this.flightBytes, true);
    this.#mode = 'loss';
    this.#point = this.#packets.length;
    this.lostBytes += this.flightBytes;
    this.flightBytes = 0;
    this.#head = this.#packets.length;
    this.#progressMs = this.nowMs;
  }
}

/** How a flow did between two moments: its share of the rate, and the longest queue. */
export function goodput(path: Path, fromMs: number, toMs: number): { share: number; queueBytes: number } {
  path.run(fromMs);
  const before = path.deliveredBytes;
  path.maxQueueBytes = 0;
  path.run(toMs);
  const share = (path.deliveredBytes - before) / ((toMs - fromMs) * path.options.rateBytesPerMs);
  return { share, queueBytes: path.maxQueueBytes };
}
