/**
 * Measures the driver alone: packets per second in and out, and the round trip of a one-byte datagram.
 * Needs root: `unshare -n taskset -c 0 node --conditions=@tcpstack/source bench/tun-bench.ts 1` pins
 * itself to one processor and its peer to the other; without both, the scheduler places them.
 */

import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { TunLink } from '@tcpstack/tun';

const ROUNDS = 5;
const FLOOD_MS = 1500;
const PINGS = 20_000;
const peerProcessor = process.argv[2];

const peer = fileURLToPath(new URL('./peer.ts', import.meta.url));

/** Runs the peer to its end and returns what it printed. */
function runPeer(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = [process.execPath, peer, ...args];
    const pinned = peerProcessor === undefined ? command : ['taskset', '-c', peerProcessor, ...command];
    const child = spawn(pinned[0] as string, pinned.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', reject);
    child.on('close', () => resolve(said));
  });
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

/** Thousands of packets per second that reach the receive callback. */
async function packetsIn(ipBytes: number): Promise<number> {
  const link = TunLink.open({ hostAddress: '10.77.0.1/24', mtuBytes: Math.max(1500, ipBytes) });
  let first = 0;
  let last = 0;
  let packets = 0;
  link.start((batch) => {
    last = performance.now();
    if (first === 0) first = last;
    packets += batch.count;
  });
  await runPeer('flood', String(ipBytes), String(FLOOD_MS));
  await link.close();
  return packets / (last - first);
}

/** Thousands of packets per second that the kernel takes; it drops them for want of a listener's room. */
async function packetsOut(ipBytes: number): Promise<number> {
  const link = TunLink.open({ hostAddress: '10.77.0.1/24' });
  const batch = new PacketBatch({ headroomBytes: link.headroomBytes });
  for (let i = 0; i < 256; i++) {
    const at = batch.reserve(ipBytes);
    writeUdp(batch.arena, at, ipBytes);
    batch.commit(ipBytes, 0, 0);
  }
  const start = performance.now();
  while (performance.now() - start < FLOOD_MS) link.transmit(batch);
  const rate = link.stats.sentPackets / (performance.now() - start);
  await link.close();
  return rate;
}

/** To an address that is not routed, so that the kernel drops it right after its IP layer. */
function writeUdp(bytes: Uint8Array, at: number, ipBytes: number): void {
  const header = [0x45, 0, ipBytes >> 8, ipBytes & 255, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 77, 0, 2, 10, 99, 0, 1];
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += ((header[i] as number) << 8) | (header[i + 1] as number);
  sum = 0xffff - ((sum & 0xffff) + (sum >> 16));
  header[10] = sum >> 8;
  header[11] = sum & 255;
  bytes.set(header, at);
}

/** Median and 99th percentile of the round trip in microseconds, and the processor time it took. */
async function roundTrip(): Promise<{ p50: number; p99: number; cpuUs: number }> {
  const link = TunLink.open({ hostAddress: '10.77.0.1/24' });
  const reply = new PacketBatch({ headroomBytes: link.headroomBytes });
  link.start((batch) => {
    reply.clear();
    for (let i = 0; i < batch.count; i++) reply.copyFrom(batch, i);
    for (let i = 0; i < reply.count; i++) turnRound(reply.arena, reply.offsetAt(i));
    link.transmit(reply);
  });
  const before = process.cpuUsage();
  const [, p50 = NaN, p99 = NaN] = (await runPeer('ping', '1', String(PINGS))).split(' ').map(Number);
  const used = process.cpuUsage(before);
  await link.close();
  return { p50, p99, cpuUs: (used.user + used.system) / PINGS };
}

/** Swaps addresses and ports: no sum changes, so the checksum flags stay true. */
function turnRound(bytes: Uint8Array, at: number): void {
  const source = bytes.slice(at + 12, at + 16);
  bytes.copyWithin(at + 12, at + 16, at + 20);
  bytes.set(source, at + 16);
  const port = bytes.slice(at + 20, at + 22);
  bytes.copyWithin(at + 20, at + 22, at + 24);
  bytes.set(port, at + 22);
}

async function rounds<T>(measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < ROUNDS; i++) results.push(await measure());
  return results;
}

const load = loadavg().map((x) => x.toFixed(2));
console.log(`node ${process.version}, load ${load.join(' ')}, medians of ${ROUNDS}`);
for (const bytes of [64, 1500, 65535]) {
  console.log(`in  ${bytes} B: ${median(await rounds(() => packetsIn(bytes))).toFixed(0)} thousand packets/s`);
}
for (const bytes of [64, 1500]) {
  console.log(`out ${bytes} B: ${median(await rounds(() => packetsOut(bytes))).toFixed(0)} thousand packets/s`);
}
const trips = await rounds(roundTrip);
const of = (key: 'p50' | 'p99' | 'cpuUs') => median(trips.map((trip) => trip[key])).toFixed(1);
console.log(`round trip: p50 ${of('p50')} us, p99 ${of('p99')} us, ${of('cpuUs')} us of processor each`);
