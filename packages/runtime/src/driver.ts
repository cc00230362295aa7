/** Turns the crank of one Host over its links on a real clock. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import type { Host } from '@tcpstack/sockets/host';

import type { EpollEvent, PollFd, Syscalls } from '@tcpstack/sockets/syscalls';
import { BlockingCalls } from './blocking-calls.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { copySets, type FdSets, restoreSets } from './fd-sets.ts';
import { lingers } from './lingering.ts';
import type { Link } from './link.ts';
import { LinkOutput } from './link-output.ts';
import { ProcessHold } from './process-hold.ts';
import { nodeScheduler, type Scheduler } from './scheduler.ts';
import { WaitingPolls } from './waiting-polls.ts';

/** Is told after each step of a turn; for tracing. */
export interface DriverObserver {
  /** Packets that arrived were handled. */
  onPacketsHandled?(): void;
  /** Watchers were told what became ready. */
  onReady?(): void;
  /** Packets were handed to the link. */
  onTransmitted?(): void;
}

/** What a driver may be given. */
export interface DriverOptions {
  /** Default `nodeScheduler`. */
  readonly scheduler?: Scheduler;
  readonly observer?: DriverObserver;
}

/**
 * Called from a turn when something happened to a watched descriptor.
 *
 * @param revents `POLL*` bits: its level now.
 */
export type ReadyWatcher = (revents: number) => void;

/** Descriptors asked for readiness at once. */
const READY_PAIRS = 256;
/** Watchers called before the event loop gets its turn. */
const READY_PER_TURN_MAX = 4096;
const NO_OBSERVER: DriverObserver = {};

/**
 * A turn: deadlines that passed, readiness to watchers, output to the link, the timer. Packets that
 * arrive are handled and their watchers called at once; the rest of the turn is deferred, so that what
 * the program does in answer travels with the acknowledgments.
 *
 * A failed assertion of the core is thrown from the event loop: it is not caught here.
 */
export class Driver {
  readonly host: Host;
  /** The first one; `links` has all. */
  readonly link: Link;
  readonly scheduler: Scheduler;
  readonly #observer: DriverObserver;
  readonly #timer: DeadlineTimer;
  readonly #hold: ProcessHold;
  readonly #blocking: BlockingCalls;
  readonly #waitingPolls: WaitingPolls;
  readonly #outputs: readonly LinkOutput[];
  readonly #watchers: (ReadyWatcher | undefined)[] = [];
  /** Number of the readiness poll after which each watcher was set: it may ignore older answers. */
  readonly #watchedSince: number[] = [];
  readonly #ready = new Int32Array(2 * READY_PAIRS);
  #readyAt = 0;
  #readyEnd = 0;
  #polls = 0;
  /** Something became ready since those who poll were asked. */
  #sawReady = false;
  #turnWaits = false;
  #closed: Promise<void> | null = null;
  readonly #runTurn = (): void => this.#turn();

  /**
   * Starts the links at once.
   *
   * @param link Of the Host's first interface; a list has one for each interface, in their order.
   */
  constructor(host: Host, link: Link | readonly Link[], options: DriverOptions = {}) {
    const links = Array.isArray(link) ? (link as readonly Link[]) : [link as Link];
    const [first] = links;
    if (first === undefined) throw new RangeError('a driver has a link at least');
    this.host = host;
    this.link = first;
    this.scheduler = options.scheduler ?? nodeScheduler;
    this.#observer = options.observer ?? NO_OBSERVER;
    // Not at once: after a pause of the program the answers that the timer waited for may lie in the link's queue.
    this.#timer = new DeadlineTimer(this.scheduler, () => this.#turnSoon());
    this.#hold = new ProcessHold(this.scheduler, () => lingers(host));
    this.#blocking = new BlockingCalls(this);
    this.#waitingPolls = new WaitingPolls(this);
    const onTransmitted = (): void => this.#observer.onTransmitted?.();
    this.#outputs = links.map((one, i) => new LinkOutput(one, i + 1, onTransmitted));
    for (const { link: one, interfaceIndex } of this.#outputs) {
      one.start((batch) => this.#receive(batch, interfaceIndex));
    }
    // A link layer has things to say before anybody calls.
    if (host.pollDeadlineMs() < Infinity) this.#turnSoon();
  }

  /**
   * The host's system calls. Take it afresh for each burst of calls: reading it sets the host's clock
   * and makes sure that a turn follows.
   */
  get sys(): Syscalls {
    this.host.advance(this.scheduler.nowMs());
    this.#turnSoon();
    return this.host.sys;
  }

  /** Milliseconds on the clock that the host is driven by. */
  nowMs(): number {
    return this.scheduler.nowMs();
  }

  /** Runs `run` soon, after what is queued. */
  defer(run: () => void): void {
    this.scheduler.defer(run);
  }

  /**
   * Calls `onReady` each time something happened to `fd` from now on; replaces an earlier watcher. Try
   * the call first and watch when it says EAGAIN: what is ready already is not told again.
   */
  watch(fd: number, onReady: ReadyWatcher): void {
    this.#watchers[fd] = onReady;
    this.#watchedSince[fd] = this.#polls;
  }

  /** Forgets the watcher of `fd`; promises that wait on it are rejected with EBADF. */
  unwatch(fd: number): void {
    this.#watchers[fd] = undefined;
    this.#blocking.abandon(fd);
  }

  /** `close(fd)`, and `unwatch(fd)` before it. */
  closeFd(fd: number): number {
    this.unwatch(fd);
    return this.sys.close(fd);
  }

  /** Resolves with the descriptor of the next connection. Rejects with a `SystemError`. */
  accept(fd: number): Promise<number> {
    return this.#blocking.accept(fd);
  }

  /** Resolves when connected. Rejects with a `SystemError` that names the address. */
  connect(fd: number, address: string, port: number): Promise<void> {
    return this.#blocking.connect(fd, address, port);
  }

  /** Resolves with the bytes read into `into[at, end)`, 0 at the end of the stream. `into` is borrowed till then. */
  read(fd: number, into: Uint8Array, at = 0, end = into.length): Promise<number> {
    return this.#blocking.read(fd, into, at, end);
  }

  /** Resolves when all of `from[at, end)` is in the send queue, with its length. `from` is borrowed till then. */
  write(fd: number, from: Uint8Array, at = 0, end = from.length): Promise<number> {
    return this.#blocking.write(fd, from, at, end);
  }

  /** `read` with flags. MSG_WAITALL waits until all is there, MSG_DONTWAIT does not wait. */
  recv(fd: number, into: Uint8Array, at: number, end: number, flags: number): Promise<number> {
    return this.#blocking.recv(fd, into, at, end, flags);
  }

  /** Resolves with how many entries are ready, 0 after the time-out; a negative one, or `Infinity`, is none. */
  poll(fds: PollFd[], timeoutMs: number): Promise<number> {
    return this.#waitingPolls.run('poll', () => this.sys.poll(fds), timeoutMs);
  }

  /** Resolves with how many bits are left in the sets; `timeoutMs` as with `poll`. */
  select(nfds: number, sets: FdSets, timeoutMs: number): Promise<number> {
    const asked = copySets(sets);
    const attempt = (): number => {
      restoreSets(sets, asked);
      return this.sys.select(nfds, sets.reads ?? null, sets.writes ?? null, sets.excepts ?? null);
    };
    return this.#waitingPolls.run('select', attempt, timeoutMs);
  }

  /** Resolves with how many events were put into `events`; `timeoutMs` as with `poll`. */
  epollWait(epfd: number, events: EpollEvent[], maxEvents: number, timeoutMs: number): Promise<number> {
    const attempt = (isPatient: boolean): number => this.sys.epoll_wait(epfd, events, maxEvents, isPatient);
    return this.#waitingPolls.run('epoll_wait', attempt, timeoutMs);
  }

  /** One more reason for the process to stay alive; pending promises of this class are one each. */
  ref(): void {
    if (this.#closed === null) this.#hold.ref();
  }

  /** One reason less; each `ref` needs one. */
  unref(): void {
    if (this.#closed === null) this.#hold.unref();
  }

  /**
   * Sends what is ready to go, then stops: rejects what is pending with ECONNABORTED and closes the links.
   * Connections still open are not closed first. Calling twice is fine.
   */
  close(): Promise<void> {
    if (this.#closed === null) {
      this.#transmit(this.scheduler.nowMs());
      this.#timer.disarm();
      this.#hold.release();
      this.#watchers.length = 0;
      this.#closed = this.#closeLinks();
      this.#blocking.cancel();
      this.#waitingPolls.cancel();
    }
    return this.#closed;
  }

  async #closeLinks(): Promise<void> {
    await Promise.all(this.#outputs.map(({ link }) => link.close()));
  }

  #receive(batch: PacketBatch, interfaceIndex: number): void {
    if (this.#closed !== null) return;
    try {
      this.host.borrowPackets(this.scheduler.nowMs(), batch, interfaceIndex);
      this.#observer.onPacketsHandled?.();
      this.#turnSoon();
      this.#tellWatchers();
    } finally {
      // The link takes its memory back, also from a watcher that threw.
      this.host.settlePackets();
    }
  }

  #turnSoon(): void {
    if (this.#turnWaits || this.#closed !== null) return;
    this.#turnWaits = true;
    this.scheduler.defer(this.#runTurn);
  }

  #turn(): void {
    if (this.#closed !== null) return;
    const nowMs = this.scheduler.nowMs();
    // While this turn lasts, calls need no other: its output comes after them.
    this.#turnWaits = true;
    if (this.host.pollDeadlineMs() <= nowMs) this.host.handleTimeout(nowMs);
    let again = true;
    try {
      again = !this.#tellWatchers();
    } finally {
      // A watcher of the program threw, or the limit was reached: the others are called in the next turn.
      this.#turnWaits = false;
      if (again) this.#turnSoon();
    }
    if (this.#closed !== null) return;
    const sentAtMs = this.scheduler.nowMs();
    if (!this.#transmit(sentAtMs)) this.#turnSoon();
    this.#timer.arm(sentAtMs, this.host.pollDeadlineMs());
  }

  /** Calls watchers; false when it stopped at the limit of a turn, with the cursor where it stopped. */
  #tellWatchers(): boolean {
    const ready = this.#ready;
    let told = 0;
    let more = true;
    while (this.#closed === null) {
      while (this.#readyAt < this.#readyEnd) {
        const fd = ready[this.#readyAt] as number;
        const revents = ready[this.#readyAt + 1] as number;
        this.#readyAt += 2;
        const watcher = this.#watchers[fd];
        // A watcher set after this answer was fetched may belong to a new socket of the same number.
        if (watcher !== undefined && (this.#watchedSince[fd] as number) < this.#polls) {
          told++;
          watcher(revents);
        }
      }
      if (!more) break;
      if (told >= READY_PER_TURN_MAX) return false;
      this.#polls++;
      const pairs = this.host.pollReady(ready);
      this.#readyAt = 0;
      this.#readyEnd = 2 * pairs;
      more = pairs === READY_PAIRS;
      if (pairs > 0) this.#sawReady = true;
    }
    if (told > 0) this.#observer.onReady?.();
    if (this.#sawReady) {
      this.#sawReady = false;
      this.#waitingPolls.recheck();
    }
    return true;
  }

  /** Hands all output to the links; false when one stopped at the limit of a turn, or has something to say again. */
  #transmit(nowMs: number): boolean {
    let isDone = true;
    for (const output of this.#outputs) isDone = output.transmit(this.host, nowMs) && isDone;
    // What one link said may have made work for another; and what is for ourselves comes in again with the next turn.
    return isDone && !(this.#outputs.length > 1 && this.host.wantsTransmit()) && !this.host.isTalkingToItself;
  }
}
