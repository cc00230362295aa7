/**
 * One side of a test over a TAP or TUN device: takes streams and answers each with its SHA-256, or sends one and says
 * what came back. Arguments: `ours` and how our host is made, as JSON; or `kernel`.
 */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { captureLink, pcapngSink } from '@tcpstack/runtime/capture-link';
import { Driver } from '@tcpstack/runtime/driver';
import type { Link } from '@tcpstack/runtime/link';
import { AF_INET, AF_INET6 } from '@tcpstack/sockets/constants';
import { Host } from '@tcpstack/sockets/host';
import { TunLink } from '@tcpstack/tun';
import { PseudoRandomStream } from './pseudo-random.ts';

/** How our host, and the device, are made. */
export interface DeviceChoice {
  readonly offload: boolean;
  /** Our Ethernet address on a TAP device; without it, packets cross a TUN device. */
  readonly macAddress?: string;
  readonly hostAddress: readonly string[];
  readonly addresses: readonly string[];
  /** File to write a capture to. */
  readonly capture?: string;
}

/** What both sides can do. */
interface Side {
  /** Takes streams on this address and port from now on. */
  serve(address: string, port: number): Promise<void>;
  /** Sends so many bytes and the end; what the other side says of them. */
  send(address: string, port: number, bytes: number, seed: number): Promise<string>;
  counters(): object;
  close(): Promise<void>;
}

const DIGEST_BYTES = 64;
const BIND_TRIES = 100;

class OurSide implements Side {
  readonly #driver: Driver;
  readonly #flushed: Promise<unknown>;
  readonly #endFile: () => void;

  constructor(choice: DeviceChoice) {
    const { offload, macAddress, hostAddress, addresses, capture } = choice;
    const ethernet = macAddress === undefined ? {} : { mode: 'tap' as const, macAddress };
    const device = TunLink.open({ ...ethernet, offload, hostAddress });
    let link: Link = device;
    this.#flushed = Promise.resolve();
    this.#endFile = () => {};
    if (capture !== undefined) {
      const file = createWriteStream(capture);
      const sink = pcapngSink((bytes) => void file.write(bytes), { name: device.name, carries: device.carries });
      link = captureLink(device, sink);
      this.#flushed = finished(file);
      this.#endFile = () => file.end();
    }
    const { mtuBytes, superSegmentBytes, checksum } = link;
    const shape = { addresses, mtuBytes, superSegmentBytes, checksum };
    const one =
      macAddress === undefined
        ? { ...shape, name: 'tun0' }
        : { ...shape, name: 'eth0', kind: 'ethernet' as const, macAddress };
    const host = new Host({ interfaces: [one], entropy: crypto.getRandomValues(new Uint8Array(32)) });
    this.#driver = new Driver(host, link);
    this.#driver.ref();
  }

  async serve(address: string, port: number): Promise<void> {
    const fd = this.#socket(address);
    // An IPv6 address is ours once it has been checked.
    for (let tries = 0; this.#driver.sys.bind(fd, address, port) < 0; tries++) {
      if (tries === BIND_TRIES) throw new Error(`${address} never became ours`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.#driver.sys.listen(fd, 16);
    // Ends with the driver.
    this.#acceptAll(fd).catch(() => {});
  }

  async #acceptAll(fd: number): Promise<void> {
    for (;;) {
      const connection = await this.#driver.accept(fd);
      const hash = createHash('sha256');
      const into = new Uint8Array(256 * 1024);
      for (let n = 1; n > 0; ) {
        n = await this.#driver.read(connection, into);
        hash.update(into.subarray(0, n));
      }
      await this.#driver.write(connection, Buffer.from(hash.digest('hex')));
      this.#driver.closeFd(connection);
    }
  }

  async send(address: string, port: number, bytes: number, seed: number): Promise<string> {
    const fd = this.#socket(address);
    await this.#driver.connect(fd, address, port);
    const source = new PseudoRandomStream(seed, bytes);
    for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) await this.#driver.write(fd, chunk);
    this.#driver.sys.shutdown(fd, 1);
    const said = new Uint8Array(DIGEST_BYTES);
    let length = 0;
    for (let n = 1; n > 0 && length < DIGEST_BYTES; length += n) n = await this.#driver.read(fd, said, length);
    this.#driver.closeFd(fd);
    return Buffer.from(said.subarray(0, length)).toString();
  }

  counters(): object {
    return this.#driver.host.counters();
  }

  async close(): Promise<void> {
    await this.#driver.close();
    this.#endFile();
    await this.#flushed;
  }

  #socket(address: string): number {
    return this.#driver.sys.socket(address.includes(':') ? AF_INET6 : AF_INET);
  }
}

class KernelSide implements Side {
  serve(address: string, port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const hash = createHash('sha256');
      socket.on('data', (chunk) => hash.update(chunk));
      socket.on('end', () => socket.end(hash.digest('hex')));
    });
    return new Promise((resolve) => server.listen(port, address, resolve));
  }

  async send(address: string, port: number, bytes: number, seed: number): Promise<string> {
    const socket = connect({ host: address, port, allowHalfOpen: true });
    const source = new PseudoRandomStream(seed, bytes);
    let said = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const end = new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
    for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) {
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
    }
    socket.end();
    await end;
    return said;
  }

  counters(): object {
    return {};
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const [who, choice] = process.argv.slice(2);
const side: Side = who === 'ours' ? new OurSide(JSON.parse(choice ?? '') as DeviceChoice) : new KernelSide();

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, address = '', port, bytes, seed] = line.split(' ');
  const answer = async (): Promise<string> => {
    switch (command) {
      case 'serve':
        await side.serve(address, Number(port));
        return '';
      case 'send':
        return side.send(address, Number(port), Number(bytes), Number(seed));
      case 'counters':
        return JSON.stringify(side.counters());
      default:
        await side.close();
        return '';
    }
  };
  answer().then(
    (text) => {
      console.log(`${command} ${text}`);
      if (command === 'close') process.exit(0);
    },
    (error: unknown) => console.log(`${command} failed: ${String(error)}`),
  );
});
console.log('ready');
