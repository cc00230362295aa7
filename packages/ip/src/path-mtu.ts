/** What paths are known to carry (RFC 1191, RFC 8201), by destination: learnt from routers, forgotten after a while. */

import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import { IPV6_MTU_MIN_BYTES } from '@tcpstack/wire/ipv6';

/** After 10 minutes an estimate may be raised again (RFC 1191 §6.3); Linux's `mtu_expires`. */
export const PATH_MTU_EXPIRES_MS = 600_000;
/** Linux's `min_pmtu`: nothing that a stranger says makes packets smaller than this. */
export const PATH_MTU_MIN_BYTES = 552;
/** Destinations remembered; beyond, the one that was learnt first is forgotten, and learnt again if it must be. */
export const PATHS_MAX = 1024;

/** "Common MTUs in the Internet" — RFC 1191 table 7-1, without those below `PATH_MTU_MIN_BYTES`. */
const PLATEAUS_BYTES = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006];

interface Path {
  readonly mtuBytes: number;
  readonly expiresAtMs: number;
}

/** IPv4 addresses by their number, others by their words: what nothing else has. */
type PathKey = number | string;

/** Path MTUs by destination. */
export class PathMtuCache {
  /** Goes up whenever something was learnt. */
  generation = 0;
  readonly #paths = new Map<PathKey, Path>();

  /** Destinations that are remembered. */
  get size(): number {
    return this.#paths.size;
  }

  /** Most bytes of a packet to `destination`, over a link that takes `linkMtuBytes`. */
  mtuBytes(nowMs: number, destination: Readonly<IpAddress>, linkMtuBytes: number): number {
    return Math.min(this.#find(nowMs, destination)?.mtuBytes ?? Infinity, linkMtuBytes);
  }

  /** When what is known of `destination` will be forgotten; `Infinity` when nothing is. */
  expiresAtMs(nowMs: number, destination: Readonly<IpAddress>): number {
    return this.#find(nowMs, destination)?.expiresAtMs ?? Infinity;
  }

  /**
   * A router says that a packet of ours was too large.
   *
   * @param linkMtuBytes What our link takes.
   * @param nextHopMtuBytes What the next link carries; 0 from an IPv4 router that does not say.
   * @param packetBytes Length of the packet, as quoted.
   * @returns False when this cannot be, or says nothing new.
   */
  learn(
    nowMs: number,
    destination: Readonly<IpAddress>,
    linkMtuBytes: number,
    nextHopMtuBytes: number,
    packetBytes: number,
  ): boolean {
    const leastBytes = isIpv4(destination) ? PATH_MTU_MIN_BYTES : IPV6_MTU_MIN_BYTES;
    // "A node MUST NOT reduce its estimate of the Path MTU below the IPv6 minimum link MTU" in answer to such a message,
    // and "must discard" one that reports less — RFC 8201 §4
    if (!isIpv4(destination) && nextHopMtuBytes < leastBytes) return false;
    // What a packet of this size did not fit into is smaller; anything else was not said by a router (RFC 5927 §7.2).
    const mtuBytes = nextHopMtuBytes === 0 ? plateauBelow(packetBytes) : nextHopMtuBytes;
    if (mtuBytes >= packetBytes) return false;
    const bounded = Math.max(mtuBytes, leastBytes);
    // What is said to be too big never raises an estimate (RFC 1191 §3).
    if (bounded >= this.mtuBytes(nowMs, destination, linkMtuBytes)) return false;
    this.#remember(keyOf(destination), { mtuBytes: bounded, expiresAtMs: nowMs + PATH_MTU_EXPIRES_MS });
    this.generation++;
    return true;
  }

  /** Something else changed about paths: whoever asked before asks again. */
  invalidate(): void {
    this.generation++;
  }

  #find(nowMs: number, destination: Readonly<IpAddress>): Path | undefined {
    if (this.#paths.size === 0) return undefined;
    const key = keyOf(destination);
    const path = this.#paths.get(key);
    if (path === undefined || nowMs < path.expiresAtMs) return path;
    this.#paths.delete(key);
    return undefined;
  }

  #remember(key: PathKey, path: Path): void {
    this.#paths.delete(key);
    if (this.#paths.size >= PATHS_MAX) {
      const [oldest] = this.#paths.keys();
      if (oldest !== undefined) this.#paths.delete(oldest);
    }
    this.#paths.set(key, path);
  }
}

function keyOf(address: Readonly<IpAddress>): PathKey {
  return isIpv4(address) ? address.w3 : `${address.w0} ${address.w1} ${address.w2} ${address.w3}`;
}

/** "the greatest plateau value that is less than the returned Total Length field" — RFC 1191 §5. */
function plateauBelow(packetBytes: number): number {
  return PLATEAUS_BYTES.find((bytes) => bytes < packetBytes) ?? PATH_MTU_MIN_BYTES;
}
