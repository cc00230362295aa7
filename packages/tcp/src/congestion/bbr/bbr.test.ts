/** BBR's states and model, as the examples at the end of draft-ietf-ccwg-bbr check them. */

import { describe, expect, test } from 'vitest';
import { Path } from '../../../test/path.ts';
import { createAckSample } from '../ack-sample.ts';
import { type BbrController, createBbr } from './bbr.ts';
import type { BbrMode } from './state.ts';

const MSS = 1000;
const RATE = 1250;
const RTT_MS = 40;
const BDP = RATE * RTT_MS;

interface Entry {
  readonly mode: BbrMode;
  readonly atMs: number;
  readonly round: number;
}

/** BBR on a path, and the states that it went through. */
class Flow {
  readonly cc: BbrController;
  readonly path: Path;
  readonly log: Entry[] = [{ mode: 'Startup', atMs: 0, round: 0 }];

  constructor(buffer = 4, seed = 5) {
    this.cc = createBbr(MSS, seed);
    const options = {
      rateBytesPerMs: RATE,
      baseRttMs: RTT_MS,
      bufferBytes: buffer * BDP,
      durationMs: 0,
      mssBytes: MSS,
    };
    this.path = new Path(this.cc, { ...options, watch: () => this.#note() });
  }

  get now(): BbrMode {
    return this.cc.state.state;
  }

  /** Until it enters this state; at most so long. */
  until(mode: BbrMode, mostMs = 15_000): this {
    const end = this.path.nowMs + mostMs;
    const before = this.log.length;
    while (!this.log.slice(before).some((entry) => entry.mode === mode)) {
      expect(this.path.nowMs, `${mode} is reached; it is in ${this.now}`).toBeLessThan(end);
      this.path.run(this.path.nowMs + 0.25);
      this.#note();
    }
    return this;
  }

  #note(): void {
    if (this.log.at(-1)?.mode !== this.now)
      this.log.push({ mode: this.now, atMs: this.path.nowMs, round: this.cc.state.roundCount });
  }
}

/** The states in the order in which they were entered, without repeats of ProbeBW. */
const modes = (flow: Flow): BbrMode[] => flow.log.map((entry) => entry.mode);

describe('Startup (§5.3.1) [MAY-18]', () => {
  test('before anything is known it paces the initial window over a millisecond, then over the round trip (§5.6.2)', () => {
    const cc = createBbr(MSS, 1);
    expect(cc.pacingBytesPerMs).toBeCloseTo(2.77 * 10 * MSS, 6);
    cc.onAck({ ...createAckSample(), nowMs: 40, deliveredBytes: MSS, srttMs: 40, rttMs: 40, mode: 'open' });
    expect(cc.pacingBytesPerMs).toBeCloseTo((2.77 * 10 * MSS) / 40, 6);
  });

  test('doubles its rate each round, and ends when three rounds bring less than a quarter more', () => {
    const flow = new Flow().until('Drain');
    const { state } = flow.cc;
    expect(state.maxBw).toBeGreaterThan(0.98 * RATE);
    expect(state.maxBw).toBeLessThan(1.02 * RATE);
    expect([state.fullBwCount, state.isFullBwNow, state.isFullBwReached]).toEqual([3, true, true]);
    // 10 segments of the 50 that fit: doubled three times, then three rounds without growth, and two for slack.
    expect(flow.log[1]?.round).toBeLessThanOrEqual(8);
  });

  test('lasts for ever while the user has too little to send, and nothing is lost', () => {
    const cc = createBbr(MSS, 1);
    for (let i = 1; i <= 500; i++) {
      const nowMs = i * RTT_MS;
      cc.onAck({
        ...createAckSample(),
        nowMs,
        mode: 'open',
        deliveredBytes: MSS,
        rttMs: RTT_MS,
        srttMs: RTT_MS,
        totalDeliveredBytes: i * MSS,
        priorDeliveredBytes: (i - 1) * MSS,
        rateDeliveredBytes: MSS,
        rateIntervalMs: RTT_MS,
        isRateAppLimited: true,
        txInFlightBytes: MSS,
      });
      if (cc.state.state === 'ProbeRTT') break;
      expect([i, cc.state.state]).toEqual([i, 'Startup']);
    }
    expect(cc.state.isFullBwReached).toBe(false);
  });

  /** Rounds of recovery in Startup, ten ACKs each; so many of the first one tell of losses. */
  function lossyStartup(lossyAcks: number, lostBytes: number, mode: 'recovery' | 'open' = 'recovery'): BbrController {
    const cc = createBbr(MSS, 1);
    if (mode === 'recovery') cc.onLoss(0);
    let delivered = 0;
    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < 10; i++) {
        delivered += MSS;
        cc.onAck({
          ...createAckSample(),
          nowMs: round * RTT_MS + i,
          mode,
          deliveredBytes: MSS,
          lostBytes: round === 1 && i < lossyAcks ? lostBytes / 10 : 0,
          rttMs: RTT_MS,
          srttMs: RTT_MS,
          totalDeliveredBytes: delivered,
          priorDeliveredBytes: delivered - 10 * MSS,
          rateDeliveredBytes: 10 * MSS,
          rateIntervalMs: RTT_MS / 2 ** round,
          txInFlightBytes: 10 * MSS,
          lostSinceSentBytes: lostBytes,
          flightBytes: 10 * MSS,
        });
      }
    }
    return cc;
  }

  test('a round of recovery with losses above 2 %, told by six ACKs, ends it, and bounds what may be in flight', () => {
    expect(lossyStartup(6, 201).state.isFullBwReached).toBe(true);
    expect(lossyStartup(6, 201).state.inflightLongterm).toBeGreaterThanOrEqual(10 * MSS);
    expect(lossyStartup(6, 201).state.inflightLongterm).toBeLessThan(Infinity);
    expect(lossyStartup(5, 201).state.isFullBwReached).toBe(false);
    expect(lossyStartup(6, 200).state.isFullBwReached).toBe(false);
    expect(lossyStartup(6, 201, 'open').state.isFullBwReached).toBe(false);
  });

  test('when these losses turn out to be a mistake, it goes on (§5.5.11.2)', () => {
    const cc = lossyStartup(6, 201);
    expect(cc.state.state).not.toBe('Startup');
    cc.onUndo();
    expect([cc.state.state, cc.state.isFullBwReached, cc.state.inflightLongterm]).toEqual(['Startup', false, Infinity]);
  });

  test('a mark of congestion ends it too (§3.7)', () => {
    const flow = new Flow();
    flow.path.run(100);
    flow.cc.onCongestionMark(100, 20 * MSS);
    flow.until('Drain', 100);
    expect(flow.cc.state.inflightLongterm).toBeLessThan(Infinity);
  });
});

describe('Drain (§5.3.2) [MAY-18]', () => {
  test('paces at half the rate, less 1 %, until no more is in flight than fits without a queue', () => {
    const flow = new Flow().until('Drain');
    expect(flow.cc.pacingBytesPerMs).toBeCloseTo(0.5 * 0.99 * flow.cc.state.bw, 6);
    expect(flow.path.queueBytes).toBeGreaterThan(0.5 * BDP);
    flow.until('ProbeBW_CRUISE', 300);
    expect(flow.path.flightBytes).toBeLessThan(BDP + 4 * MSS);
    expect(flow.path.queueBytes).toBeLessThan(0.1 * BDP);
  });

  test('ends after three rounds even when the queue stays', () => {
    const flow = new Flow().until('Drain');
    const start = flow.cc.state.roundCount;
    let delivered = flow.path.deliveredBytes;
    for (let round = 1; round <= 4; round++) {
      expect([round, flow.now]).toEqual([round, 'Drain']);
      const prior = delivered;
      delivered += BDP;
      flow.cc.onAck({
        ...createAckSample(),
        nowMs: flow.path.nowMs + round * RTT_MS,
        deliveredBytes: BDP,
        totalDeliveredBytes: delivered,
        priorDeliveredBytes: prior,
        rateDeliveredBytes: BDP,
        rateIntervalMs: RTT_MS,
        flightBytes: 2 * BDP,
        txInFlightBytes: 2 * BDP,
      });
    }
    expect(flow.cc.state.roundCount).toBe(start + 4);
    expect(flow.now).toBe('ProbeBW_DOWN');
  });
});

function setBuffer(flow: Flow, buffer: number): void {
  (flow.path.options as { bufferBytes: number }).bufferBytes = buffer * BDP;
}

/** The buffer shrank to a tenth of a BDP, and a probe met that. */
function probedTooHigh(): Flow {
  const flow = new Flow().until('ProbeBW_CRUISE');
  setBuffer(flow, 0.1);
  return flow.until('ProbeBW_UP').until('ProbeBW_DOWN');
}

describe('ProbeBW (§5.3.3) [MAY-18]', () => {
  test('goes round DOWN, CRUISE, REFILL, UP, each with its pace', () => {
    const flow = new Flow().until('ProbeBW_CRUISE').until('ProbeBW_UP').until('ProbeBW_UP');
    expect(modes(flow).slice(2).join(' ')).toMatch(
      /^(ProbeBW_DOWN )?ProbeBW_CRUISE ProbeBW_REFILL ProbeBW_UP ProbeBW_DOWN ProbeBW_CRUISE ProbeBW_REFILL ProbeBW_UP$/,
    );
    for (const [mode, gain] of [
      ['ProbeBW_DOWN', 0.9],
      ['ProbeBW_CRUISE', 1],
      ['ProbeBW_REFILL', 1],
      ['ProbeBW_UP', 1.25],
    ] as const) {
      flow.until(mode);
      expect(flow.cc.pacingBytesPerMs / flow.cc.state.bw).toBeCloseTo(gain * 0.99, 6);
    }
  });

  test('REFILL lasts one round, UP until three rounds without growth', () => {
    const flow = new Flow().until('ProbeBW_REFILL');
    const start = flow.cc.state.roundCount;
    expect(flow.until('ProbeBW_UP').cc.state.roundCount).toBe(start + 1);
    flow.until('ProbeBW_DOWN');
    const rounds = flow.cc.state.roundCount - start - 1;
    expect(rounds).toBeGreaterThanOrEqual(3);
    expect(rounds).toBeLessThanOrEqual(4);
  });

  test('probes after 2 to 3 s, or as many rounds as there are segments in flight, at most 63', () => {
    const waits = [1, 2, 3, 4, 5].map((seed) => {
      const flow = new Flow(4, seed).until('ProbeBW_CRUISE').until('ProbeBW_UP');
      const start = flow.until('ProbeBW_DOWN').path.nowMs;
      return flow.until('ProbeBW_REFILL').path.nowMs - start;
    });
    // 50 segments fit: 49 or 50 rounds, less than 2 s of them only when no queue stretches them.
    for (const wait of waits) {
      expect(wait).toBeGreaterThan(45 * RTT_MS);
      expect(wait).toBeLessThan(3000 + RTT_MS);
    }
    expect(new Set(waits.map(Math.round)).size, 'chance keeps flows apart').toBeGreaterThan(1);
  });

  test('finds a rate that has doubled, and one that has halved', () => {
    for (const factor of [2, 0.5]) {
      const flow = new Flow().until('ProbeBW_CRUISE');
      (flow.path.options as { rateBytesPerMs: number }).rateBytesPerMs = factor * RATE;
      flow.path.run(flow.path.nowMs + 9000);
      expect(flow.cc.state.maxBw / (factor * RATE)).toBeGreaterThan(0.95);
      expect(flow.cc.state.maxBw / (factor * RATE)).toBeLessThan(1.05);
    }
  });

  test('a probe that loses too much sets the most that may be in flight, and ends; CRUISE leaves 15 % of that free', () => {
    const flow = new Flow(0.25).until('ProbeBW_CRUISE').until('ProbeBW_UP').until('ProbeBW_CRUISE');
    const { state } = flow.cc;
    expect(state.inflightLongterm).toBeGreaterThan(BDP);
    expect(state.inflightLongterm).toBeLessThan(1.3 * BDP + 3 * MSS);
    flow.path.run(flow.path.nowMs + 2 * RTT_MS);
    expect(flow.cc.cwndBytes).toBeLessThanOrEqual(0.85 * state.inflightLongterm);
  });

  test('losses above 2 % in UP end it, and what was in flight is the most there may be (§5.5.10.2)', () => {
    const flow = probedTooHigh();
    const { state } = flow.cc;
    expect([flow.now, state.prevProbeTooHigh, state.isBwProbeSample]).toEqual(['ProbeBW_DOWN', true, false]);
    // 1.1 BDP fit: the link's and a tenth in the buffer; one round more was sent before the losses showed.
    expect(state.inflightLongterm).toBeGreaterThan(BDP);
    expect(state.inflightLongterm).toBeLessThan(1.1 * 1.25 * BDP + 4 * MSS);
  });

  test('the next probe is careful: it stops at that, and when nothing is lost, a full one follows at once (§5.3.3.6)', () => {
    const flow = probedTooHigh();
    const { state } = flow.cc;
    setBuffer(flow, 4);
    const limit = state.inflightLongterm;
    flow.until('ProbeBW_UP').until('ProbeBW_DOWN');
    expect([state.prevProbePrecautionary, state.prevProbeTooHigh]).toEqual([true, false]);
    expect(flow.path.flightBytes).toBeGreaterThanOrEqual(limit - MSS);
    expect(flow.path.flightBytes).toBeLessThan(limit + 4 * MSS);
    const stopped = flow.path.nowMs;
    flow.until('ProbeBW_REFILL');
    expect(flow.path.nowMs - stopped).toBeLessThan(3 * RTT_MS);
    flow.until('ProbeBW_UP').until('ProbeBW_DOWN');
    expect(state.inflightLongterm).toBeGreaterThan(limit);
  });

  test('when the losses of a probe turn out to be a mistake, it is made again (§5.5.11.2)', () => {
    const flow = probedTooHigh();
    flow.cc.onUndo();
    expect([flow.now, flow.cc.state.inflightLongterm]).toEqual(['ProbeBW_REFILL', Infinity]);
  });

  test('a mark of congestion in UP counts like its losses (§3.7)', () => {
    const flow = new Flow().until('ProbeBW_CRUISE').until('ProbeBW_UP');
    flow.path.run(flow.path.nowMs + RTT_MS);
    flow.cc.onCongestionMark(flow.path.nowMs, 1.2 * BDP);
    expect([flow.now, flow.cc.state.inflightLongterm]).toEqual(['ProbeBW_DOWN', 1.2 * BDP]);
  });

  test('a loss while cruising lowers rate and flight to what arrived, at most by 30 % (§5.5.10.3); REFILL forgets', () => {
    const flow = new Flow().until('ProbeBW_CRUISE');
    const { state } = flow.cc;
    const bwBefore = state.maxBw;
    flow.cc.onLoss(flow.path.nowMs);
    flow.path.run(flow.path.nowMs + 3 * RTT_MS);
    expect(state.bwShortterm).toBeGreaterThanOrEqual(0.7 * bwBefore);
    expect(state.bwShortterm).toBeLessThanOrEqual(bwBefore);
    expect(state.inflightShortterm).toBeLessThan(Infinity);
    flow.until('ProbeBW_REFILL');
    expect([state.bwShortterm, state.inflightShortterm]).toEqual([Infinity, Infinity]);
  });
});

describe('ProbeRTT (§5.3.4) [MAY-18]', () => {
  test('a least round trip that was not met for 10 s is looked for with half a BDP in flight for 200 ms', () => {
    const flow = new Flow().until('ProbeBW_CRUISE');
    expect(flow.cc.state.minRttMs).toBeCloseTo(RTT_MS + MSS / RATE, 1);
    flow.path.detourMs = 20;
    const start = flow.cc.state.minRttStampMs;
    flow.until('ProbeRTT');
    expect(flow.path.nowMs).toBeGreaterThan(start + 10_000);
    const entered = flow.path.nowMs;
    const cwndBefore = flow.cc.state.priorCwndBytes;
    flow.path.run(entered + 150);
    expect([flow.now, flow.cc.state.isAppLimited]).toEqual(['ProbeRTT', true]);
    expect(flow.path.flightBytes).toBeLessThanOrEqual(0.5 * BDP + MSS);
    expect(flow.path.queueBytes).toBeLessThanOrEqual(MSS);
    flow.until('ProbeBW_CRUISE', 400);
    expect(flow.path.nowMs).toBeGreaterThan(entered + 200);
    expect(flow.cc.state.minRttMs).toBeCloseTo(RTT_MS + 20 + MSS / RATE, 1);
    expect(flow.cc.cwndBytes).toBeGreaterThanOrEqual(cwndBefore);
    // Its low rates are no samples of the path.
    expect(flow.cc.state.maxBw).toBeGreaterThan(0.98 * RATE);
  });

  test('a pause instead of it: after one the old estimate is replaced without ProbeRTT', () => {
    const flow = new Flow().until('ProbeBW_CRUISE');
    const { state } = flow.cc;
    const nowMs = flow.path.nowMs + 11_000;
    flow.cc.onSent(nowMs, MSS, 0, true);
    expect(state.isIdleRestart).toBe(true);
    const total = flow.path.deliveredBytes + MSS;
    flow.cc.onAck({
      ...createAckSample(),
      nowMs: nowMs + 70,
      rttMs: 70,
      deliveredBytes: MSS,
      totalDeliveredBytes: total,
      priorDeliveredBytes: total - MSS,
      rateDeliveredBytes: MSS,
      rateIntervalMs: 70,
      isRateAppLimited: true,
    });
    expect(state.minRttMs).toBe(70);
    expect(state.state).not.toBe('ProbeRTT');
    expect(state.isIdleRestart).toBe(false);
  });
});

describe('after a pause (§5.4) [MAY-18]', () => {
  test('cwnd stays, and the pace is the rate of the path, less 1 %', () => {
    const flow = new Flow().until('ProbeBW_UP');
    const { cwndBytes } = flow.cc;
    flow.cc.onIdle();
    flow.cc.onSent(flow.path.nowMs + 5000, MSS, 0, true);
    expect(flow.cc.cwndBytes).toBe(cwndBytes);
    expect(flow.cc.pacingBytesPerMs).toBeCloseTo(0.99 * flow.cc.state.bw, 6);
  });

  test('the first segment of a full pipe is no pause', () => {
    const flow = new Flow().until('ProbeBW_UP');
    const pace = flow.cc.pacingBytesPerMs;
    flow.cc.onSent(flow.path.nowMs, MSS, BDP, true);
    flow.cc.onSent(flow.path.nowMs, MSS, 0, false);
    expect([flow.cc.pacingBytesPerMs, flow.cc.state.isIdleRestart]).toEqual([pace, false]);
  });
});

describe('loss recovery (§5.6.4.4) [MAY-18]', () => {
  test('a time-out leaves one segment; when recovery has ended, cwnd is what it was', () => {
    const flow = new Flow().until('ProbeBW_CRUISE');
    const { cwndBytes } = flow.cc;
    flow.cc.onRto(flow.path.nowMs);
    expect(flow.cc.cwndBytes).toBe(MSS);
    flow.cc.onRto(flow.path.nowMs);
    flow.cc.onRecoveryExit();
    expect(flow.cc.cwndBytes).toBe(cwndBytes);
  });

  test('the end of what followed a time-out may also show in an ACK', () => {
    const flow = new Flow().until('ProbeBW_CRUISE');
    const { cwndBytes } = flow.cc;
    flow.cc.onRto(flow.path.nowMs);
    flow.cc.onAck({ ...createAckSample(), nowMs: flow.path.nowMs, mode: 'loss' });
    expect(flow.cc.cwndBytes).toBe(MSS);
    flow.cc.onAck({ ...createAckSample(), nowMs: flow.path.nowMs, mode: 'open' });
    expect(flow.cc.cwndBytes).toBe(cwndBytes);
  });
});
