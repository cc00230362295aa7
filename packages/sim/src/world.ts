/** A world: Hosts in virtual time, the paths between them, and whoever watches. */

import type { Settings } from '@tcpstack/sockets/host';
import { parseIpv4 } from '@tcpstack/wire/address';
import { destination } from '@tcpstack/wire/ipv4';
import { type Due, DueQueue } from './due-queue.ts';
import { type Packet, PacketPool } from './packet.ts';
import { Path } from './path.ts';
import type { PathOptions } from './path-options.ts';
import { Random } from './random.ts';
import { SimHost, type SimHostOptions } from './sim-host.ts';

/** Shape of a world. */
export interface WorldOptions {
  /** Everything that is left to chance follows from it. */
  readonly seed: number;
  /** One entry a host; their addresses are 10.0.0.1, 10.0.0.2 and so on, their MTU 1500. */
  readonly hosts: readonly SimHostOptions[];
  /** Settings of every host. */
  readonly settings?: Partial<Settings>;
}

/** Watches a world. Everything is borrowed until the call returns. */
export interface Observer {
  /** `from` sent a packet, perhaps a super-segment; nothing has happened to it yet. */
  sent?(nowMs: number, from: SimHost, packet: Packet): void;
  /** `host` has had a turn and has nothing more to send. */
  turned?(nowMs: number, host: SimHost): void;
}

/** Turns without the clock moving after which hosts that answer each other for ever are a bug. */
const TURNS_AT_ONE_TIME_MAX = 20_000;
const ENTROPY_BYTES = 32;
const HOSTS_PER_BLOCK = 250;
const HOSTS_MAX = 256 * HOSTS_PER_BLOCK;

export class World {
  nowMs = 0;
  readonly hosts: readonly SimHost[];
  readonly random: Random;
  /** Packets to addresses that no path leads to. */
  unroutable = 0;
  readonly #queue = new DueQueue();
  readonly #pool = new PacketPool();
  readonly #routes = new Map<SimHost, Map<number, Path>>();
  readonly #observers: Observer[] = [];
  /** Something was done by hand, so that any host may have something to say. */
  #touched = false;
  #turnsAtOneTime = 0;

  constructor(options: WorldOptions) {
    if (options.hosts.length > HOSTS_MAX) throw new RangeError(`a world has up to ${HOSTS_MAX} hosts`);
    this.random = new Random(options.seed);
    const transmit = (from: SimHost, packet: Packet): void => this.#transmit(from, packet);
    this.hosts = options.hosts.map((own, i) => {
      const known = { address: addressOf(i), mtuBytes: 1500, entropy: this.random.bytes(ENTROPY_BYTES) };
      const settings = { ...options.settings, ...own.settings };
      return new SimHost({ ...known, ...own, settings }, this, this.#pool, transmit);
    });
  }

  /** The host with this place in the list. */
  host(i: number): SimHost {
    const host = this.hosts[i];
    if (host === undefined) throw new RangeError(`there is no host ${i}`);
    return host;
  }

  /** Lays a path from one host to another, in place of the one before. */
  lay(from: SimHost, to: SimHost, options: PathOptions): Path {
    const path = new Path(options, { pool: this.#pool, queue: this.#queue, random: this.random.fork(), from, to });
    const routes = this.#routes.get(from) ?? new Map<number, Path>();
    this.#routes.set(from, routes.set(parseIpv4(to.address) as number, path));
    return path;
  }

  /** Lays paths both ways; they are alike unless the way back is said. */
  join(a: SimHost, b: SimHost, there: PathOptions, back: PathOptions = there): [Path, Path] {
    return [this.lay(a, b, there), this.lay(b, a, back)];
  }

  observe(observer: Observer): void {
    this.#observers.push(observer);
  }

  /** Does something once `atMs` has come; every host has a turn afterwards. */
  at(atMs: number, action: () => void): void {
    this.#queue.add(new Timer(Math.max(atMs, this.nowMs), () => this.touch(action)));
  }

  /** Does something now, such as calls of a host's `sys`, whose clock is right then. */
  touch(action: () => void): void {
    for (const { host } of this.hosts) host.advance(this.nowMs);
    this.#touched = true;
    action();
  }

  /** When something happens next. */
  get nextMs(): number {
    let nextMs = this.#touched ? this.nowMs : this.#queue.nextMs;
    for (const host of this.hosts) nextMs = Math.min(nextMs, host.nextMs);
    return Math.max(nextMs, this.nowMs);
  }

  /** Goes to the next moment at which something happens; false when nothing ever will. */
  step(): boolean {
    const { nextMs } = this;
    if (nextMs === Infinity) return false;
    this.#turnsAtOneTime = nextMs > this.nowMs ? 0 : this.#turnsAtOneTime + 1;
    if (this.#turnsAtOneTime > TURNS_AT_ONE_TIME_MAX) throw new Error('time stands still: hosts answer without end');
    this.nowMs = nextMs;
    while (this.#queue.nextMs <= nextMs) this.#queue.take().fire();
    const all = this.#touched;
    this.#touched = false;
    for (const host of this.hosts) {
      if (!all && host.nextMs > nextMs) continue;
      host.turn(nextMs);
      for (const observer of this.#observers) observer.turned?.(nextMs, host);
    }
    return true;
  }

  /** Lets the time pass until `untilMs`, or until `done` says so. True when `done` did. */
  run(untilMs: number, done: () => boolean = () => false): boolean {
    while (!done()) {
      if (this.nextMs <= untilMs && this.step()) continue;
      if (untilMs !== Infinity) this.nowMs = Math.max(this.nowMs, untilMs);
      return false;
    }
    return true;
  }

  #transmit(from: SimHost, packet: Packet): void {
    for (const observer of this.#observers) observer.sent?.(this.nowMs, from, packet);
    const path = this.#routes.get(from)?.get(destination(packet.bytes, 0));
    if (path !== undefined) path.send(this.nowMs, packet);
    else {
      this.unroutable++;
      this.#pool.give(packet);
    }
  }
}

/** Something that is to be done at a time. */
class Timer implements Due {
  readonly atMs: number;
  order = 0;
  readonly fire: () => void;

  constructor(atMs: number, fire: () => void) {
    this.atMs = atMs;
    this.fire = fire;
  }
}

/** Clear of the first and the last address of each block of 256, which name networks and everybody in them. */
function addressOf(i: number): string {
  return `10.0.${Math.floor(i / HOSTS_PER_BLOCK)}.${(i % HOSTS_PER_BLOCK) + 1}`;
}
