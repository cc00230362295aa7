/** Duplicate address detection (RFC 4862 §5.4): an IPv6 address is tentative until nobody said that he has it. */

import type { EthernetCounters } from './ethernet-counters.ts';
import type { LinkAddress, LinkEvents } from './link-address.ts';
import type { NdpSender } from './ndp-send.ts';
import type { NeighbourSettings } from './neighbour.ts';

/** "MAX_RTR_SOLICITATION_DELAY 1 second" (RFC 4861 §10): the random delay before the first solicitation. */
const DELAY_MAX_MS = 1000;
/** Linux's `addrconf_dad_work`: HZ / 100. */
const RETRANS_MIN_MS = 10;

interface Check {
  readonly own: LinkAddress;
  /** 48 bits that only our own solicitations carry (RFC 7527). */
  readonly nonce: number;
  sent: number;
  timerMs: number;
}

/** The addresses of one interface that are being checked. */
export class DuplicateDetection {
  readonly #sender: NdpSender;
  readonly #random: () => number;
  readonly #settings: NeighbourSettings;
  readonly #transmits: number;
  readonly #events: LinkEvents;
  readonly #counters: EthernetCounters;
  readonly #checks: Check[] = [];

  /** @param transmits Linux's `dad_transmits`: solicitations for each address; 0 checks nothing. */
  constructor(
    sender: NdpSender,
    random: () => number,
    settings: NeighbourSettings,
    transmits: number,
    events: LinkEvents,
    counters: EthernetCounters,
  ) {
    this.#sender = sender;
    this.#random = random;
    this.#settings = settings;
    this.#transmits = transmits;
    this.#events = events;
    this.#counters = counters;
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    let earliestMs = Infinity;
    for (const { timerMs } of this.#checks) if (timerMs < earliestMs) earliestMs = timerMs;
    return earliestMs;
  }

  /**
   * Begins with a tentative address.
   *
   * "the node SHOULD delay joining the solicited-node multicast address by a random delay between 0 and
   * MAX_RTR_SOLICITATION_DELAY" — RFC 4862 §5.4.2; Linux delays the solicitation of every address by as much.
   */
  start(nowMs: number, own: LinkAddress): void {
    const nonce = Math.floor(this.#random() * 0x1_0000_0000_0000);
    const delayMs = this.#transmits === 0 ? 0 : this.#random() * DELAY_MAX_MS;
    this.#checks.push({ own, nonce, sent: 0, timerMs: nowMs + delayMs });
  }

  /** Stops checking it. */
  forget(own: LinkAddress): void {
    const place = this.#checks.findIndex((check) => check.own === own);
    if (place >= 0) this.#checks.splice(place, 1);
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    const due = this.#checks.filter(({ timerMs }) => timerMs <= nowMs);
    for (const check of due) {
      if (check.sent < this.#transmits) {
        check.sent++;
        check.timerMs = nowMs + Math.max(this.#settings.retransMs, RETRANS_MIN_MS);
        this.#sender.solicitDuplicate(check.own.address, check.nonce);
        continue;
      }
      // "An address is considered unique if none of the tests indicate the presence of a duplicate address within
      // RetransTimer milliseconds after having sent DupAddrDetectTransmits Neighbor Solicitations." — RFC 4862 §5.4
      this.forget(check.own);
      check.own.state = check.own.preferredUntilMs > nowMs ? 'preferred' : 'deprecated';
      this.#events.addressChanged(check.own);
    }
  }

  /**
   * Somebody else checks the same address. With our own nonce it is ours, come back: "If the node ... receives any
   * Neighbor Solicitation message ... with the same nonce ... ignore" — RFC 7527 §4.3
   */
  solicited(own: LinkAddress, nonce: number): void {
    const check = this.#checks.find((candidate) => candidate.own === own);
    if (check !== undefined && (nonce < 0 || nonce !== check.nonce)) this.#fail(own);
  }

  /** Somebody has it. */
  advertised(own: LinkAddress): void {
    if (this.#checks.some((check) => check.own === own)) this.#fail(own);
  }

  /** "A tentative address that is determined to be a duplicate ... MUST NOT be assigned to an interface" — RFC 4862 §5.4.5 */
  #fail(own: LinkAddress): void {
    this.forget(own);
    own.state = 'duplicate';
    this.#counters.duplicateAddresses++;
    this.#events.addressChanged(own);
  }
}
