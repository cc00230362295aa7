/** A datagram socket of either: the kernel's by `node:dgram`, and ours, in one shape. */

import { createSocket, type Socket } from 'node:dgram';
import type { Driver } from '@tcpstack/runtime/driver';
import { AF_INET, AF_INET6, POLLERR, POLLIN, SOCK_DGRAM } from '@tcpstack/sockets/constants';
import { EAGAIN, errnoName } from '@tcpstack/sockets/errno';

/** Who sent a datagram, or whom to send one to. */
export interface DatagramPeer {
  readonly address: string;
  readonly port: number;
}

/** What the tests use of either. */
export interface DatagramShape {
  /** The bytes are borrowed until it returns. */
  onMessage: (bytes: Uint8Array, from: DatagramPeer) => void;
  /** An error that waited for the socket, by its name. */
  onError: (name: string) => void;
  bind(address: string, port: number): Promise<void>;
  connect(address: string, port: number): Promise<void>;
  /** To the one it is connected to, or to `to`. */
  send(bytes: Uint8Array, to?: DatagramPeer): void;
  close(): void;
}

const LARGEST_BYTES = 65_535;

abstract class Listening {
  onMessage: DatagramShape['onMessage'] = () => {};
  onError: DatagramShape['onError'] = () => {};
}

export class KernelDatagrams extends Listening implements DatagramShape {
  readonly #socket: Socket;

  constructor(address: string) {
    super();
    this.#socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes, from) => this.onMessage(bytes, from));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.onError(error.code ?? error.message));
  }

  bind(address: string, port: number): Promise<void> {
    return new Promise((resolve) => this.#socket.bind(port, address, resolve));
  }

  connect(address: string, port: number): Promise<void> {
    return new Promise((resolve) => this.#socket.connect(port, address, resolve));
  }

  send(bytes: Uint8Array, to?: DatagramPeer): void {
    if (to === undefined) this.#socket.send(bytes);
    else this.#socket.send(bytes, to.port, to.address);
  }

  close(): void {
    this.#socket.close();
  }
}

export class OurDatagrams extends Listening implements DatagramShape {
  readonly #driver: Driver;
  readonly #fd: number;
  readonly #room = new Uint8Array(LARGEST_BYTES);

  constructor(driver: Driver, address: string) {
    super();
    this.#driver = driver;
    this.#fd = driver.sys.socket(address.includes(':') ? AF_INET6 : AF_INET, SOCK_DGRAM);
    driver.watch(this.#fd, (revents) => {
      if ((revents & (POLLIN | POLLERR)) !== 0) this.#receive();
    });
  }

  async bind(address: string, port: number): Promise<void> {
    this.#check(this.#driver.sys.bind(this.#fd, address, port));
  }

  async connect(address: string, port: number): Promise<void> {
    this.#check(this.#driver.sys.connect(this.#fd, address, port));
  }

  send(bytes: Uint8Array, to?: DatagramPeer): void {
    this.#check(this.#driver.sys.sendto(this.#fd, bytes, 0, bytes.length, 0, to ?? null));
  }

  close(): void {
    this.#driver.closeFd(this.#fd);
  }

  #receive(): void {
    const { sys } = this.#driver;
    for (;;) {
      const from: { name: DatagramPeer | null } = { name: null };
      const n = sys.recvfrom(this.#fd, this.#room, 0, this.#room.length, 0, from);
      if (n === -EAGAIN) return;
      if (n < 0) this.onError(errnoName(-n));
      else this.onMessage(this.#room.subarray(0, n), from.name as DatagramPeer);
    }
  }

  #check(result: number): void {
    if (result < 0) this.onError(errnoName(-result));
  }
}
