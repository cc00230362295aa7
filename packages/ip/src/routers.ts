/** The default router list (RFC 4861 §6.3.4 to §6.3.6): which router packets to elsewhere go to. */

import { copyOf, type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';
import type { NeighbourTable } from './neighbours.ts';

/** "a node MUST retain at least two router addresses and SHOULD retain more" — RFC 4861 §6.3.4 */
const ROUTERS_MAX = 16;

interface Router {
  readonly address: Readonly<IpAddress>;
  untilMs: number;
  /** RFC 4191 §2.1: 1 high, 0 medium, -1 low. */
  preference: number;
}

/** The default routers of one interface. */
export class DefaultRouters {
  readonly #neighbours: NeighbourTable;
  readonly #changed: (router: Readonly<IpAddress> | null) => void;
  readonly #list: Router[] = [];
  #chosen: Router | null = null;

  /** @param changed Is told which one is to be used from now on. */
  constructor(neighbours: NeighbourTable, changed: (router: Readonly<IpAddress> | null) => void) {
    this.#neighbours = neighbours;
    this.#changed = changed;
  }

  /** The one to be used, or `null`. */
  get chosen(): Readonly<IpAddress> | null {
    return this.#chosen?.address ?? null;
  }

  /** When the first lifetime ends. */
  get deadlineMs(): number {
    let earliestMs = Infinity;
    for (const { untilMs } of this.#list) if (untilMs < earliestMs) earliestMs = untilMs;
    return earliestMs;
  }

  /**
   * An advertisement of it came.
   *
   * @param lifetimeS 0: it is no default router.
   * @param flags Of the advertisement, with its preference.
   */
  update(nowMs: number, address: Readonly<IpAddress>, lifetimeS: number, flags: number): void {
    const known = this.#list.find((router) => sameAddress(router.address, address));
    // "If the address is already present in the host's Default Router List and the received Router Lifetime value is
    // zero, immediately time-out the entry" — RFC 4861 §6.3.4
    if (lifetimeS === 0) {
      if (known !== undefined) this.remove(address);
      return;
    }
    const untilMs = nowMs + lifetimeS * 1000;
    const preference = preferenceOf(flags);
    if (known !== undefined) {
      known.untilMs = untilMs;
      known.preference = preference;
    } else if (this.#list.length < ROUTERS_MAX) {
      this.#list.push({ address: copyOf(address), untilMs, preference });
    }
    this.choose();
  }

  /** Forgets a router. */
  remove(address: Readonly<IpAddress>): void {
    const place = this.#list.findIndex((router) => sameAddress(router.address, address));
    if (place < 0) return;
    this.#list.splice(place, 1);
    this.choose();
  }

  /** Lets lifetimes end. */
  handleTimeout(nowMs: number): void {
    const ended = this.#list.filter(({ untilMs }) => untilMs <= nowMs);
    for (const { address } of ended) this.remove(address);
  }

  /**
   * "Routers that are reachable or probably reachable (i.e., in any state other than INCOMPLETE) SHOULD be preferred over
   * routers whose reachability is unknown or suspect" — RFC 4861 §6.3.6; among those, by preference (RFC 4191 §3.2),
   * and the one in use stays.
   */
  choose(): void {
    let best: Router | null = null;
    for (const router of this.#list) {
      if (best === null || this.#rank(router) > this.#rank(best)) best = router;
    }
    if (best === this.#chosen) return;
    this.#chosen = best;
    this.#changed(best?.address ?? null);
  }

  #rank(router: Router): number {
    const state = this.#neighbours.find(router.address)?.state ?? 'NONE';
    const isSuspect = state === 'FAILED' || state === 'INCOMPLETE';
    return (isSuspect ? 0 : 100) + router.preference * 10 + (router === this.#chosen ? 1 : 0);
  }
}

/** "11 Low, 00 Medium, 01 High"; "10 Reserved - MUST NOT be sent", read as medium — RFC 4191 §2.1, §2.2 */
function preferenceOf(flags: number): number {
  const bits = (flags >> 3) & 3;
  if (bits === 1) return 1;
  return bits === 3 ? -1 : 0;
}
