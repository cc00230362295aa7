/** Stateless address autoconfiguration (RFC 4862): addresses of our own from the prefixes that routers advertise. */

import { IpAddress, isLinkLocal, samePrefix } from '@tcpstack/wire/ip-address';
import {
  INFINITE_LIFETIME_S,
  optionBytes,
  PREFIX_AUTONOMOUS,
  PREFIX_INFORMATION,
  PREFIX_ON_LINK,
  PREFIX_OPTION_BYTES,
  preferredLifetimeS,
  prefixBits,
  prefixFlags,
  readPrefix,
  validLifetimeS,
} from '@tcpstack/wire/ndp-options';
import { writeInterfaceId } from './interface-id.ts';
import { isUsable, type LinkAddress, type LinkAddresses, type LinkEvents } from './link-address.ts';
import { OnLinkPrefixes } from './on-link-prefixes.ts';

/** Linux's `max_addresses`. */
const ADDRESSES_MAX = 16;
/** "two hours" (RFC 4862 §5.5.3 (e)): nobody can end an address sooner by a forged advertisement. */
const TWO_HOURS_MS = 7_200_000;
/** "the length of the interface identifier" on Ethernet (RFC 2464 §4) leaves this for the prefix. */
const PREFIX_BITS = 64;

/** The addresses of one interface that were made from advertised prefixes, and the prefixes on its link. */
export class Autoconfiguration {
  readonly #mac: number;
  readonly #addresses: LinkAddresses;
  readonly #prefixes: OnLinkPrefixes;
  readonly #begin: (nowMs: number, own: LinkAddress) => void;
  readonly #end: (own: LinkAddress) => void;
  readonly #events: LinkEvents;
  readonly #prefix = new IpAddress();

  /**
   * @param begin Is given a tentative address of ours to check for duplicates.
   * @param end Is given one that is to be forgotten.
   */
  constructor(
    mac: number,
    addresses: LinkAddresses,
    begin: (nowMs: number, own: LinkAddress) => void,
    end: (own: LinkAddress) => void,
    events: LinkEvents,
  ) {
    this.#mac = mac;
    this.#addresses = addresses;
    this.#begin = begin;
    this.#end = end;
    this.#events = events;
    this.#prefixes = new OnLinkPrefixes(events);
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    let earliestMs = this.#prefixes.deadlineMs;
    for (const own of this.#addresses.list) {
      if (own.origin !== 'autoconf') continue;
      if (own.validUntilMs < earliestMs) earliestMs = own.validUntilMs;
      if (own.state === 'preferred' && own.preferredUntilMs < earliestMs) earliestMs = own.preferredUntilMs;
    }
    return earliestMs;
  }

  /** Reads the prefixes among the options `bytes[at, end)` of a router's advertisement. */
  advertised(nowMs: number, bytes: Uint8Array, at: number, end: number): void {
    for (let next = at; next < end; next += optionBytes(bytes, next)) {
      if (bytes[next] === PREFIX_INFORMATION && optionBytes(bytes, next) === PREFIX_OPTION_BYTES) {
        this.#take(nowMs, bytes, next);
      }
    }
  }

  /** Lets lifetimes end. */
  handleTimeout(nowMs: number): void {
    this.#prefixes.handleTimeout(nowMs);
    const ours = this.#addresses.list.filter(({ origin }) => origin === 'autoconf');
    for (const own of ours) {
      // "an address (and its association with an interface) becomes invalid when its valid lifetime expires" — RFC 4862
      // §5.5.4
      if (own.validUntilMs <= nowMs) this.#end(own);
      else if (own.state === 'preferred' && own.preferredUntilMs <= nowMs) this.#become(own, 'deprecated');
    }
  }

  #take(nowMs: number, bytes: Uint8Array, at: number): void {
    const flags = prefixFlags(bytes, at);
    const bits = prefixBits(bytes, at);
    readPrefix(bytes, at, this.#prefix);
    // "If the prefix is the link-local prefix, silently ignore the Prefix Information option." — RFC 4862 §5.5.3 (b)
    if (bits > 128 || isLinkLocal(this.#prefix)) return;
    const validMs = lifetimeMs(validLifetimeS(bytes, at));
    const preferredMs = lifetimeMs(preferredLifetimeS(bytes, at));
    if ((flags & PREFIX_ON_LINK) !== 0) this.#prefixes.update(this.#prefix, bits, nowMs + validMs, nowMs);
    // "If the Autonomous flag is not set, silently ignore"; "If the preferred lifetime is greater than the valid
    // lifetime, silently ignore"; "If the sum of the prefix length and interface identifier length does not equal 128
    // bits, the Prefix Information option MUST be ignored." — RFC 4862 §5.5.3 (a), (c), (d)
    if ((flags & PREFIX_AUTONOMOUS) === 0 || preferredMs > validMs || bits !== PREFIX_BITS) return;
    const own = this.#addresses.list.find((candidate) => this.#isOfPrefix(candidate));
    if (own !== undefined) this.#refresh(nowMs, own, validMs, preferredMs);
    else if (validMs > 0) this.#make(nowMs, validMs, preferredMs);
  }

  #isOfPrefix({ address, origin }: LinkAddress): boolean {
    return origin === 'autoconf' && samePrefix(address, this.#prefix, PREFIX_BITS);
  }

  /** RFC 4862 §5.5.3 (d). */
  #make(nowMs: number, validMs: number, preferredMs: number): void {
    const many = this.#addresses.list.filter(({ origin }) => origin === 'autoconf').length;
    if (many >= ADDRESSES_MAX) return;
    writeInterfaceId(this.#prefix, this.#mac);
    if (this.#addresses.find(this.#prefix) !== null) return;
    const until = { preferred: nowMs + preferredMs, valid: nowMs + validMs };
    const own = this.#addresses.add(this.#prefix, PREFIX_BITS, 'autoconf', 'tentative', until.preferred, until.valid);
    this.#begin(nowMs, own);
  }

  /** RFC 4862 §5.5.3 (e). */
  #refresh(nowMs: number, own: LinkAddress, validMs: number, preferredMs: number): void {
    const remainingMs = own.validUntilMs - nowMs;
    // "1. If the received Valid Lifetime is greater than 2 hours or greater than RemainingLifetime, set the valid lifetime
    // ... 2. If RemainingLifetime is less than or equal to 2 hours, ignore ... 3. Otherwise, reset the valid lifetime
    // ... to 2 hours."
    if (validMs > TWO_HOURS_MS || validMs > remainingMs) own.validUntilMs = nowMs + validMs;
    else if (remainingMs > TWO_HOURS_MS) own.validUntilMs = nowMs + TWO_HOURS_MS;
    // "Note that the preferred lifetime of the corresponding address is always reset"
    own.preferredUntilMs = nowMs + preferredMs;
    if (!isUsable(own)) return;
    const state = preferredMs > 0 ? 'preferred' : 'deprecated';
    if (own.state !== state) this.#become(own, state);
  }

  #become(own: LinkAddress, state: 'preferred' | 'deprecated'): void {
    own.state = state;
    this.#events.addressChanged(own);
  }
}

/** Milliseconds; `Infinity` for a lifetime that never ends. */
function lifetimeMs(lifetimeS: number): number {
  return lifetimeS === INFINITE_LIFETIME_S ? Infinity : lifetimeS * 1000;
}
