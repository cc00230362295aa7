/** What many cases begin with. */

import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { SERVER, type Trial } from '../trial.ts';
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
