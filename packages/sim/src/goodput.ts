/** How much of a bottleneck a transfer gets to use, for each congestion control and each kind of network. */

import type { Settings } from '@tcpstack/sockets/host';
import { CONGESTION_NAMES, type CongestionName } from '@tcpstack/tcp/congestion';
import { createDumbbell, type DumbbellFlow } from './dumbbell.ts';
import type { SimHostOptions } from './sim-host.ts';
import { Transfer } from './transfer.ts';

/** The bottleneck of every row: 100 Mbit/s. */
export const RATE_BYTES_PER_MS = 12_500;
export const LOSS_SHARES: readonly number[] = [0, 0.001, 0.01, 0.03];
export const RTTS_MS: readonly number[] = [1, 10, 50, 200];
/** Buffers, in products of rate and round-trip time (BDP). */
export const BUFFERS_BDP: readonly number[] = [0.25, 1, 4];

/** `none` asks the network nothing; that it should meet no loss is its condition. */
const LOSSLESS_ONLY: readonly CongestionName[] = ['none'];

/** Every row of the table, by control, round-trip time and loss. */
export function goodputRows(): GoodputRow[] {
  return CONGESTION_NAMES.flatMap((congestion) =>
    RTTS_MS.flatMap((rttMs) => {
      const shares = LOSSLESS_ONLY.includes(congestion) ? [0] : LOSS_SHARES;
      return shares.map((lossShare) => ({ congestion, rttMs, lossShare }));
    }),
  );
}

/** Every pair of controls that may meet on the internet, each with itself too. */
export function fairnessRows(): FairnessRow[] {
  const names = CONGESTION_NAMES.filter((name) => !LOSSLESS_ONLY.includes(name));
  return names.flatMap((first, i) => names.slice(i).map((second) => ({ first, second })));
}

/** A row: one control on one network, with every buffer. */
export interface GoodputRow {
  readonly congestion: CongestionName;
  readonly lossShare: number;
  readonly rttMs: number;
}

/** How long a download lasts: enough round trips to find the rate, few enough packets to simulate. */
export const DURATION_MS: Readonly<Record<number, number>> = { 1: 1000, 10: 2000, 50: 6000, 200: 15_000 };
/** More than a full buffer and a full path hold together: the hosts bound nothing. */
const HOST_BUFFER_BYTES = 16 * 1024 * 1024;
const SEED = 1;
/** Any queue holds two packets. */
const QUEUE_MIN_BYTES = 3100;

const SETTINGS: Partial<Settings> = {
  sendBufferBytes: HOST_BUFFER_BYTES,
  receiveBufferBytes: HOST_BUFFER_BYTES,
  sendBufferMaxBytes: HOST_BUFFER_BYTES,
  receiveBufferMaxBytes: HOST_BUFFER_BYTES,
};

/** The goodput of a row: for each buffer the payload delivered since the first SYN, as a share of the rate. */
export function measureGoodput({ congestion, lossShare, rttMs }: GoodputRow): number[] {
  const durationMs = DURATION_MS[rttMs] ?? 1000 + 50 * rttMs;
  return BUFFERS_BDP.map((bufferBdp) => {
    const flow = { ...flowOf(congestion, rttMs), there: { lossShare } };
    return measureShares([flow], bufferBdp * RATE_BYTES_PER_MS * rttMs, durationMs, 0)[0] as number;
  });
}

/** Two flows through one bottleneck. */
export interface FairnessRow {
  readonly first: CongestionName;
  readonly second: CongestionName;
}

export const FAIRNESS_BUFFER_BDP = 1;
export const FAIRNESS_RTT_MS = 20;
export const FAIRNESS_MS = 15_000;
/** The second flow begins later, and what came before both had settled is not counted. */
const SECOND_STARTS_MS = 1000;
export const COUNTED_FROM_MS = 5000;

/** Shares of the bottleneck that the two flows get. */
export function measureFairness({ first, second }: FairnessRow): [number, number] {
  const flows = [flowOf(first, FAIRNESS_RTT_MS), flowOf(second, FAIRNESS_RTT_MS)];
  const bufferBytes = FAIRNESS_BUFFER_BDP * RATE_BYTES_PER_MS * FAIRNESS_RTT_MS;
  return measureShares(flows, bufferBytes, FAIRNESS_MS, COUNTED_FROM_MS) as [number, number];
}

/** Jain's index: 1 when all get the same, 1/n when one gets everything. */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, x) => total + x, 0);
  const squares = shares.reduce((total, x) => total + x * x, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}

function flowOf(congestion: CongestionName, rttMs: number): DumbbellFlow {
  // Payloads are not summed: no packet is damaged here.
  const host: SimHostOptions = { checksum: 'trusted', settings: { congestion } };
  return { rttMs, client: host, server: host };
}

/** What each of the flows had delivered between two times, as a share of the rate. */
function measureShares(flows: DumbbellFlow[], bufferBytes: number, untilMs: number, fromMs: number): number[] {
  const bottleneck = { bytesPerMs: RATE_BYTES_PER_MS, bufferBytes: Math.max(bufferBytes, QUEUE_MIN_BYTES) };
  const { world, pairs } = createDumbbell({ seed: SEED, bottleneck, flows, settings: SETTINGS });
  const transfers = pairs.map(({ client, server }, i) => {
    const endless = { upBytes: Infinity, downBytes: 0, checks: false };
    return new Transfer(world, { client, server, ...endless, startMs: i * SECOND_STARTS_MS });
  });
  world.run(fromMs);
  const before = transfers.map(({ upReceivedBytes }) => upReceivedBytes);
  world.run(untilMs);
  return transfers.map(
    ({ upReceivedBytes }, i) => (upReceivedBytes - (before[i] as number)) / ((untilMs - fromMs) * RATE_BYTES_PER_MS),
  );
}
