/**
 * `pnpm bench:tables [--connections N]`: what looking up, hashing and keeping connections costs, each beside what it was
 * chosen over.
 */

import { parseArgs } from 'node:util';
import { cpuMs } from './cpu.ts';
import { Crowd } from './crowd.ts';
import { hashRows, lookupRows, pauseRow } from './lookup.ts';

/** Warms up, so that what code and shapes take is not counted. */
const WARM_UP = 512;
/** Longer than any timer of an idle connection, keep-alive aside. */
const REST_MS = 20_000;

function memoryBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc, as pnpm bench:tables does');
  for (let i = 0; i < 4; i++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function say(what: string, value: string): void {
  console.log(`| ${what} | ${value} |`);
}

function rounded(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

/** Runs `action`, and says how long it took for each of `count`. */
function timed(count: number, what: string, action: () => void): void {
  const from = cpuMs();
  action();
  say(what, `${(((cpuMs() - from) / count) * 1000).toFixed(1)} µs a connection, both ends and their packets`);
}

function crowd(count: number): void {
  const crowd = new Crowd();
  crowd.open(WARM_UP);
  crowd.talk();
  crowd.pass(REST_MS);
  const empty = memoryBytes();
  const eachEnd = () => `${rounded((memoryBytes() - empty) / count / 2)} bytes`;
  timed(count, 'open', () => crowd.open(count));
  crowd.pass(REST_MS);
  say('memory of one end after the handshake', eachEnd());
  timed(count, '64 bytes each way', () => crowd.talk());
  crowd.pass(REST_MS);
  say('memory of one end after data', eachEnd());
  const { connections } = crowd.server.held();
  say('connections of one Host', rounded(connections ?? 0));
  timed(count, 'close', () => crowd.close());
  const inTimeWait = crowd.client.held()['timeWaits'] ?? 0;
  const full = memoryBytes();
  crowd.end();
  const left = memoryBytes();
  say(`memory of one of ${rounded(inTimeWait)} in TIME-WAIT`, `${rounded((full - left) / inTimeWait)} bytes`);
  say('memory left of all that (below 0: of the warm-up too)', `${rounded(left - empty)} bytes`);
  const held = [crowd.server, crowd.client].flatMap((host) => Object.entries(host.held()));
  say('entries left in any table', held.filter(([, entries]) => entries > 0).join(' ') || 'none');
}

const { values } = parseArgs({ options: { connections: { type: 'string', default: '100000' } } });
console.log('| measure | value |');
console.log('|---|---|');
for (const [what, value] of [...hashRows(), ...lookupRows(), pauseRow()]) say(what, value);
crowd(Number(values.connections));
