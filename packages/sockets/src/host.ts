/** The kernel of one host, sans-IO: packets and the time go in, packets and the next deadline come out. */

import { assert } from '@tcpstack/bytes/assert';
import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import type { InterfaceTable } from '@tcpstack/ip/interfaces';
import { handleTimeouts, nextDeadlineMs } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { formatAddress, type IpAddress } from '@tcpstack/wire/ip-address';
import { halfOpenTimeout } from './admission.ts';
import { afterActivity } from './connections.ts';
import { earlyDataTimeout } from './fast-open.ts';
import { FdTable } from './fd-table.ts';
import { fillLink, handleLinkTimeouts, linkCounters, linkDeadlineMs, linkIsWaiting } from './frames.ts';
import { held } from './held.ts';
import { takeBatch } from './input.ts';
import { expireFragments } from './ip-layer.ts';
import { createKernel, type HostOptions, type Kernel } from './kernel.ts';
import { type NetworkView, viewNetwork } from './network-views.ts';
import { shedOrphan } from './orphans.ts';
import { isWaiting } from './outlet.ts';
import { Process } from './process.ts';
import { readinessOf } from './readiness.ts';
import { settle } from './settle.ts';
import type { Syscalls } from './syscalls.ts';
import { Sysctl } from './sysctl.ts';
import { expireTimeWaits } from './time-wait.ts';
import { snmp } from './views/mib.ts';
import { proc } from './views/proc.ts';
import { type SsFilter, ss } from './views/ss.ts';
import { type SocketView, viewSockets } from './views.ts';

export type { InterfaceOptions, NetworkOptions, RouteOptions } from './interface-options.ts';
export type { HostOptions } from './kernel.ts';
export type { InterfaceView, NeighbourView, NetworkView, RouteView } from './network-views.ts';
export type { Process } from './process.ts';
export type { Settings, WantedSettings } from './settings.ts';
export type { SsFilter } from './views/ss.ts';

/**
 * One host with its interfaces, the first of which is itself. Four kinds of method: events in (`handle...`, `advance`), user calls
 * (`sys`), work out (`poll...`), getters.
 *
 * A turn: events in, then `pollReady` until it returns 0 and let users react, then `settlePackets` if a batch was
 * borrowed, then `pollTransmit` while it returns true, then `pollDeadlineMs`.
 */
export class Host {
  /** Our first address on the first link; "127.0.0.1" without one. */
  readonly address: string;
  /** The socket calls. They happen at the host's time: call `advance` first. */
  readonly sys: Syscalls;
  /** The settings by the kernel's names. */
  readonly sysctl: Sysctl;
  readonly #kernel: Kernel;
  readonly #own: Process;

  /** Throws `RangeError` when an option is out of range. */
  constructor(options: HostOptions) {
    this.#kernel = createKernel(options);
    this.address = firstAddress(this.#kernel.routing.interfaces);
    this.#own = new Process(this.#kernel, this.#kernel.ownFds);
    this.sys = this.#own.sys;
    this.sysctl = new Sysctl(this.#kernel);
  }

  /**
   * Another owner of descriptors besides the Host itself, whose calls are `sys`: its own numbers, on the same network.
   * `pollReady` does not tell of them: use its epoll.
   *
   * @param descriptorsMax What it may have open; default the setting of that name.
   */
  process(descriptorsMax = this.#kernel.settings.descriptorsMax): Process {
    return new Process(this.#kernel, new FdTable(descriptorsMax));
  }

  /** Another owner with all descriptors of `sys`, as after fork(2). */
  fork(): Process {
    return this.#own.fork();
  }

  /** Sets the host's clock, in milliseconds with a fraction; it never goes back. */
  advance(nowMs: number): void {
    assert(nowMs >= this.#kernel.nowMs, 'time never goes backwards');
    this.#kernel.nowMs = nowMs;
  }

  /**
   * Takes a batch of IP packets (or Ethernet frames) that came in over an interface. The batch is borrowed until the call
   * returns.
   */
  handlePackets(nowMs: number, batch: PacketBatch, interfaceIndex = 1): void {
    assert(!this.#kernel.shared.loans.isOpen, 'a batch is settled before the next one');
    this.advance(nowMs);
    takeBatch(this.#kernel, batch, interfaceIndex);
  }

  /**
   * Like `handlePackets`, but the batch stays borrowed until `settlePackets`: what is read before costs one copy less.
   * The caller sees to it that its memory does not change, and that no other batch comes (asserted), until then.
   */
  borrowPackets(nowMs: number, batch: PacketBatch, interfaceIndex = 1): void {
    this.#kernel.shared.loans.open();
    this.advance(nowMs);
    takeBatch(this.#kernel, batch, interfaceIndex);
  }

  /** Gives back the batch that `borrowPackets` took: what was not read is copied. Without one, nothing happens. */
  settlePackets(): void {
    this.#kernel.shared.loans.settle();
  }

  /** Does what is due at `nowMs`. Calling it early is harmless. */
  handleTimeout(nowMs: number): void {
    this.advance(nowMs);
    const { deadlines } = this.#kernel;
    this.#kernel.loopback.deliver(this.#kernel);
    handleLinkTimeouts(this.#kernel);
    expireTimeWaits(this.#kernel);
    expireFragments(this.#kernel);
    while (deadlines.earliestMs() <= nowMs) {
      const connection = deadlines.pop();
      // Filed under an old time: the true deadline may be later.
      if (nextDeadlineMs(connection.tcb) <= nowMs) {
        if (connection.queue === 'syn') halfOpenTimeout(this.#kernel, connection);
        else if (connection.tcb.handshake.fastOpen.synDataBytes > 0) earlyDataTimeout(this.#kernel, connection);
        else handleTimeouts(connection.tcb, nowMs);
        shedOrphan(this.#kernel, connection);
        afterActivity(this.#kernel, connection);
      }
      if (connection.listed) deadlines.arm(connection, settle(connection.tcb, nowMs));
    }
  }

  /**
   * Appends what leaves by an interface to `batch`, which must have room for the largest packet when it is empty
   * (asserted): the MTU, or the super-segment, and 100 bytes more; never less than 640.
   *
   * @returns True when the batch is full and more waits: send it, clear it and call again.
   */
  pollTransmit(nowMs: number, batch: PacketBatch, interfaceIndex = 1): boolean {
    this.advance(nowMs);
    return fillLink(this.#kernel, batch, interfaceIndex);
  }

  /**
   * When `handleTimeout` is due, on the caller's clock; `Infinity` when nothing waits. Lazy: a deadline that moved
   * later since is met at its old time, where `handleTimeout` finds nothing to do. Valid after `pollTransmit`. Now, while
   * packets from this Host to itself are under way.
   */
  pollDeadlineMs(): number {
    const { deadlines, timeWaits, loopback, ipInput, nowMs } = this.#kernel;
    if (loopback.isCarrying) return nowMs;
    const linksMs = linkDeadlineMs(this.#kernel);
    return Math.min(deadlines.earliestMs(), timeWaits.earliestMs(), ipInput.fragments.nextDeadlineMs(), linksMs);
  }

  /** Packets from this Host to itself are under way: `handleTimeout` takes them. */
  get isTalkingToItself(): boolean {
    return this.#kernel.loopback.isCarrying;
  }

  /** Whether `pollTransmit` may have something to send, by whatever interface. */
  wantsTransmit(): boolean {
    const { outlets, timeWaits } = this.#kernel;
    return timeWaits.owing >= 0 || outlets.some(isWaiting) || linkIsWaiting(this.#kernel);
  }

  /**
   * Descriptors of `sys` to which something happened, each once, with what they are ready for now.
   *
   * @param into Filled with pairs of descriptor and `POLL*` bits.
   * @returns The number of pairs; call again while it returns `into.length / 2`.
   */
  pollReady(into: Int32Array): number {
    const { ready, ownFds } = this.#kernel;
    let pairs = 0;
    let taken = 0;
    while (taken < ready.length && pairs * 2 + 1 < into.length) {
      const fd = ready[taken++] as number;
      const file = ownFds.file(fd);
      // Closed since: what became of the number is another's.
      if (!ownFds.takeReady(fd) || file === null) continue;
      into[pairs * 2] = fd;
      into[pairs * 2 + 1] = readinessOf(file);
      pairs++;
    }
    if (taken > 0) ready.splice(0, taken);
    return pairs;
  }

  /** Every socket, and every connection without one. */
  sockets(): SocketView[] {
    return viewSockets(this.#kernel);
  }

  /** Interfaces with their addresses, routes, and neighbours, as they are now. */
  network(): NetworkView {
    return viewNetwork(this.#kernel);
  }

  /**
   * For checkers and simulators, which know what they look at: every connection's TCB, with the peer's
   * address. Nothing may be changed through it.
   */
  eachConnection(visit: (tcb: Tcb, remoteAddress: Readonly<IpAddress>) => void): void {
    for (const { tcb, remoteAddress } of this.#kernel.connections.values()) visit(tcb, remoteAddress);
  }

  /** Every counter by name: packets, drops by reason, events. */
  counters(): Readonly<Record<string, number>> {
    const { ip, ipInput, icmp, forwarder, shared, counters } = this.#kernel;
    return {
      ...ip.counters,
      ...ipInput.fragments.counters,
      ...icmp.counters,
      ...forwarder.counters,
      ...shared.counters,
      ...counters,
      ...linkCounters(this.#kernel),
    };
  }

  /** The kernel's counters by its names, as "TcpExt.ListenOverflows"; docs/counters.md has them all. */
  snmp(): Record<string, number> {
    return snmp(this.#kernel, this.counters());
  }

  /** The text of a file under `/proc`, as "net/tcp"; `null` when there is none of that name. */
  proc(path: string): string | null {
    return proc(this.#kernel, path, this.counters());
  }

  /** A listing like that of `ss -tani`. */
  ss(filter: SsFilter = {}): string {
    return ss(this.#kernel, filter);
  }

  /** Entries of tables and queues, by name: each is 0 once all is closed and has run out. */
  held(): Readonly<Record<string, number>> {
    return held(this.#kernel);
  }

  /** Bytes of buffer memory lent to connections now; 0 when all are idle. */
  bufferBytes(): number {
    return this.#kernel.shared.pool.stats().lentBytes;
  }
}

function firstAddress({ list }: InterfaceTable): string {
  for (const { kind, addresses } of list) {
    const [own] = addresses;
    if (kind !== 'loopback' && own !== undefined) return formatAddress(own.address);
  }
  return '127.0.0.1';
}
