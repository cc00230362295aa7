/**
 * The flooded server of `flood.ts`: echoes one byte of each connection, with a backlog of 128. The argument is the family,
 * 4 or 6. Answers `measure` with a `FloodedServer` as JSON.
 */

import { createInterface } from 'node:readline';
import { getHeapSpaceStatistics } from 'node:v8';
import { Driver } from '@tcpstack/runtime/driver';
import { AF_INET, AF_INET6 } from '@tcpstack/sockets/constants';
import { Host } from '@tcpstack/sockets/host';
import { TunLink } from '@tcpstack/tun';
import { DEVICE, ENDS, type Family } from './link-choice.ts';

/** What the server spent and holds so far. */
export interface FloodedServer {
  /** Work inside of the Host: packets in, packets out, timers. Milliseconds. */
  readonly hostMs: number;
  /** Work of the whole process, of all its threads and of the kernel for it. Milliseconds. */
  readonly processMs: number;
  /** After a collection of garbage. */
  readonly heapBytes: number;
  /** Of the process, V8's young generation included. */
  readonly rssBytes: number;
  readonly youngBytes: number;
  readonly counters: Readonly<Record<string, number>>;
}

const PORT = 80;
const BACKLOG = 128;
/** What V8's young generation of most programs comes to: it grows in steps, the next one to 64 MB. */
const YOUNG_BYTES = 30_000_000;
/** Of 1 KB each: more than that takes. */
const YOUNG_OBJECTS_MAX = 1_000_000;

let hostMs = 0;

/** Of the whole process: Linux brings that of one thread up to date only with its ticks. */
const workMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The Host's way in and out, with a look at the process's work before and after. */
class MeasuredHost extends Host {
  override borrowPackets(...args: Parameters<Host['borrowPackets']>): void {
    const from = workMs();
    super.borrowPackets(...args);
    hostMs += workMs() - from;
  }

  override pollTransmit(...args: Parameters<Host['pollTransmit']>): boolean {
    const from = workMs();
    const more = super.pollTransmit(...args);
    hostMs += workMs() - from;
    return more;
  }

  override handleTimeout(nowMs: number): void {
    const from = workMs();
    super.handleTimeout(nowMs);
    hostMs += workMs() - from;
  }
}

const family = Number(process.argv[2]) as Family;
const { ours: address, kernels, prefixBits } = ENDS[family];
const link = TunLink.open({ name: DEVICE, hostAddress: `${kernels}/${prefixBits}` });
const { mtuBytes, superSegmentBytes, checksum } = link;
const entropy = crypto.getRandomValues(new Uint8Array(32));
const host = new MeasuredHost({ address, mtuBytes, superSegmentBytes, checksum, entropy });
const driver = new Driver(host, link);

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.physical_space_size ?? 0;
}

/** V8 gives a program that makes objects more room for them, whoever makes them: here before anything is measured. */
function growYoungGeneration(): void {
  const kept: unknown[] = [];
  for (let i = 0; i < YOUNG_OBJECTS_MAX; i++) {
    kept[i % 1000] = new Array(125).fill(0);
    if (i % 1000 === 0 && youngBytes() >= YOUNG_BYTES) return;
  }
}

async function echo(fd: number): Promise<void> {
  const byte = new Uint8Array(1);
  if ((await driver.read(fd, byte)) === 1) await driver.write(fd, byte);
  driver.closeFd(fd);
}

async function serve(): Promise<void> {
  const listener = driver.sys.socket(family === 6 ? AF_INET6 : AF_INET);
  driver.sys.bind(listener, address, PORT);
  driver.sys.listen(listener, BACKLOG);
  console.log('ready');
  for (;;) echo(await driver.accept(listener)).catch((error: unknown) => console.error(error));
}

createInterface({ input: process.stdin }).on('line', () => {
  const processMs = workMs();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const heapBytes = heapUsed + arrayBuffers;
  const said: FloodedServer = {
    hostMs,
    processMs,
    heapBytes,
    rssBytes: rss,
    youngBytes: youngBytes(),
    counters: { ...host.counters() },
  };
  console.log(`measured ${JSON.stringify(said)}`);
});
growYoungGeneration();
await serve();
