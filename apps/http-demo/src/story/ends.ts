/** What a host's sockets look like now, and what changed since they were last looked at. */

import type { Host } from '@tcpstack/sockets/host';
import type { SocketView } from '@tcpstack/sockets/views';
import type { EndState, HostName, QueueEvent, QueueLengths, StateEvent } from './events.ts';

type Change = Omit<StateEvent, 'timeMs'> | Omit<QueueEvent, 'timeMs'>;

/** Follows the sockets of one host. */
export class End {
  /** The connection's state; before there is one, that of the host's first socket. */
  state: EndState = '';
  /** `null` before `listen`. */
  queues: QueueLengths | null = null;
  readonly #host: Host;
  readonly #name: HostName;
  #seen: readonly SocketView[] = [];
  #hadConnection = false;

  constructor(name: HostName, host: Host) {
    this.#name = name;
    this.#host = host;
  }

  /** Looks at the sockets and returns what changed. */
  look(): Change[] {
    const now = this.#host.sockets();
    const gone = [...this.#seen];
    const changes: Change[] = [];
    for (const view of now) {
      const before = take(gone, view);
      if (before?.state !== view.state) changes.push(this.#stateChange(view, before?.state ?? null));
      if (view.state === 'LISTEN') changes.push(...this.#queueChange(view));
    }
    // "CLOSED ... represents the state when there is no TCB, and therefore, no connection" (RFC 9293 §3.3.2).
    for (const view of gone) {
      if (view.state !== 'CLOSED') changes.push(this.#stateChange({ ...view, fd: -1, state: 'CLOSED' }, view.state));
    }
    this.#seen = now;
    this.state = this.#mainState(now);
    return changes;
  }

  #mainState(views: readonly SocketView[]): EndState {
    const connection = views.find(({ remote }) => remote !== null);
    if (connection !== undefined) this.#hadConnection = true;
    return connection?.state ?? (this.#hadConnection ? 'CLOSED' : (views[0]?.state ?? ''));
  }

  #stateChange({ fd, local, remote, state }: SocketView, from: StateEvent['from']): Change {
    return { type: 'state', host: this.#name, fd, local, remote, from, to: state };
  }

  #queueChange(view: SocketView): Change[] {
    const { synQueueLength, acceptQueueLength, backlogSegs } = view;
    const was = this.queues;
    if (was?.synQueueLength === synQueueLength && was.acceptQueueLength === acceptQueueLength) return [];
    this.queues = { synQueueLength, acceptQueueLength };
    return [{ type: 'queue', host: this.#name, port: view.local.port, backlogSegs, synQueueLength, acceptQueueLength }];
  }
}

/** Takes out of `seen` what `view` shows: the same connection, whatever names it, or the same descriptor. */
function take(seen: SocketView[], view: SocketView): SocketView | undefined {
  let at = view.remote === null ? -1 : seen.findIndex((each) => sameConnection(each, view));
  if (at < 0 && view.fd >= 0) at = seen.findIndex((each) => each.fd === view.fd);
  return at < 0 ? undefined : seen.splice(at, 1)[0];
}

function sameConnection(a: SocketView, b: SocketView): boolean {
  return (
    a.remote !== null &&
    a.remote.port === b.remote?.port &&
    a.remote.address === b.remote.address &&
    a.local.port === b.local.port
  );
}
