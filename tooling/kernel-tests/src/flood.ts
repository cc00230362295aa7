/** A flood of SYNs over TUN, from the kernel's side: what it costs the server, and whom it keeps out. */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import type { FloodedServer } from './flood-server.ts';
import type { Flooded } from './flooder.ts';

const SERVER = new URL('./flood-server.ts', import.meta.url);
const FLOODER = new URL('./flooder.ts', import.meta.url);
/** So that what is made once, and compiling, is not counted. */
const WARM_UP_SYNS = 100_000;
const FLOOD_MS = 180_000;
/** V8 lets its space for young objects grow to 32 MB as it likes, whoever makes them: 2 MB here, so that growth is ours. */
const SERVER_OPTIONS = ['--expose-gc', '--max-semi-space-size=1'];

/** What came of a flood. */
export interface FloodResult extends Flooded {
  /** Honest connections that were asked for. */
  readonly honest: number;
  /** The server's work for each SYN, honest connections included. */
  readonly hostMicrosecondsPerSyn: number;
  readonly processMicrosecondsPerSyn: number;
  readonly heapGrowthBytes: number;
  readonly rssGrowthBytes: number;
  /** How much each counter of the Host grew. */
  readonly counters: Readonly<Record<string, number>>;
}

/** Sends `syns` SYNs while a client of the kernel connects `honest` times. Needs root. */
export async function floodOverTun(syns: number, honest: number): Promise<FloodResult> {
  const namespace = new Namespace();
  try {
    const server = namespace.node(SERVER, [], { nodeOptions: SERVER_OPTIONS });
    await server.line('ready');
    const flooder = namespace.node(FLOODER);
    await flooder.line('ready');
    // Packets of addresses that are on no device are forwarded to ours only by a router that does not mind.
    namespace.run('sh', '-c', 'cd /proc/sys/net/ipv4; echo 1 > ip_forward; echo 0 | tee conf/*/rp_filter');
    await flood(flooder, 0, WARM_UP_SYNS, honest / 2);
    const before = await measure(server);
    const flooded = await flood(flooder, WARM_UP_SYNS, syns, honest);
    const after = await measure(server);
    return { ...flooded, honest, ...difference(before, after, flooded.syns) };
  } finally {
    namespace.remove();
  }
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
    `memory grew by ${megabytes(result.heapGrowthBytes)} MB on the heap, ${megabytes(result.rssGrowthBytes)} MB in all`,
  ].join('\n');
}
