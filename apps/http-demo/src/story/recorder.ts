/** Writes down what two hosts do to each other: their calls, their packets, their states and queues. */

import type { Stack } from '@tcpstack/net';
import { captureLink } from '@tcpstack/runtime/capture-link';
import type { Link } from '@tcpstack/runtime/link';
import { SegmentReader } from './capture.ts';
import { End } from './ends.ts';
import { EventLog, type LogLimits } from './event-log.ts';
import type { HostName, HttpEvent, SegmentEvent, StoryEvent } from './events.ts';
import { traceSyscalls } from './trace.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the recorder knows of one host. */
interface Watched {
  readonly name: HostName;
  stack: Stack | null;
  end: End | null;
  /** The segments that are being handled. */
  arriving: Mutable<SegmentEvent>[];
  /** Sent to this host and not arrived yet, oldest first. */
  readonly underWay: Mutable<SegmentEvent>[];
}

function watched(name: HostName): Watched {
  return { name, stack: null, end: null, arriving: [], underWay: [] };
}

/**
 * First `watchLink` both ends of the wire, then `watchStack` the stacks on them. Nothing here is told what
 * should happen: segments are read from the captures at both ends, states and queues from the sockets.
 */
export class Recorder {
  readonly #log: EventLog;
  readonly #waiters = new Set<() => void>();
  #finished = false;
  readonly #startMs = performance.now();
  readonly #reader = new SegmentReader();
  readonly #hosts: Record<HostName, Watched> = { client: watched('client'), server: watched('server') };

  constructor(limits?: LogLimits) {
    this.#log = new EventLog(limits);
  }

  /** What happened so far. */
  get events(): StoryEvent[] {
    return this.#log.all();
  }

  /** The link to use in place of `link`. It must deliver one packet at a time, in order. */
  watchLink(name: HostName, link: Link): Link {
    const captured = captureLink(link, ({ direction, bytes, nowMs }) => {
      if (direction === 'out') this.#sent(name, bytes, this.#sinceStart(nowMs));
      else this.#arrived(name, this.#sinceStart(nowMs));
    });
    return afterReceiving(captured, () => this.#look(name));
  }

  /** The link to use in place of `link`, where the other end is not ours to watch: what it sends is told as it arrives. */
  watchOneEnd(link: Link): Link {
    const captured = captureLink(link, ({ direction, bytes, nowMs }) => {
      const timeMs = this.#sinceStart(nowMs);
      this.#sent(direction === 'out' ? 'client' : 'server', bytes, timeMs);
      if (direction === 'in') this.#arrived('client', timeMs);
      else this.#hosts.server.underWay.length = 0; // nobody tells of its arrival
    });
    return afterReceiving(captured, () => this.#look('client'));
  }

  watchStack(name: HostName, stack: Stack): void {
    const host = this.#hosts[name];
    host.stack = stack;
    host.end = new End(name, stack.host);
    this.#note({
      type: 'host',
      timeMs: this.nowMs(),
      host: name,
      address: stack.host.address,
      mtuBytes: stack.driver.link.mtuBytes,
    });
    traceSyscalls(stack.host.sys, {
      before: () => this.#look(name),
      after: (call) => {
        const event: Mutable<Extract<StoryEvent, { type: 'syscall' }>> = {
          type: 'syscall',
          timeMs: this.nowMs(),
          host: name,
          ...call,
          state: '',
          queues: null,
        };
        this.#note(event);
        this.#look(name);
        event.state = host.end?.state ?? '';
        event.queues = this.#queues();
      },
    });
  }

  /** Resolves when the connection of `name` is, or was, seen in `state`. */
  whenState(name: HostName, state: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): boolean => {
        const seen = this.events.some(
          (event) => event.type === 'state' && event.host === name && event.remote !== null && event.to === state,
        );
        if (seen) resolve();
        return seen;
      };
      if (look()) return;
      const waiter = (): void => {
        if (look()) this.#waiters.delete(waiter);
      };
      this.#waiters.add(waiter);
    });
  }

  /** Notes what a program said in HTTP. */
  http(host: HostName, what: HttpEvent['what'], text: string, bytes = 0): void {
    this.#note({ type: 'http', timeMs: this.nowMs(), host, what, text, bytes });
  }

  /** Notes who is in TIME-WAIT until when, and what sockets there are. What comes later is not noted. */
  finish(): void {
    for (const { name, stack } of Object.values(this.#hosts)) {
      for (const view of stack?.host.sockets() ?? []) {
        const timeMs = this.nowMs();
        const { fd, state, local, remote, recvQueueBytes, sendQueueBytes, tcp } = view;
        if (state === 'TIME-WAIT' && tcp !== null && remote !== null) {
          const endsAtMs = this.#sinceStart(tcp.deadlineMs);
          this.#note({
            type: 'time-wait',
            timeMs,
            host: name,
            local,
            remote,
            endsAtMs,
            remainingMs: Math.round(endsAtMs - timeMs),
          });
        }
        this.#note({ type: 'socket', timeMs, host: name, fd, state, local, remote, recvQueueBytes, sendQueueBytes });
      }
    }
    this.#finished = true;
  }

  /** Milliseconds since the story began, to the microsecond. */
  nowMs(): number {
    return this.#sinceStart(performance.now());
  }

  #sinceStart(nowMs: number): number {
    return Math.round((nowMs - this.#startMs) * 1000) / 1000;
  }

  #note(event: StoryEvent): void {
    if (!this.#finished) this.#log.push(event);
  }

  #sent(from: HostName, bytes: Uint8Array, timeMs: number): void {
    this.#look(from);
    const facts = this.#reader.read(from, bytes);
    if (facts === null) return;
    const to = from === 'client' ? 'server' : 'client';
    const segment: Mutable<SegmentEvent> = {
      type: 'segment',
      timeMs,
      arrivedMs: null,
      from,
      to,
      ...facts,
      senderState: this.#hosts[from].end?.state ?? '',
      receiverState: '',
      queues: null,
    };
    this.#note(segment);
    this.#hosts[to].underWay.push(segment);
  }

  #arrived(at: HostName, nowMs: number): void {
    const host = this.#hosts[at];
    const segment = host.underWay.shift();
    if (segment === undefined) return;
    segment.arrivedMs = nowMs;
    host.arriving.push(segment);
  }

  /** Notes what changed at a host; the first look after an arrival shows what the arrival did. */
  #look(name: HostName): void {
    const { end, arriving } = this.#hosts[name];
    if (end === null) return;
    const timeMs = this.nowMs();
    const changes = end.look();
    for (const change of changes) this.#note({ ...change, timeMs });
    for (const segment of arriving.splice(0)) {
      segment.receiverState = end.state;
      segment.queues = this.#queues();
    }
    if (changes.length > 0) for (const waiter of [...this.#waiters]) waiter();
  }

  #queues(): SegmentEvent['queues'] {
    return this.#hosts.server.end?.queues ?? null;
  }
}

/** `link`, with `after` called when the host has taken a batch. */
function afterReceiving(link: Link, after: () => void): Link {
  return {
    mtuBytes: link.mtuBytes,
    superSegmentBytes: link.superSegmentBytes,
    receivesSuperSegments: link.receivesSuperSegments,
    checksum: link.checksum,
    headroomBytes: link.headroomBytes,
    get stats() {
      return link.stats;
    },
    start: (receive) =>
      link.start((batch) => {
        receive(batch);
        after();
      }),
    transmit: (batch) => link.transmit(batch),
    close: () => link.close(),
  };
}
