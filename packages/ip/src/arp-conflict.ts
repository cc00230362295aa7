/** IPv4 address conflict detection (RFC 5227): probe, announce, and defend the addresses we have. */

import type { Arp, ConflictWatch } from './arp.ts';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { LinkAddress, LinkEvents } from './link-address.ts';

// RFC 5227 §1.1.
/** "initial random delay" */
const PROBE_WAIT_MS = 1000;
const PROBE_NUM = 3;
/** "minimum delay until repeated probe" */
const PROBE_MIN_MS = 1000;
const PROBE_MAX_MS = 2000;
/** "delay before announcing" */
const ANNOUNCE_WAIT_MS = 2000;
const ANNOUNCE_NUM = 2;
const ANNOUNCE_INTERVAL_MS = 2000;
/** "minimum interval between defensive ARPs" */
const DEFEND_INTERVAL_MS = 10_000;

/** One address under watch. */
interface Watched {
  readonly own: LinkAddress;
  phase: 'probe' | 'announce' | 'hold';
  /** Probes or announcements sent. */
  sent: number;
  timerMs: number;
  conflictMs: number;
}

/** The addresses of one interface. */
export class ArpConflicts implements ConflictWatch {
  readonly #arp: Arp;
  readonly #random: () => number;
  readonly #events: LinkEvents;
  readonly #counters: EthernetCounters;
  readonly #watched: Watched[] = [];

  constructor(arp: Arp, random: () => number, events: LinkEvents, counters: EthernetCounters) {
    this.#arp = arp;
    this.#random = random;
    this.#events = events;
    this.#counters = counters;
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    let earliestMs = Infinity;
    for (const { timerMs } of this.#watched) if (timerMs < earliestMs) earliestMs = timerMs;
    return earliestMs;
  }

  /**
   * Begins with an address: it is tentative if it is to be probed for first, else it is announced at once.
   *
   * Deviation: RFC 5227 §2.1 would have each address probed for, which takes seconds, and Linux none announced.
   */
  watch(nowMs: number, own: LinkAddress): void {
    const isProbed = own.state === 'tentative';
    // "a host ... should wait for a random time interval selected uniformly in the range zero to PROBE_WAIT seconds" —
    // RFC 5227 §2.1.1
    const timerMs = isProbed ? nowMs + this.#random() * PROBE_WAIT_MS : nowMs;
    this.#watched.push({ own, phase: isProbed ? 'probe' : 'announce', sent: 0, timerMs, conflictMs: -Infinity });
  }

  /** Stops watching it. */
  forget(own: LinkAddress): void {
    const place = this.#watched.findIndex((watched) => watched.own === own);
    if (place >= 0) this.#watched.splice(place, 1);
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    for (const watched of this.#watched) {
      if (watched.timerMs > nowMs) continue;
      if (watched.phase === 'probe') this.#probe(nowMs, watched);
      else this.#announce(nowMs, watched);
    }
  }

  arrive(nowMs: number, fromIp: number, toIp: number): boolean {
    for (const watched of this.#watched) {
      const ip = watched.own.address.w3;
      // "if ... the host receives any ARP packet (Request *or* Reply) on the interface where the probe is being
      // performed, where the packet's 'sender IP address' is the address being probed for, then the host MUST treat this
      // address as being in use by some other host" — RFC 5227 §2.1.1
      const isTheirs = fromIp === ip;
      // "any ARP Probe where the packet's 'target IP address' is the address being probed for, and the packet's 'sender
      // hardware address' is not the hardware address of any of the host's interfaces": they want it, too.
      const isWanted = watched.phase === 'probe' && fromIp === 0 && toIp === ip;
      if (!isTheirs && !isWanted) continue;
      this.#conflict(nowMs, watched);
      return true;
    }
    return false;
  }

  #probe(nowMs: number, watched: Watched): void {
    if (watched.sent === PROBE_NUM) {
      watched.own.state = 'preferred';
      watched.phase = 'announce';
      watched.sent = 0;
      this.#events.addressChanged(watched.own);
      this.#announce(nowMs, watched);
      return;
    }
    watched.sent++;
    this.#arp.probe(watched.own.address.w3);
    const pauseMs = PROBE_MIN_MS + this.#random() * (PROBE_MAX_MS - PROBE_MIN_MS);
    watched.timerMs = nowMs + (watched.sent === PROBE_NUM ? ANNOUNCE_WAIT_MS : pauseMs);
  }

  /** "The host may begin legitimately using the IP address immediately after sending the first of the two" — RFC 5227 §2.3 */
  #announce(nowMs: number, watched: Watched): void {
    watched.sent++;
    this.#arp.announce(watched.own.address.w3);
    const isDone = watched.sent === ANNOUNCE_NUM;
    watched.timerMs = isDone ? Infinity : nowMs + ANNOUNCE_INTERVAL_MS;
    if (isDone) watched.phase = 'hold';
  }

  /** RFC 5227 §2.4 (b): defend once in `DEFEND_INTERVAL_MS`, else give up. */
  #conflict(nowMs: number, watched: Watched): void {
    this.#counters.conflicts++;
    const { own, phase } = watched;
    const isDefended = phase !== 'probe' && nowMs >= watched.conflictMs + DEFEND_INTERVAL_MS;
    watched.conflictMs = nowMs;
    if (isDefended) {
      this.#counters.defences++;
      this.#arp.announce(own.address.w3);
      return;
    }
    this.forget(own);
    own.state = 'duplicate';
    this.#counters.duplicateAddresses++;
    this.#events.addressChanged(own);
  }
}
