/**
 * One side of a test of datagrams over TUN: echoes them, or sends many and looks at what comes back.
 * Argument: `ours` or `kernel`.
 */

import { createInterface } from 'node:readline';
import { Driver } from '@tcpstack/runtime/driver';
import { Host } from '@tcpstack/sockets/host';
import { TunLink } from '@tcpstack/tun';
import { type DatagramShape, KernelDatagrams, OurDatagrams } from './datagram-sockets.ts';
import { PseudoRandomStream } from './pseudo-random.ts';

/** What came of an exchange. */
export interface Exchange {
  readonly sent: number;
  readonly sentBytes: number;
  /** Came back as they left. */
  readonly same: number;
  /** Came back otherwise, or were never sent. */
  readonly strange: number;
}

const LARGEST_BYTES = 60_000;
/**
 * Under way at most: one large datagram alone, or some small ones. The kernel counts some 4 KB for each fragment against
 * its receive buffer of 208 KB, and drops what is beyond.
 */
const FLIGHT_DATAGRAMS = 8;
const FLIGHT_BYTES = 30_000;
/** Every datagram begins with its number. */
const NUMBER_BYTES = 4;

function openOurs(): Driver {
  const link = TunLink.open({ hostAddress: ['10.77.0.1/24', 'fd00:77::1/64'] });
  const { mtuBytes, superSegmentBytes, checksum } = link;
  const addresses = ['10.77.0.2/24', 'fd00:77::2/64'];
  const one = { name: 'tun0', addresses, mtuBytes, superSegmentBytes, checksum };
  const driver = new Driver(new Host({ interfaces: [one], entropy: crypto.getRandomValues(new Uint8Array(32)) }), link);
  driver.ref();
  return driver;
}

/** At most 30,000. Most are small; the first is the largest, the second the smallest. */
function makeDatagrams(count: number): Buffer[] {
  const bytes = new PseudoRandomStream(count, LARGEST_BYTES).next() as Buffer;
  return Array.from({ length: count }, (_, i) => {
    const share = i < 2 ? 1 - i : (bytes.readUInt16BE(2 * i) / 65_536) ** 6;
    const datagram = Buffer.from(bytes.subarray(0, NUMBER_BYTES + Math.floor((LARGEST_BYTES - NUMBER_BYTES) * share)));
    datagram.writeUInt32BE(i);
    return datagram;
  });
}

/** Sends `count` and resolves when all have come back. */
async function exchange(socket: DatagramShape, address: string, port: number, count: number): Promise<Exchange> {
  await socket.connect(address, port);
  const datagrams: (Buffer | undefined)[] = makeDatagrams(count);
  let [sent, sentBytes, flightBytes, same, strange] = [0, 0, 0, 0, 0];
  return new Promise((resolve, reject) => {
    const sendMore = (): void => {
      for (; sent < count; sent++) {
        const { length } = datagrams[sent] as Buffer;
        const flight = sent - same - strange;
        if (flight > 0 && (flight === FLIGHT_DATAGRAMS || flightBytes + length > FLIGHT_BYTES)) return;
        flightBytes += length;
        sentBytes += length;
        socket.send(datagrams[sent] as Buffer);
      }
    };
    socket.onError = (name) => reject(new Error(name));
    socket.onMessage = (bytes) => {
      const number = bytes.length < NUMBER_BYTES ? -1 : Buffer.from(bytes).readUInt32BE();
      const expected = datagrams[number];
      if (expected?.equals(bytes)) same++;
      else strange++;
      flightBytes -= expected?.length ?? 0;
      datagrams[number] = undefined;
      if (same + strange === count) resolve({ sent, sentBytes, same, strange });
      else sendMore();
    };
    sendMore();
  });
}

/** Sends to a port where nobody is; the error that comes back. */
async function refused(socket: DatagramShape, address: string, port: number): Promise<string> {
  await socket.connect(address, port);
  return new Promise((resolve) => {
    socket.onError = resolve;
    socket.onMessage = () => resolve('a datagram came');
    socket.send(Buffer.from('anybody?'));
  });
}

const driver = process.argv[2] === 'ours' ? openOurs() : undefined;
const open = (address: string): DatagramShape =>
  driver === undefined ? new KernelDatagrams(address) : new OurDatagrams(driver, address);

async function answer(command: string, address: string, port: number, count: number): Promise<unknown> {
  if (command === 'counters') return driver?.host.counters();
  const socket = open(address);
  if (command === 'serve') {
    socket.onMessage = (bytes, from) => socket.send(bytes, from);
    socket.onError = (name) => console.log(`failed ${name}`);
    return socket.bind(address, port);
  }
  const said = await (command === 'exchange' ? exchange(socket, address, port, count) : refused(socket, address, port));
  socket.close();
  return said;
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command = '', address = '', port, count] = line.split(' ');
  answer(command, address, Number(port), Number(count)).then(
    (value) => console.log(`${command} ${JSON.stringify(value ?? {})}`),
    (error: unknown) => console.log(`${command} {"error":${JSON.stringify(String(error))}}`),
  );
});
console.log('ready');
