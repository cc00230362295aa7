/** The neighbour cache (RFC 4861 §5.1, §7.3; for ARP the same, as in Linux): who is reachable, and at which address. */

import { writeEthernet } from '@tcpstack/wire/ethernet';
import { type IpAddress, setAddress } from '@tcpstack/wire/ip-address';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { Neighbour, NeighbourSettings, WaitingPacket } from './neighbour.ts';
import { collectUnused, FORCED_GC_REST_MS, forceGc } from './neighbour-gc.ts';
import { NeighbourList } from './neighbour-list.ts';
import { NeighbourWaiting } from './neighbour-waiting.ts';
import { ReachableTime } from './reachable-time.ts';

/** What the cache asks its owner to do. */
export interface NeighbourActions {
  /** Sends a solicitation from `neighbour.source`: to all who may know, or to the neighbour itself. */
  solicit(neighbour: Neighbour, isUnicast: boolean): void;
  /** Its address is known now: sends on what waited. The list is cleared afterwards. */
  resolved(neighbour: Neighbour): void;
  /** Nobody answered: tells those who waited. The list is cleared afterwards. */
  failed(neighbour: Neighbour): void;
}

/** Linux's `neigh_timer_handler`: timers do not ring sooner (HZ / 100), so that times of 0 do no harm. */
const TIMER_MIN_MS = 10;

/** The neighbours of one interface in one family. */
export class NeighbourTable {
  readonly settings: NeighbourSettings;
  readonly #list: NeighbourList;
  readonly #waiting: NeighbourWaiting;
  readonly #reachable: ReachableTime;
  readonly #actions: NeighbourActions;
  readonly #counters: EthernetCounters;
  readonly #etherType: number;
  readonly #ourMac: number;
  #earliestMs = Infinity;
  #gcAtMs = Infinity;
  #forcedGcAtMs = -Infinity;

  /**
   * @param etherType Of the packets that go to these neighbours.
   * @param random 0 to 1, without 1.
   */
  constructor(
    settings: NeighbourSettings,
    etherType: number,
    ourMac: number,
    random: () => number,
    actions: NeighbourActions,
    counters: EthernetCounters,
  ) {
    this.settings = settings;
    this.#etherType = etherType;
    this.#ourMac = ourMac;
    this.#reachable = new ReachableTime(settings, random);
    this.#actions = actions;
    this.#counters = counters;
    this.#waiting = new NeighbourWaiting(settings, counters);
    this.#list = new NeighbourList(Math.floor(random() * 0x1_0000_0000));
  }

  /** Entries now, in no order; borrowed until the next call. */
  get entries(): readonly Neighbour[] {
    return this.#list.entries;
  }

  /** When `handleTimeout` is due; `Infinity` when nothing waits. Early is harmless. */
  get deadlineMs(): number {
    return Math.min(this.#earliestMs, this.#gcAtMs);
  }

  /** The entry for `address`, or `null`. */
  find(address: Readonly<IpAddress>): Neighbour | null {
    return this.#list.find(address);
  }

  /** The entry for `address`, made when there is none; `null` when the table is full of entries in use. */
  need(nowMs: number, address: Readonly<IpAddress>): Neighbour | null {
    return this.#list.find(address) ?? this.#make(nowMs, address);
  }

  /**
   * A packet is to be sent to `entry`. True: with `entry.header`, now. False: give it to `hold`.
   *
   * @param source Which address of ours to solicit from, if it comes to that.
   */
  use(nowMs: number, entry: Neighbour, source: Readonly<IpAddress>): boolean {
    entry.usedMs = nowMs;
    setAddress(entry.source, source);
    switch (entry.state) {
      case 'REACHABLE':
      case 'DELAY':
      case 'PROBE':
        return true;
      case 'STALE':
        // "The first time a node sends a packet to a neighbor whose entry is STALE, the sender changes the state to DELAY
        // and sets a timer to expire in DELAY_FIRST_PROBE_TIME seconds." — RFC 4861 §7.3.3
        entry.state = 'DELAY';
        this.#arm(entry, nowMs + this.settings.delayFirstProbeMs);
        return true;
      case 'INCOMPLETE':
        return false;
      default:
        entry.state = 'INCOMPLETE';
        entry.updatedMs = nowMs;
        entry.probes = 0;
        this.#probe(nowMs, entry);
        return false;
    }
  }

  /** Keeps the packet, which becomes the table's, until the address is known. */
  hold(entry: Neighbour, packet: WaitingPacket): void {
    this.#waiting.add(entry, packet);
  }

  /**
   * The neighbour said which address it has, or somebody did.
   *
   * @param overrides Whether it may replace another address that is known.
   */
  learn(nowMs: number, entry: Neighbour, mac: number, state: 'REACHABLE' | 'STALE', overrides: boolean): void {
    const isNew = entry.mac < 0;
    const differs = !isNew && entry.mac !== mac;
    if (differs && !overrides) {
      // "If the Override flag is clear and the supplied link-layer address differs from that in the cache ... If the state
      // of the entry is REACHABLE, set it to STALE, but do not update the entry in any other way." — RFC 4861 §7.2.5
      if (entry.state === 'REACHABLE') this.#rest(nowMs, entry);
      return;
    }
    if (isNew || differs) {
      entry.mac = mac;
      entry.updatedMs = nowMs;
      writeEthernet(entry.header, 0, mac, this.#ourMac, this.#etherType);
    }
    if (state === 'REACHABLE') this.#reach(nowMs, entry);
    else if (isNew || differs || !isKnown(entry)) this.#rest(nowMs, entry);
    if (entry.waiting.length > 0) this.#release(entry);
  }

  /** The neighbour answered without its address: what is cached is right (RFC 4861 §7.2.5). */
  confirmKnown(nowMs: number, entry: Neighbour): void {
    if (entry.mac >= 0) this.#reach(nowMs, entry);
  }

  /** Its way is not to be trusted: an advertisement without an answer in it (RFC 4861 §7.2.5). */
  suspect(nowMs: number, entry: Neighbour): void {
    if (entry.state === 'REACHABLE') this.#rest(nowMs, entry);
  }

  /**
   * "a TCP acknowledgment ... for new data": the neighbour, or what is behind it, hears us. — RFC 4861 §7.3.1. Like in
   * Linux the timers find it out later.
   */
  confirm(nowMs: number, address: Readonly<IpAddress>): void {
    const entry = this.#list.find(address);
    if (entry !== null && entry.mac >= 0) entry.confirmedMs = nowMs;
  }

  /** Other times and limits, from now on: of timers that run already, from the next time on. */
  change(settings: Partial<NeighbourSettings>): void {
    Object.assign(this.settings, settings);
    if (settings.baseReachableMs !== undefined) this.#reachable.redraw();
  }

  /** Does what is due at `nowMs`. */
  handleTimeout(nowMs: number): void {
    if (nowMs >= this.#gcAtMs) {
      collectUnused(this.#list, this.settings, nowMs);
      this.#gcAtMs = Infinity;
      this.#planGc(nowMs);
    }
    if (nowMs < this.#earliestMs) return;
    this.#earliestMs = Infinity;
    // A timer changes no entry but its own, and removes none.
    for (const entry of this.#list.entries) {
      if (entry.timerMs <= nowMs) {
        this.#ring(nowMs, entry);
        entry.timerMs = Math.max(entry.timerMs, nowMs + TIMER_MIN_MS);
      }
      if (entry.timerMs < this.#earliestMs) this.#earliestMs = entry.timerMs;
    }
  }

  #ring(nowMs: number, entry: Neighbour): void {
    const { settings } = this;
    switch (entry.state) {
      case 'REACHABLE':
        if (nowMs < entry.confirmedMs + this.#reachable.ms) this.#arm(entry, entry.confirmedMs + this.#reachable.ms);
        else if (nowMs <= entry.usedMs + settings.delayFirstProbeMs) {
          // Like Linux: one that is in use is asked, and does not rest first.
          entry.state = 'DELAY';
          entry.updatedMs = nowMs;
          this.#arm(entry, nowMs + settings.delayFirstProbeMs);
        } else this.#rest(nowMs, entry);
        return;
      case 'DELAY':
        if (nowMs <= entry.confirmedMs + settings.delayFirstProbeMs) {
          this.#reach(nowMs, entry, entry.confirmedMs);
          return;
        }
        // "If no reachability confirmation is received within DELAY_FIRST_PROBE_TIME seconds of entering the DELAY state,
        // send a Neighbor Solicitation and change the state to PROBE." — RFC 4861 §7.3.2
        entry.state = 'PROBE';
        entry.probes = 0;
        this.#probe(nowMs, entry);
        return;
      case 'PROBE':
      case 'INCOMPLETE':
        if (entry.probes < (entry.state === 'PROBE' ? settings.unicastSolicits : settings.multicastSolicits)) {
          this.#probe(nowMs, entry);
        } else this.#fail(nowMs, entry);
        return;
      default:
        entry.timerMs = Infinity;
    }
  }

  #probe(nowMs: number, entry: Neighbour): void {
    entry.probes++;
    this.#arm(entry, nowMs + this.settings.retransMs);
    this.#actions.solicit(entry, entry.state === 'PROBE');
  }

  #fail(nowMs: number, entry: Neighbour): void {
    entry.state = 'FAILED';
    entry.mac = -1;
    entry.updatedMs = nowMs;
    entry.timerMs = Infinity;
    this.#counters.neighboursFailed++;
    this.#counters.unresolvedDropped += entry.waiting.length;
    this.#actions.failed(entry);
    this.#waiting.clear(entry);
  }

  #reach(nowMs: number, entry: Neighbour, confirmedMs = nowMs): void {
    // Only changes count: who repeats himself does not keep others from being believed (Linux's locktime).
    if (entry.state !== 'REACHABLE') entry.updatedMs = nowMs;
    entry.state = 'REACHABLE';
    entry.confirmedMs = confirmedMs;
    entry.probes = 0;
    this.#arm(entry, confirmedMs + this.#reachable.draw(nowMs));
  }

  #rest(nowMs: number, entry: Neighbour): void {
    entry.state = 'STALE';
    entry.updatedMs = nowMs;
    entry.timerMs = Infinity;
  }

  #arm(entry: Neighbour, atMs: number): void {
    entry.timerMs = atMs;
    if (atMs < this.#earliestMs) this.#earliestMs = atMs;
  }

  #release(entry: Neighbour): void {
    this.#actions.resolved(entry);
    this.#waiting.clear(entry);
  }

  #make(nowMs: number, address: Readonly<IpAddress>): Neighbour | null {
    const { settings } = this;
    const { entries } = this.#list;
    const isCrowded = entries.length >= settings.gcThreshold2 && nowMs > this.#forcedGcAtMs + FORCED_GC_REST_MS;
    if (entries.length >= settings.gcThreshold3 || isCrowded) {
      this.#forcedGcAtMs = nowMs;
      forceGc(this.#list, settings, nowMs);
    }
    if (entries.length >= settings.gcThreshold3) {
      this.#counters.neighbourTableFull++;
      return null;
    }
    const entry = this.#list.add(address);
    entry.updatedMs = nowMs;
    entry.usedMs = nowMs;
    this.#planGc(nowMs);
    return entry;
  }

  #planGc(nowMs: number): void {
    const { gcThreshold1, gcIntervalMs } = this.settings;
    if (this.#gcAtMs === Infinity && this.#list.entries.length >= gcThreshold1) this.#gcAtMs = nowMs + gcIntervalMs;
  }
}

/** Whether packets can be sent to it. */
function isKnown(entry: Neighbour): boolean {
  switch (entry.state) {
    case 'REACHABLE':
    case 'STALE':
    case 'DELAY':
    case 'PROBE':
      return true;
    default:
      return false;
  }
}
