/** A service on a UDP port of both families, by the system calls of the stack: datagrams have no shape of `node:dgram` yet. */

import type { Stack } from '@tcpstack/net';
import { systemError } from '@tcpstack/runtime/system-error';
import { AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SOCK_DGRAM } from '@tcpstack/sockets/constants';
import { EAGAIN } from '@tcpstack/sockets/errno';
import type { NameOut } from '@tcpstack/sockets/syscalls';
import type { Service } from './service.ts';

export interface DatagramServer {
  /** Datagrams that came, and that were sent back. */
  readonly received: number;
  readonly sent: number;
  close(): void;
}

const DATAGRAM_BYTES_MAX = 65_535;
/** Datagrams taken from a socket before others get their turn. */
const DATAGRAMS_PER_TURN = 64;
/**
 * Two such services that answer each other never stop, and a forged source is enough to begin it: who sends from a port
 * of a service gets no answer.
 */
const SERVICE_PORTS = 1024;

/** @throws {SystemError} When the port is taken. */
export function serveDatagrams(stack: Stack, service: Service, port: number): DatagramServer {
  const server = new Datagrams(stack, service);
  server.open(AF_INET, '0.0.0.0', port);
  server.open(AF_INET6, '::', port);
  return server;
}

class Datagrams implements DatagramServer {
  received = 0;
  sent = 0;
  readonly #stack: Stack;
  readonly #service: Service;
  readonly #fds: number[] = [];
  readonly #buffer = new Uint8Array(DATAGRAM_BYTES_MAX);
  readonly #from: NameOut = { name: null };

  constructor(stack: Stack, service: Service) {
    this.#stack = stack;
    this.#service = service;
  }

  open(family: number, any: string, port: number): void {
    const { driver } = this.#stack;
    const { sys } = driver;
    const fd = sys.socket(family, SOCK_DGRAM);
    if (fd < 0) throw systemError(fd, 'socket');
    this.#fds.push(fd);
    if (family === AF_INET6) sys.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    const bound = sys.bind(fd, any, port);
    if (bound < 0) throw systemError(bound, 'bind', any, port);
    driver.watch(fd, () => this.#answerAll(fd));
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) this.#stack.driver.closeFd(fd);
  }

  #answerAll(fd: number): void {
    const { driver } = this.#stack;
    const { sys } = driver;
    for (let i = 0; i < DATAGRAMS_PER_TURN; i++) {
      if (!this.#fds.includes(fd)) return;
      const lengthBytes = sys.recvfrom(fd, this.#buffer, 0, this.#buffer.length, 0, this.#from);
      if (lengthBytes === -EAGAIN) return;
      if (lengthBytes < 0) continue; // an ICMP error about an answer of ours
      this.received++;
      const { name } = this.#from;
      if (name === null || name.port < SERVICE_PORTS) continue;
      const answer = this.#service.answer(this.#buffer.subarray(0, lengthBytes));
      // What does not fit into the send queue is lost, as datagrams may be.
      if (answer !== null && sys.sendto(fd, answer, 0, answer.length, 0, name) >= 0) this.sent++;
    }
    driver.defer(() => this.#answerAll(fd));
  }
}
