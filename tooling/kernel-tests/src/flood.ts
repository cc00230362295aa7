/** A flood of SYNs over TUN, from the kernel's side: what it costs the server, and whom it keeps out. */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import type { FloodedServer } from './flood-server.ts';
import type { Flooded } from './flooder.ts';
import type { Family } from './link-choice.ts';
import { NOWHERE } from './spoofed-syns.ts';

const SERVER = new URL('./flood-server.ts', import.meta.url);
const FLOODER = new URL('./flooder.ts', import.meta.url);
/** So that what is made once, and compiling, is not counted. */
const WARM_UP_SYNS_MAX = 100_000;
const FLOOD_MS = 180_000;

/** What came of a flood. */
export interface FloodResult extends Flooded {
  /** Honest connections that were asked for. */
  readonly honest: number;
  /** The server's work for each SYN, honest connections included. */
  readonly hostMicrosecondsPerSyn: number;
  readonly processMicrosecondsPerSyn: number;
  readonly heapGrowthBytes: number;
  /** Of the whole process, with V8's young generation, which alone grew by `youngGrowthBytes`. */
  readonly rssGrowthBytes: number;
  readonly youngGrowthBytes: number;
  /** How much each counter of the Host grew. */
  readonly counters: Readonly<Record<string, number>>;
}

/** Sends `syns` SYNs of a family while a client of the kernel connects `honest` times. Needs root. */
export async function floodOverTun(family: Family, syns: number, honest: number): Promise<FloodResult> {
  const namespace = new Namespace();
  try {
    // The kernel's addresses of IPv6 are there at once.
    namespace.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad');
    const server = namespace.node(SERVER, [`${family}`], { nodeOptions: ['--expose-gc'] });
    await server.line('ready');
    const flooder = namespace.node(FLOODER, [`${family}`]);
    await flooder.line('ready');
    leadNowhere(namespace, family);
    const warmUpSyns = Math.min(syns / 2, WARM_UP_SYNS_MAX);
    await flood(flooder, 0, warmUpSyns, honest / 2);
    const before = await measure(server);
    const flooded = await flood(flooder, warmUpSyns, syns, honest);
    const after = await measure(server);
    return { ...flooded, honest, ...difference(before, after, flooded.syns) };
  } finally {
    namespace.remove();
  }
}

/** Packets of addresses that are on no device are forwarded to ours, and answers to them back. */
function leadNowhere(namespace: Namespace, family: Family): void {
  const { network, prefixBits } = NOWHERE[family];
  // Of IPv6 the kernel keeps an entry for each neighbour, also where there is no link layer: one router is one entry.
  const router = family === 6 ? 'via fe80::1' : '';
  namespace.run('sh', '-c', `ip route add ${network}/${prefixBits} ${router} dev flood0`);
  // Only by a router that does not mind where packets come from.
  namespace.run('sh', '-c', 'cd /proc/sys/net/ipv4; echo 1 > ip_forward; echo 0 | tee conf/*/rp_filter');
  namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding');
}

async function flood(flooder: NodeProcess, first: number, syns: number, honest: number): Promise<Flooded> {
  flooder.say(`${first} ${syns} ${honest}`);
  return JSON.parse(await flooder.line('flooded', FLOOD_MS)) as Flooded;
}

async function measure(server: NodeProcess): Promise<FloodedServer> {
  server.say('measure');
  return JSON.parse(await server.line('measured')) as FloodedServer;
}

function difference(before: FloodedServer, after: FloodedServer, syns: number) {
  const grown = Object.entries(after.counters).map(([name, value]) => [name, value - (before.counters[name] ?? 0)]);
  return {
    hostMicrosecondsPerSyn: ((after.hostMs - before.hostMs) * 1000) / syns,
    processMicrosecondsPerSyn: ((after.processMs - before.processMs) * 1000) / syns,
    heapGrowthBytes: after.heapBytes - before.heapBytes,
    rssGrowthBytes: after.rssBytes - before.rssBytes,
    youngGrowthBytes: after.youngBytes - before.youngBytes,
    counters: Object.fromEntries(grown) as Record<string, number>,
  };
}

/** A few lines for people. */
export function describeFlood(result: FloodResult): string {
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  return [
    `${result.syns} SYNs in ${(result.elapsedMs / 1000).toFixed(1)} s, ${result.counters['synCookiesSent']} cookies sent`,
    `${result.served} of ${result.honest} honest connections served, the longest in ${result.longestWaitMs.toFixed(0)} ms`,
    `per SYN: Host ${result.hostMicrosecondsPerSyn.toFixed(2)} µs, whole process ${result.processMicrosecondsPerSyn.toFixed(2)} µs`,
    `memory grew by ${megabytes(result.heapGrowthBytes)} MB on the heap, ${megabytes(result.rssGrowthBytes)} MB in all, of which V8's young generation ${megabytes(result.youngGrowthBytes)} MB`,
  ].join('\n');
}
