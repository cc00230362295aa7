/** The prefix list (RFC 4861 §5.1): which addresses are neighbours, because a router said so. */

import { copyOf, type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';
import type { LinkEvents } from './link-address.ts';

/** More would be a router gone mad, or a forger: they are not believed. */
const PREFIXES_MAX = 32;

interface Prefix {
  readonly prefix: Readonly<IpAddress>;
  readonly bits: number;
  untilMs: number;
}

/** The advertised prefixes of one interface. */
export class OnLinkPrefixes {
  readonly #events: LinkEvents;
  #list: Prefix[] = [];

  constructor(events: LinkEvents) {
    this.#events = events;
  }

  /** When the first lifetime ends. */
  get deadlineMs(): number {
    let earliestMs = Infinity;
    for (const { untilMs } of this.#list) if (untilMs < earliestMs) earliestMs = untilMs;
    return earliestMs;
  }

  /** RFC 4861 §6.3.4: a prefix is new, goes on, or (with a lifetime of 0) ends at once. */
  update(prefix: Readonly<IpAddress>, bits: number, untilMs: number, nowMs: number): void {
    const known = this.#list.find((one) => one.bits === bits && sameAddress(one.prefix, prefix));
    if (known !== undefined) {
      known.untilMs = untilMs;
      if (untilMs <= nowMs) this.handleTimeout(nowMs);
      return;
    }
    if (untilMs <= nowMs || this.#list.length >= PREFIXES_MAX) return;
    this.#list.push({ prefix: copyOf(prefix), bits, untilMs });
    this.#events.prefixChanged(prefix, bits, true);
  }

  /** Lets lifetimes end. */
  handleTimeout(nowMs: number): void {
    const ended = this.#list.filter(({ untilMs }) => untilMs <= nowMs);
    if (ended.length === 0) return;
    this.#list = this.#list.filter(({ untilMs }) => untilMs > nowMs);
    for (const { prefix, bits } of ended) this.#events.prefixChanged(prefix, bits, false);
  }
}
