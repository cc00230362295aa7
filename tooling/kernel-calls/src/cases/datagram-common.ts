/** What the cases of datagram sockets begin with. */

import { AF_INET, AF_INET6, SOCK_DGRAM } from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, CLIENT, CLIENT6, NOBODY, NOBODY6, room, SERVER, SERVER6, type Trial } from '../trial.ts';

/** The words of one family. */
export interface Family {
  readonly domain: number;
  readonly any: string;
  readonly server: string;
  readonly client: string;
  readonly nobody: string;
  /** No route leads there. */
  readonly unrouted: string;
}

const FAMILIES: readonly Family[] = [
  { domain: AF_INET, any: '0.0.0.0', server: SERVER, client: CLIENT, nobody: NOBODY, unrouted: '192.0.2.1' },
  { domain: AF_INET6, any: '::', server: SERVER6, client: CLIENT6, nobody: NOBODY6, unrouted: '2001:db8::1' },
];

/** An IPv4 address for a socket of IPv6. */
export function mapped(address: string): string {
  return `::ffff:${address}`;
}

/** One case for each family. */
export function both(
  name: string,
  run: (trial: Trial, family: Family) => void,
  needs: Case['needs'] = {},
): readonly Case[] {
  return FAMILIES.map((family) => ({
    name: `${name}, over ${family.domain === AF_INET ? 'IPv4' : 'IPv6'}`,
    needs,
    run: (trial: Trial) => run(trial, family),
  }));
}

/** A socket of the server on port 80. */
export function boundDatagrams({ server, arrange }: Trial, { domain, any }: Family, port = 80): number {
  return arrange(() => {
    const s = server.socket(domain, SOCK_DGRAM);
    server.bind(s, any, port);
    return s;
  });
}

/** A socket of the client that is connected to the server's port 80. */
export function connectedDatagrams({ client, arrange }: Trial, { domain, server }: Family, port = 80): number {
  return arrange(() => {
    const c = client.socket(domain, SOCK_DGRAM);
    client.connect(c, server, port);
    return c;
  });
}

/** Sends a text to an address. */
export function say(sys: Syscalls, fd: number, text: string, address: string, port = 80, flags = 0): number {
  const from = bytes(text);
  return sys.sendto(fd, from, 0, from.length, flags, { address, port });
}

/** Receives what there is, and whom it is from. */
export function hear(sys: Syscalls, fd: number, lengthBytes = 50, flags = 0): number {
  return sys.recvfrom(fd, room(lengthBytes), 0, lengthBytes, flags, { name: null });
}
