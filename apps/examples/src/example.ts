/** What every example is: a server and a client of one protocol, each given sockets and nothing else. */

import type { Stack } from '@tcpstack/net';

/** All that the examples need of a stack. Node's own `net` has these two as well. */
export type Sockets = Pick<Stack, 'createServer' | 'connect'>;

/** Where a server is. */
export interface Place {
  /** In digits; of IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
  /** Whether its certificate may be anybody's. Default: that of this process. */
  readonly isInsecure?: boolean;
}

export interface Example {
  /** One line for `--list`. */
  readonly about: string;
  /** The port that people expect it on. */
  readonly port: number;
  /** Serves as long as the stack lives; resolves when it listens. */
  serve(sockets: Sockets, port: number): Promise<void>;
  /** Asks the server there and tells what it said, a line for each thing. */
  ask(sockets: Sockets, place: Place): Promise<string[]>;
}

/** As it stands in a URL: an address of IPv6 in brackets. */
export function urlHost({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
