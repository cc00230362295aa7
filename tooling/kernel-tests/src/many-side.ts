/**
 * One side of a test of broadcasts and multicasts over a TAP device: hears, and says.
 * Arguments: `ours`, our Ethernet address and a file for the capture; or `kernel`.
 */

import { createSocket } from 'node:dgram';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { captureLink, pcapngSink } from '@tcpstack/runtime/capture-link';
import { Driver } from '@tcpstack/runtime/driver';
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  POLLIN,
  SO_BROADCAST,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { Host } from '@tcpstack/sockets/host';
import { TunLink } from '@tcpstack/tun';

/** What both sides can do. */
interface Side {
  /** Prints what comes to this port, and is for `to`: a group is joined. */
  hear(to: string, port: number): Promise<void>;
  /** No more of it. */
  leave(to: string): Promise<void>;
  say(to: string, port: number, text: string): Promise<void>;
  counters(): object;
  close(): Promise<void>;
}

const OURS = ['10.77.0.2', 'fd00:77::2'] as const;
const KERNELS = ['10.77.0.1', 'fd00:77::1'] as const;
/** An interface of ours: the first after `lo`. */
const FIRST = 1;
const LARGEST_BYTES = 1500;

const isGroup = (address: string): boolean => /^(22[4-9]|23\d)\.|^ff/.test(address);
const heard = (to: string, text: string, from: string): void => console.log(`heard ${to} ${text} from ${from}`);

class OurSide implements Side {
  readonly #driver: Driver;
  readonly #sockets = new Map<string, number>();
  readonly #flushed: Promise<unknown>;
  readonly #endFile: () => void;

  constructor(macAddress: string, capture: string) {
    const device = TunLink.open({ mode: 'tap', macAddress, hostAddress: [`${KERNELS[0]}/24`, `${KERNELS[1]}/64`] });
    const file = createWriteStream(capture);
    const { name, carries } = device;
    const link = captureLink(
      device,
      pcapngSink((bytes) => void file.write(bytes), { name, carries }),
    );
    this.#flushed = finished(file);
    this.#endFile = () => file.end();
    const { mtuBytes, superSegmentBytes, checksum } = link;
    const shape = { addresses: [`${OURS[0]}/24`, `${OURS[1]}/64`], mtuBytes, superSegmentBytes, checksum };
    // What is tested needs no check of our addresses, which takes its time.
    const one = { ...shape, name: 'eth0', kind: 'ethernet' as const, macAddress, dadTransmits: 0 };
    this.#driver = new Driver(
      new Host({ interfaces: [one], entropy: crypto.getRandomValues(new Uint8Array(32)) }),
      link,
    );
    this.#driver.ref();
  }

  async hear(to: string, port: number): Promise<void> {
    const { sys } = this.#driver;
    const is6 = to.includes(':');
    const fd = sys.socket(is6 ? AF_INET6 : AF_INET, SOCK_DGRAM);
    check(sys.bind(fd, is6 ? '::' : '0.0.0.0', port));
    const [level, join] = is6 ? [IPPROTO_IPV6, IPV6_JOIN_GROUP] : [IPPROTO_IP, IP_ADD_MEMBERSHIP];
    if (isGroup(to)) check(sys.setsockopt(fd, level, join, { group: to, interfaceIndex: FIRST }));
    this.#sockets.set(to, fd);
    const room = new Uint8Array(LARGEST_BYTES);
    this.#driver.watch(fd, (revents) => {
      if ((revents & POLLIN) === 0) return;
      for (;;) {
        const from: { name: { address: string; port: number } | null } = { name: null };
        const n = sys.recvfrom(fd, room, 0, room.length, 0, from);
        if (n < 0) return;
        heard(to, Buffer.from(room.subarray(0, n)).toString(), from.name?.address ?? 'nobody');
      }
    });
  }

  async leave(to: string): Promise<void> {
    this.#driver.closeFd(this.#sockets.get(to) ?? -1);
  }

  async say(to: string, port: number, text: string): Promise<void> {
    const { sys } = this.#driver;
    const is6 = to.includes(':');
    const fd = sys.socket(is6 ? AF_INET6 : AF_INET, SOCK_DGRAM);
    check(sys.bind(fd, is6 ? OURS[1] : OURS[0], 0));
    check(sys.setsockopt(fd, SOL_SOCKET, SO_BROADCAST, 1));
    const bytes = Buffer.from(text);
    check(sys.sendto(fd, bytes, 0, bytes.length, 0, { address: to, port }));
    this.#driver.closeFd(fd);
  }

  counters(): object {
    return this.#driver.host.counters();
  }

  async close(): Promise<void> {
    await this.#driver.close();
    this.#endFile();
    await this.#flushed;
  }
}

function check(result: number): void {
  if (result < 0) throw new Error(`errno ${-result}`);
}

class KernelSide implements Side {
  hear(to: string, port: number): Promise<void> {
    const is6 = to.includes(':');
    const socket = createSocket(is6 ? 'udp6' : 'udp4');
    socket.on('message', (bytes, from) => heard(to, bytes.toString(), from.address));
    return new Promise((resolve) =>
      socket.bind(port, () => {
        if (isGroup(to)) socket.addMembership(to, is6 ? '::%tcp0' : KERNELS[0]);
        resolve();
      }),
    );
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  say(to: string, port: number, text: string): Promise<void> {
    const is6 = to.includes(':');
    const socket = createSocket(is6 ? 'udp6' : 'udp4');
    return new Promise((resolve, reject) =>
      socket.bind(0, is6 ? KERNELS[1] : KERNELS[0], () => {
        if (isGroup(to)) socket.setMulticastInterface(is6 ? '::%tcp0' : KERNELS[0]);
        else socket.setBroadcast(true);
        socket.send(text, port, to, (error) => {
          socket.close();
          if (error === null) resolve();
          else reject(error);
        });
      }),
    );
  }

  counters(): object {
    return {};
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const [who, macAddress = '', capture = ''] = process.argv.slice(2);
const side: Side = who === 'ours' ? new OurSide(macAddress, capture) : new KernelSide();

async function answer(command: string, [to = '', port = '', text = '']: readonly string[]): Promise<unknown> {
  if (command === 'hear') return side.hear(to, Number(port));
  if (command === 'leave') return side.leave(to);
  if (command === 'say') return side.say(to, Number(port), text);
  return command === 'counters' ? side.counters() : side.close();
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command = '', ...more] = line.split(' ');
  answer(command, more).then(
    (value) => {
      console.log(`${command} ${JSON.stringify(value ?? 'done')}`);
      if (command === 'close') process.exit(0);
    },
    (error: unknown) => console.log(`${command} ${JSON.stringify(`failed: ${String(error)}`)}`),
  );
});
console.log('ready');
