/** Local ports: who claimed which. */

import { type IpAddress, isAny, sameAddress } from '@tcpstack/wire/ip-address';
import { conflicts } from './bind-conflict.ts';
import type { Socket } from './socket.ts';

const NOBODY: ReadonlySet<Socket> = new Set();

/**
 * Sockets that claimed a port by bind(), and how many connections use each port. Listeners and connections are kept
 * apart: "an OPEN call that will functionally allow an application to LISTEN on a port while a connection block with the
 * same local port is in SYN-SENT or SYN-RECEIVED state" — RFC 9293 §3.9.1.1 [MUST-42].
 */
export class PortTable {
  readonly #claims = new Map<number, Set<Socket>>();
  readonly #connections = new Map<number, number>();

  /** Whether any socket claimed it. */
  isClaimed(port: number): boolean {
    return this.#claims.has(port);
  }

  /** Connections that use this port, those in TIME-WAIT too. */
  connectionsOn(port: number): number {
    return this.#connections.get(port) ?? 0;
  }

  /** Another socket already listens on an overlapping address and this port. */
  hasListener(socket: Socket): boolean {
    for (const other of this.#claims.get(socket.localPort) ?? []) {
      if (other !== socket && other.listener !== null && conflicts(socket.options, socket.localAddress, other))
        return true;
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
}
