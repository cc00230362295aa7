/** `pnpm rig`: the goodput of our stack and of the kernel's, in turn over the same bad network; prints a Markdown table. */

import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { parseArgs } from 'node:util';
import { whyNoNamespaces } from '@tcpstack/netns/requirements';
import { Course, type Run, type Runner } from './course.ts';
import type { Ways } from './way.ts';

const USAGE = `usage: pnpm rig [--loss PERCENT] [--rtt MS] [--rate MBIT/S] [--buffer KIB] [--reorder PERCENT] [--mark PERCENT]
                [--rounds N] [--seconds S] [--connections N] [--kernel reno|cubic|bbr] [--settings JSON]`;
const DEFAULTS = {
  loss: '1',
  rtt: '50',
  rate: '100',
  buffer: '640',
  reorder: '0',
  mark: '0',
  rounds: '5',
  seconds: '10',
  connections: '8',
  kernel: 'cubic',
  settings: '{"sendBufferBytes":8388608}',
} as const;

type Name = keyof typeof DEFAULTS;

function fail(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}

function settings(): Record<Name, string> {
  const names = Object.entries(DEFAULTS) as [Name, string][];
  try {
    const options = Object.fromEntries(
      names.map(([name, value]) => [name, { type: 'string', default: value }] as const),
    );
    const values = parseArgs({ options }).values as Record<Name, string>;
    for (const name of names.map(([each]) => each)) {
      if (name !== 'kernel' && name !== 'settings' && !(Number(values[name]) >= 0)) throw new RangeError(name);
    }
    JSON.parse(values.settings);
    return values;
  } catch {
    fail(USAGE, 2);
  }
}

/** Only data packets meet the bottleneck and are lost: what acknowledgments suffer is another question. */
function waysOf(values: Record<Name, string>, round: number): Ways {
  const delayMs = Number(values.rtt) / 2;
  const forth = {
    seed: round,
    delayMs,
    mbitPerSecond: Number(values.rate),
    bufferBytes: Number(values.buffer) * 1024,
    lossPercent: Number(values.loss),
    reorderPercent: Number(values.reorder),
    markPercent: Number(values.mark),
  };
  return { forth, back: { seed: -round, delayMs } };
}

function checkKernel(name: string): void {
  const known = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(' ');
  if (known.includes(name)) return;
  fail(
    `this kernel has no congestion control "${name}", only ${known.join(', ')}: try "modprobe tcp_${name}", or the nearest by --kernel`,
    1,
  );
}

function mean(runs: readonly Run[]): number {
  return runs.reduce((sum, { mbitPerSecond }) => sum + mbitPerSecond, 0) / runs.length;
}

function rowOf(title: string, ours: readonly Run[], kernel: readonly Run[]): string {
  const lost = (runs: readonly Run[]): string => {
    const total = { arrived: 0, lost: 0, overflowed: 0 };
    for (const { stats } of runs) {
      total.arrived += stats.forth.arrived;
      total.lost += stats.forth.lost;
      total.overflowed += stats.forth.overflowed;
      if (stats.forth.refused + stats.back.refused > 0) fail('the bridge is too small for this network', 1);
    }
    return `${total.arrived} packets, ${total.lost} lost, ${total.overflowed} overflowed`;
  };
  const ratio = mean(ours) / mean(kernel);
  return `| ${title} | ${mean(ours).toFixed(2)} | ${mean(kernel).toFixed(2)} | ${ratio.toFixed(2)} | ${lost(ours)} | ${lost(kernel)} |`;
}

async function main(): Promise<void> {
  const values = settings();
  const missing = whyNoNamespaces();
  if (missing !== undefined) fail(`the rig cannot run here: ${missing}`, 1);
  checkKernel(values.kernel);
  const course = await Course.make(values.kernel, values.settings);
  const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(Number) as [
    number,
    number,
    number,
  ];
  try {
    console.log(
      `Loss ${values.loss} %, round trip ${values.rtt} ms, ${values.rate} Mbit/s with a queue of ${values.buffer} KiB, ` +
        `${connections} connections at once, ${seconds} s a run, the same seeds for both; Linux ${release()}, Node ${process.version}.\n`,
    );
    console.log(`| round | tcpstack, Mbit/s | kernel's ${values.kernel}, Mbit/s | ratio | tcpstack | kernel |`);
    console.log('|---|---|---|---|---|---|');
    const runs: Record<Runner, Run[]> = { tcpstack: [], kernel: [] };
    for (let round = 1; round <= rounds; round++) {
      const order: Runner[] = round % 2 === 1 ? ['tcpstack', 'kernel'] : ['kernel', 'tcpstack'];
      for (const runner of order) {
        runs[runner].push(await course.run(runner, waysOf(values, round), connections, seconds));
      }
      console.log(rowOf(String(round), runs.tcpstack.slice(-1), runs.kernel.slice(-1)));
    }
    console.log(rowOf('mean', runs.tcpstack, runs.kernel));
  } finally {
    course.close();
  }
}

await main();
