/** Local ports: who claimed which. */

import { type IpAddress, isAny, isIpv4, sameAddress } from '@tcpstack/wire/ip-address';
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

  /** Ports that sockets claimed. */
  get claimedPorts(): number {
    return this.#claims.size;
  }

  /** Ports that connections use. */
  get usedPorts(): number {
    return this.#connections.size;
  }

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

  /**
   * The listener for this address and port: the more specific one first, and of two for any address, that of the family.
   *
   * @param interfaceIndex Where the segment came in.
   */
  listenerOn(address: Readonly<IpAddress>, port: number, interfaceIndex: number): Socket | null {
    let any: Socket | null = null;
    for (const socket of this.#claims.get(port) ?? []) {
      const { listener, localAddress, options } = socket;
      if (listener === null || (options.interfaceIndex >= 0 && options.interfaceIndex !== interfaceIndex)) continue;
      if (sameAddress(localAddress, address)) return socket;
      if (!isAny(localAddress) || !coversFamily(socket, isIpv4(address))) continue;
      if (any === null || isIpv4(localAddress) === isIpv4(address)) any = socket;
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

/** Whether a socket for any address takes segments of IPv4, or those of IPv6. */
function coversFamily({ localAddress, options }: Socket, isFamily4: boolean): boolean {
  return isIpv4(localAddress) ? isFamily4 : !isFamily4 || !options.v6Only;
}
