/** What the three services have in common: a port, what they do with a connection, and what they answer to a datagram. */

import type { Socket } from '@tcpstack/net';

export type ServiceName = 'echo' | 'discard' | 'chargen';

/** One of the simple services of 1983. */
export interface Service {
  readonly name: ServiceName;
  /** Its well-known port, of TCP and of UDP. */
  readonly port: number;
  /** Serves a connection that stays half-open when the peer ends; returns what ends our side in order. */
  readonly serve: (socket: Socket) => () => void;
  /** What goes back to the sender of a datagram; `null` for nothing. `request` is borrowed, the answer too. */
  readonly answer: (request: Uint8Array) => Uint8Array | null;
}
