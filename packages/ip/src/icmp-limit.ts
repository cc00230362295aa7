/** How many ICMP errors leave (RFC 1812 §4.3.2.8, RFC 4443 §2.4(f)): as Linux limits them, for all and for each host. */

import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import type { AddressHash } from './reassembly.ts';

/** What a user may set. */
export interface IcmpLimitSettings {
  /** Errors of the whole host in a second, on average; Linux's `icmp_msgs_per_sec`. Default 1000. */
  readonly icmpErrorsPerSecond: number;
  /** How many of them may come at once; Linux's `icmp_msgs_burst`. Default 50. */
  readonly icmpErrorsBurst: number;
  /** Time for one error to one host, on average; Linux's `icmp_ratelimit`. 0 for no limit. Default 1000 ms. */
  readonly icmpErrorMs: number;
}

export const ICMP_LIMIT_DEFAULTS: IcmpLimitSettings = {
  icmpErrorsPerSecond: 1000,
  icmpErrorsBurst: 50,
  icmpErrorMs: 1000,
};

/** Linux's `XRLIM_BURST_FACTOR`: errors that one host may get at once. */
const HOST_BURST = 6;
/** Hosts that are remembered; beyond, the one first met is forgotten, while the limit of all still holds. */
const HOSTS_MAX = 1024;
/** Linux looks at the clock 50 times a second. */
const REFILL_MS = 20;
const FOR_JITTER = 3;

/** Time that a host has saved up, and since when. */
interface HostTokens {
  savedMs: number;
  sinceMs: number;
}

/** Token buckets: one for all errors, one for each host that gets them. */
export class IcmpLimit {
  readonly #settings: IcmpLimitSettings;
  readonly #hash: AddressHash;
  /** By the keyed hash of the address: two that meet share what there is. */
  readonly #hosts = new Map<number, HostTokens>();
  #credit: number;
  #refilledAtMs = Number.NEGATIVE_INFINITY;
  #drawn = 0;

  constructor(hash: AddressHash, settings: IcmpLimitSettings = ICMP_LIMIT_DEFAULTS) {
    this.#hash = hash;
    this.#settings = settings;
    this.#credit = settings.icmpErrorsBurst;
  }

  /** Hosts that are remembered. */
  get hosts(): number {
    return this.#hosts.size;
  }

  /**
   * Whether an error may go to `destination` now; then it counts.
   *
   * @param prefixBits Of the route there, of 128. As Linux limits ICMPv6, where it names more hosts each gets errors
   *   sooner: up to 16 times for the default route.
   */
  allows(nowMs: number, destination: Readonly<IpAddress>, prefixBits = 128): boolean {
    this.#refill(nowMs);
    const { icmpErrorMs } = this.#settings;
    const costMs = isIpv4(destination) ? icmpErrorMs : icmpErrorMs / (1 << ((128 - prefixBits) >> 5));
    if (this.#credit === 0 || !this.#hostAllows(nowMs, destination, costMs)) return false;
    // As in Linux, one on average: who counts what is left could tell which ports are open.
    this.#drawn = (this.#drawn + 1) | 0;
    const drawn = (this.#hash.of(destination, FOR_JITTER, destination, this.#drawn & 0xffff) >>> 8) % 3;
    this.#credit = Math.max(this.#credit - drawn, 0);
    return true;
  }

  #refill(nowMs: number): void {
    const elapsedMs = Math.min(nowMs - this.#refilledAtMs, 1000);
    if (elapsedMs < REFILL_MS) return;
    this.#refilledAtMs = nowMs;
    const { icmpErrorsPerSecond, icmpErrorsBurst } = this.#settings;
    this.#credit = Math.min(this.#credit + Math.floor((icmpErrorsPerSecond * elapsedMs) / 1000), icmpErrorsBurst);
  }

  #hostAllows(nowMs: number, destination: Readonly<IpAddress>, costMs: number): boolean {
    if (costMs === 0) return true;
    const tokens = this.#tokensOf(nowMs, destination, costMs);
    tokens.savedMs = Math.min(tokens.savedMs + nowMs - tokens.sinceMs, HOST_BURST * costMs);
    tokens.sinceMs = nowMs;
    if (tokens.savedMs < costMs) return false;
    tokens.savedMs -= costMs;
    return true;
  }

  #tokensOf(nowMs: number, destination: Readonly<IpAddress>, costMs: number): HostTokens {
    const hash = this.#hash.of(destination, 0, destination, 0);
    let tokens = this.#hosts.get(hash);
    if (tokens !== undefined) return tokens;
    if (this.#hosts.size === HOSTS_MAX) {
      const [oldest] = this.#hosts.keys();
      if (oldest !== undefined) this.#hosts.delete(oldest);
    }
    tokens = { savedMs: HOST_BURST * costMs, sinceMs: nowMs };
    this.#hosts.set(hash, tokens);
    return tokens;
  }
}
