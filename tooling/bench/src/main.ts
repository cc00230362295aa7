/** `pnpm bench [--rounds N] [--seconds S]`: our stack over TUN beside the kernel's over veth, in one run; prints a Markdown table. */

import { spawnSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { whyNoNamespaces } from '@tcpstack/netns/requirements';
import { Pair } from './pair.ts';
import type { Answer, Question } from './plan.ts';

const USAGE = 'usage: pnpm bench [--rounds 1..20] [--seconds 0.5..30]';
const IDLE_CONNECTIONS = 2000;

interface Row {
  readonly title: string;
  readonly unit: string;
  readonly question: (seconds: number) => Question;
  /** A command that has to be there. */
  readonly needs?: string;
}

const ROWS: readonly Row[] = [
  { title: 'bulk in: kernel client to sink', unit: 'Gbit/s', question: (seconds) => ({ kind: 'send', seconds }) },
  { title: 'bulk out: source to kernel client', unit: 'Gbit/s', question: (seconds) => ({ kind: 'receive', seconds }) },
  { title: '1-byte echo', unit: 'round trips/s', question: () => ({ kind: 'echo', rounds: 20_000 }) },
  {
    title: 'connect + 1 byte + close, 16 at once',
    unit: 'connections/s',
    question: () => ({ kind: 'connect', connections: 10_000, atOnce: 16 }),
  },
  {
    title: 'HTTP hello world by `node:http`, asked by wrk with 64 connections',
    unit: 'requests/s',
    question: (seconds) => ({ kind: 'http', seconds, connections: 64 }),
    needs: 'wrk',
  },
];

function settings(): { rounds: number; seconds: number } {
  try {
    const { values } = parseArgs({
      options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '2' } },
    });
    const rounds = Number(values.rounds);
    const seconds = Number(values.seconds);
    if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 20 && seconds >= 0.5 && seconds <= 30)
      return { rounds, seconds };
  } catch {
    // The usage line says it.
  }
  console.error(USAGE);
  process.exit(2);
}

function isInstalled(command: string): boolean {
  return spawnSync(command, ['-v'], { stdio: 'ignore' }).error === undefined;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

function rounded(n: number): string {
  return n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toFixed(1);
}

function summary(answers: readonly Answer[]): string {
  const rate = rounded(median(answers.map((a) => a.rate)));
  const p50 = median(answers.map((a) => a.p50Us));
  if (p50 === 0) return rate;
  return `${rate} (p50 ${rounded(p50)} µs, p99 ${rounded(median(answers.map((a) => a.p99Us)))} µs)`;
}

/** Measured before the other rows, whose garbage would hide it; the first connections warm up. */
async function idleBytes(pair: Pair): Promise<number> {
  await pair.ask({ kind: 'open-idle', connections: IDLE_CONNECTIONS / 10 });
  const before = await pair.memoryBytes();
  await pair.ask({ kind: 'open-idle', connections: IDLE_CONNECTIONS });
  const after = await pair.memoryBytes();
  await pair.ask({ kind: 'close-idle' });
  return (after - before) / IDLE_CONNECTIONS;
}

async function main(): Promise<void> {
  const { rounds, seconds } = settings();
  const missing = whyNoNamespaces();
  if (missing !== undefined) {
    console.error(`the bench cannot run here: ${missing}`);
    process.exit(1);
  }
  const ours = await Pair.overTun();
  const kernel = await Pair.overVeth();
  try {
    console.log(
      `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}; median of ${rounds}, both sides in turn.\n`,
    );
    console.log('| measure | unit | tcpstack over TUN | kernel over veth | ratio |');
    console.log('|---|---|---|---|---|');
    const ourBytes = await idleBytes(ours);
    const theirBytes = await idleBytes(kernel);
    for (const row of ROWS) {
      if (row.needs !== undefined && !isInstalled(row.needs)) {
        console.log(`| ${row.title} | ${row.unit} | not measured: ${row.needs} is not installed | | |`);
        continue;
      }
      const our: Answer[] = [];
      const their: Answer[] = [];
      for (let round = 0; round <= rounds; round++) {
        const a = await ours.ask(row.question(seconds));
        const b = await kernel.ask(row.question(seconds));
        // The first round warms both up.
        if (round === 0) continue;
        our.push(a);
        their.push(b);
      }
      const ratio = median(our.map((a) => a.rate)) / median(their.map((a) => a.rate));
      console.log(`| ${row.title} | ${row.unit} | ${summary(our)} | ${summary(their)} | ${ratio.toFixed(2)} |`);
    }
    console.log(
      `| memory per idle connection (heap and buffers of the process) | bytes | ${rounded(ourBytes)} | ${rounded(theirBytes)}, and what the kernel holds | ${(ourBytes / theirBytes).toFixed(2)} |`,
    );
  } finally {
    ours.close();
    kernel.close();
  }
}

await main();
