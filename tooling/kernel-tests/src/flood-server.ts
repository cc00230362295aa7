/**
 * The flooded server of `flood.ts`: echoes one byte of each connection, with a backlog of 128. Answers `measure` with a
 * `FloodedServer` as JSON.
 */

import { createInterface } from 'node:readline';
import { Driver } from '@tcpstack/runtime/driver';
import { Host } from '@tcpstack/sockets/host';
import { TunLink } from '@tcpstack/tun';
import { DEVICE, KERNEL_ADDRESS, OUR_ADDRESS } from './link-choice.ts';

/** What the server spent and holds so far. */
export interface FloodedServer {
  /** Work inside of the Host: packets in, packets out, timers. Milliseconds. */
  readonly hostMs: number;
  /** Work of the whole process, of all its threads and of the kernel for it. Milliseconds. */
  readonly processMs: number;
  /** After a collection of garbage. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly counters: Readonly<Record<string, number>>;
}

const PORT = 80;
const BACKLOG = 128;

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

const link = TunLink.open({ name: DEVICE, hostAddress: `${KERNEL_ADDRESS}/24` });
const { mtuBytes, superSegmentBytes, checksum } = link;
const entropy = crypto.getRandomValues(new Uint8Array(32));
const host = new MeasuredHost({ address: OUR_ADDRESS, mtuBytes, superSegmentBytes, checksum, entropy });
const driver = new Driver(host, link);

async function echo(fd: number): Promise<void> {
  const byte = new Uint8Array(1);
  if ((await driver.read(fd, byte)) === 1) await driver.write(fd, byte);
  driver.closeFd(fd);
}

async function serve(): Promise<void> {
  const listener = driver.sys.socket();
  driver.sys.bind(listener, OUR_ADDRESS, PORT);
  driver.sys.listen(listener, BACKLOG);
  console.log('ready');
  for (;;) echo(await driver.accept(listener)).catch((error: unknown) => console.error(error));
}

createInterface({ input: process.stdin }).on('line', () => {
  const processMs = workMs();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const heapBytes = heapUsed + arrayBuffers;
  const said: FloodedServer = { hostMs, processMs, heapBytes, rssBytes: rss, counters: { ...host.counters() } };
  console.log(`measured ${JSON.stringify(said)}`);
});
await serve();
