/** Two stacks in one process, on the two ends of a wire in memory: no root, any operating system. */

import { createStack, type Stack } from '@tcpstack/net';
import { captureLink } from '@tcpstack/runtime/capture-link';
import type { Link } from '@tcpstack/runtime/link';
import { createMemoryLinkPair, type MemoryLinkOptions } from '@tcpstack/runtime/memory-link';
import { openPcapFile } from './pcap-file.ts';

export const CLIENT_ADDRESS = '10.77.0.1';
export const SERVER_ADDRESS = '10.77.0.2';

export interface EmbeddedOptions {
  /** The wire. */
  readonly wire?: MemoryLinkOptions;
  /** File for a capture, as the client's end sees it. */
  readonly pcap?: string | undefined;
  /** Wraps the two ends, for those who watch. */
  readonly watch?: (host: 'client' | 'server', link: Link) => Link;
}

export interface Embedded {
  readonly client: Stack;
  readonly server: Stack;
  /** The server's end of the wire. */
  readonly serverLink: Link;
  /** Writes the rest of the capture; call it after the stacks are closed. */
  closeCapture(): void;
}

/** Makes the wire, and a host at each end. */
export function createEmbedded(options: EmbeddedOptions = {}): Embedded {
  const [clientEnd, serverEnd] = createMemoryLinkPair(options.wire);
  const pcap = options.pcap === undefined ? null : openPcapFile(options.pcap, 'memory0');
  const captured = pcap === null ? clientEnd : captureLink(clientEnd, pcap.sink);
  const watch = options.watch ?? ((_host, link) => link);
  const serverLink = watch('server', serverEnd);
  return {
    client: createStack({ link: watch('client', captured), address: CLIENT_ADDRESS }),
    server: createStack({ link: serverLink, address: SERVER_ADDRESS }),
    serverLink,
    closeCapture: () => pcap?.close(),
  };
}
