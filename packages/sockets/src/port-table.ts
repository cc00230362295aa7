/** Local ports: who claimed which, and the choice of ephemeral ones. */

import { type IpAddress, isAny, sameAddress } from '@tcpstack/wire/ip-address';
import { mayShare } from './reuse-port.ts';
import type { Socket } from './socket.ts';

/** Linux's `ip_local_port_range`. */
export const EPHEMERAL_PORT_MIN = 32768;
export const EPHEMERAL_PORT_MAX = 60999;

const NOBODY: ReadonlySet<Socket> = new Set();
const RANGE = EPHEMERAL_PORT_MAX - EPHEMERAL_PORT_MIN + 1;

/**
 * Sockets that claimed a port by bind(), and how many connections use each port. Listeners and connections are kept
 * apart: "an OPEN call that will functionally allow an application to LISTEN on a port while a connection block with the
 * same local port is in SYN-SENT or SYN-RECEIVED state" — RFC 9293 §3.9.1.1 [MUST-42].
 */
export class PortTable {
  readonly #claims = new Map<number, Set<Socket>>();
  readonly #connections = new Map<number, number>();
  #next = 0;

  /** Whether bind() may give `socket` this port and address. */
  mayBind(socket: Socket, address: Readonly<IpAddress>, port: number): boolean {
    const claims = this.#claims.get(port);
    if (claims !== undefined) {
      for (const other of claims) {
        const overlap = overlaps(address, other.localAddress);
        // Like Linux: SO_REUSEADDR on both lets them share a port unless one of them listens, SO_REUSEPORT always.
        if (
          overlap &&
          !mayShare(socket, other) &&
          !(socket.options.reuseAddress && other.options.reuseAddress && other.listener === null)
        )
          return false;
      }
      return true;
    }
    // Connections that a closed listener left behind hold the port too, unless one of both is set.
    return socket.options.reuseAddress || socket.options.reusePort || !this.#connections.has(port);
  }

  /** Another socket already listens on an overlapping address and this port. */
  hasListener(socket: Socket): boolean {
    for (const other of this.#claims.get(socket.localPort) ?? []) {
      if (other === socket || other.listener === null || mayShare(socket, other)) continue;
      if (overlaps(other.localAddress, socket.localAddress)) return true;
    }
    return false;
  }

  /** The listener for this address and port: the more specific one first. */
  listenerOn(address: Readonly<IpAddress>, port: number): Socket | null {
    let any: Socket | null = null;
    for (const socket of this.#claims.get(port) ?? []) {
      if (socket.listener === null) continue;
      if (sameAddress(socket.localAddress, address)) return socket;
      if (isAny(socket.localAddress)) any = socket;
    }
    return any;
  }

  /** The sockets that claimed this port. */
  claimants(port: number): ReadonlySet<Socket> {
    return this.#claims.get(port) ?? NOBODY;
  }

  claim(socket: Socket): void {
    const claims = this.#claims.get(socket.localPort);
    if (claims === undefined) this.#claims.set(socket.localPort, new Set([socket]));
    else claims.add(socket);
  }

  release(socket: Socket): void {
    const claims = this.#claims.get(socket.localPort);
    claims?.delete(socket);
    if (claims?.size === 0) this.#claims.delete(socket.localPort);
  }

  connectionAdded(port: number): void {
    this.#connections.set(port, (this.#connections.get(port) ?? 0) + 1);
  }

  connectionRemoved(port: number): void {
    const left = (this.#connections.get(port) ?? 1) - 1;
    if (left === 0) this.#connections.delete(port);
    else this.#connections.set(port, left);
  }

  /**
   * An ephemeral port for which `isFree` holds, or 0 when there is none: RFC 6056 §3.3.3, "Simple Hash-Based Port
   * Selection Algorithm".
   *
   * @param offset A keyed hash of the destination, any integer.
   */
  ephemeral(offset: number, isFree: (port: number) => boolean): number {
    for (let tries = 0; tries < RANGE; tries++) {
      const port = EPHEMERAL_PORT_MIN + (((offset >>> 0) + this.#next) % RANGE);
      this.#next++;
      if (!this.#claims.has(port) && isFree(port)) return port;
    }
    return 0;
  }
}

/** Whether one segment may be meant for both. */
function overlaps(a: Readonly<IpAddress>, b: Readonly<IpAddress>): boolean {
  return isAny(a) || isAny(b) || sameAddress(a, b);
}
