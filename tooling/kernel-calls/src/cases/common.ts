/** What many cases begin with. */

import { AF_INET6, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { SERVER, SERVER6, type Trial } from '../trial.ts';
import { ALL_EVENTS } from '../words.ts';

/** A number that no program has open. */
export const NOT_OPEN = 40;

/** Both ends of a connection to port 80. */
export interface Pair {
  readonly l: number;
  readonly s: number;
  readonly c: number;
}

/** A socket of the server that listens. */
export function listening({ server, arrange }: Trial, backlog = 5, port = 80): number {
  return arrange(() => {
    const l = server.socket();
    server.bind(l, '0.0.0.0', port);
    server.listen(l, backlog);
    return l;
  });
}

/** A connection that is open at both ends: the listener is 3 at the server, `s` is 4 there, `c` is 3 at the client. */
export function connected(trial: Trial): Pair {
  const l = listening(trial);
  return { l, ...another(trial, l) };
}

/** The same over IPv6. */
export function connected6({ server, client, arrange }: Trial): Pair {
  return arrange(() => {
    const l = server.socket(AF_INET6);
    server.bind(l, '::', 80);
    server.listen(l, 5);
    const c = client.socket(AF_INET6);
    client.connect(c, SERVER6, 80);
    return { l, s: server.accept(l), c };
  });
}

/** One more connection to a listener. */
export function another({ server, client, arrange }: Trial, l: number, port = 80): Omit<Pair, 'l'> {
  return arrange(() => {
    const c = client.socket();
    client.connect(c, SERVER, port);
    return { s: server.accept(l), c };
  });
}

/** What a descriptor is ready for. */
export function ready(sys: Syscalls, fd: number): number {
  return sys.poll([{ fd, events: ALL_EVENTS, revents: 0 }]);
}

/** Longer than an ACK is delayed. */
const ACK_DELAY_MS = 60;
const SMALL_BUFFER_BYTES = 20_000;

/** Like `connected`, with buffers that do not grow: full is full. */
export function connectedSmall({ server, client, arrange }: Trial): Pair {
  return arrange(() => {
    const l = server.socket();
    const c = client.socket();
    server.setsockopt(l, SOL_SOCKET, SO_RCVBUF, SMALL_BUFFER_BYTES);
    client.setsockopt(c, SOL_SOCKET, SO_SNDBUF, SMALL_BUFFER_BYTES);
    server.bind(l, '0.0.0.0', 80);
    server.listen(l, 5);
    client.connect(c, SERVER, 80);
    return { l, s: server.accept(l), c };
  });
}

/** The client writes until it may not even after the last ACK has come. */
export function fill({ client, quietly, pass }: Trial, c: number): void {
  const block = new Uint8Array(4096);
  quietly(() => {
    for (let refused = 0; refused < 2; ) {
      refused = client.write(c, block) > 0 ? 0 : refused + 1;
      if (refused > 0) pass(ACK_DELAY_MS);
    }
  });
}

/** The server reads all that there is, and what comes by that. */
export function empty({ server, quietly, pass }: Trial, s: number): void {
  const into = new Uint8Array(65_536);
  quietly(() => {
    for (let none = 0; none < 2; ) {
      none = server.read(s, into) > 0 ? 0 : none + 1;
      if (none > 0) pass(ACK_DELAY_MS);
    }
  });
}
