/** `/proc/net/udp` and `/proc/net/udp6`. */

import { TCPI_STATES } from '@tcpstack/tcp/connection';
import { ANY_IPV4, ANY_IPV6 } from '@tcpstack/wire/ip-address';
import { AF_INET, AF_INET6 } from '../constants.ts';
import type { Kernel } from '../kernel.ts';
import { type Family, sockets } from './entries.ts';
import { datagramHeader, datagramLine } from './proc-line.ts';

/** References that Linux holds to a datagram socket. */
const REFERENCES = 2;

/** The whole file: every socket with a port. */
export function procUdp(kernel: Kernel, family: Family): string {
  const domain = family === 4 ? AF_INET : AF_INET6;
  let text = datagramHeader(family);
  for (const socket of sockets(kernel)) {
    const { datagrams, localAddress, localPort } = socket;
    if (datagrams === null || localPort === 0 || socket.domain !== domain) continue;
    const { remoteAddress, remotePort, queue } = datagrams;
    const of = {
      local: localAddress,
      localPort,
      remote: remoteAddress ?? (family === 4 ? ANY_IPV4 : ANY_IPV6),
      remotePort: remoteAddress === null ? 0 : remotePort,
      state: remoteAddress === null ? TCPI_STATES.CLOSED : TCPI_STATES.ESTABLISHED,
      // What was sent is the IP layer's at once.
      txBytes: 0,
      rxBytes: queue.bytes,
      timer: 0,
      timerMs: 0,
      retries: 0,
      probes: 0,
      inode: kernel.inodes.of(socket),
      references: REFERENCES,
      more: ` ${queue.drops}`,
    } as const;
    text += datagramLine(localPort, family, of);
  }
  return text;
}
