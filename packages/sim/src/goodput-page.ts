/** The tables of goodput and fairness as a page: every line follows from the code alone. */

import {
  BUFFERS_BDP,
  COUNTED_FROM_MS,
  DURATION_MS,
  FAIRNESS_BUFFER_BDP,
  FAIRNESS_MS,
  FAIRNESS_RTT_MS,
  type FairnessRow,
  fairnessRows,
  type GoodputRow,
  goodputRows,
  jainIndex,
  measureFairness,
  measureGoodput,
  RTTS_MS,
} from './goodput.ts';

const DURATIONS = RTTS_MS.map((rttMs) => (DURATION_MS[rttMs] as number) / 1000);

/** Runs a row, and words it as a line of the page. */
export function goodputLine(row: GoodputRow): string {
  return `${goodputLabel(row)} ${measureGoodput(row).map(percent).join(' | ')} |`;
}

/** How the line of a row begins. */
export function goodputLabel({ congestion, rttMs, lossShare }: GoodputRow): string {
  return `| ${congestion} | ${rttMs} ms | ${Number((100 * lossShare).toFixed(3))} % |`;
}

/** Runs two flows, and words them as a line of the page. */
export function fairnessLine(row: FairnessRow): string {
  const shares = measureFairness(row);
  return `${fairnessLabel(row)} ${shares.map(percent).join(' | ')} | ${jainIndex(shares).toFixed(3)} |`;
}

/** How the line of two flows begins. */
export function fairnessLabel({ first, second }: FairnessRow): string {
  return `| ${first} | ${second} |`;
}

/** The whole page: about a minute of computing. */
export function goodputPage(): string {
  return `# Goodput

What part of a bottleneck's rate a connection of ours delivers as payload, for each congestion control. Both ends are
Hosts of \`@tcpstack/sim\` in virtual time, so that the numbers are the same on every machine: a change of this page is a
change of the code. \`pnpm goodput\` prints it, \`pnpm goodput --write\` writes it; the tests compute some lines again
and fail when the page is stale.

## One connection

Through a bottleneck of 100 Mbit/s with a drop-tail buffer of so many products of rate and round-trip time (BDP), two
packets at least. Loss hits data packets one by one, before the queue; ACKs are not lost. Counted from the SYN on, slow
start included, for ${DURATIONS.join(', ')} seconds by round-trip time. Headers take 3.5 %: more than 96.5 % cannot be.

| control | RTT | loss | ${BUFFERS_BDP.map((bdp) => `${bdp} BDP`).join(' | ')} |
|---|---|---|${'---:|'.repeat(BUFFERS_BDP.length)}
${goodputRows().map(goodputLine).join('\n')}

## Two connections

Through one bottleneck of 100 Mbit/s, ${FAIRNESS_RTT_MS} ms, a buffer of ${FAIRNESS_BUFFER_BDP} BDP, no loss by chance. The second begins a second
later; counted from ${COUNTED_FROM_MS / 1000} to ${FAIRNESS_MS / 1000} seconds. Jain's index is 1 when both get the same, 0.5 when one gets everything.

| first | second | first gets | second gets | Jain's index |
|---|---|---:|---:|---:|
${fairnessRows().map(fairnessLine).join('\n')}
`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
