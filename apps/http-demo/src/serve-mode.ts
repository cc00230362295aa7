/** `--serve`: pages for any browser on this machine, over the wire in memory. */

import type { AddressInfo, Server } from 'node:net';
import type { Endpoint } from '@tcpstack/app-kit/arguments';
import { Failure } from '@tcpstack/app-kit/cli';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { untilSignal } from '@tcpstack/app-kit/signals';
import { createBridge } from './bridge.ts';
import { serveSite } from './serving.ts';

const PORT = 80;
/** Whole super-segments and no sums: nothing can be damaged between two ends of one memory. */
const WIRE = { superSegmentBytes: 65_535, checksum: 'trusted' } as const;

/** Serves until SIGINT or SIGTERM. */
export async function serveOnLoopback(listen: Endpoint, pcap: string | undefined): Promise<void> {
  const { client, server, serverLink, closeCapture } = createEmbedded({ wire: WIRE, pcap });
  const site = await serveSite(server, serverLink, PORT);
  const bridge = createBridge({ connect: client.connect, host: SERVER_ADDRESS, port: PORT });
  try {
    const { address, port, family } = await listening(bridge.server, listen);
    console.log(`listening on http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`);
    await untilSignal();
    bridge.server.close();
    await site.close();
  } finally {
    await Promise.all([client.close(), server.close()]);
    bridge.destroy();
    closeCapture();
  }
}

function listening(server: Server, { host, port }: Endpoint): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Failure(explainListen(error, host, port))));
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function explainListen({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `${host}:${port} is in use: stop the program that listens there, or choose another port with --listen ${host}:${port + 1}`;
    case 'EACCES':
      return `${host}:${port} is not allowed: choose a port above 1023, as --listen ${host}:8080`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: choose another, as --listen 127.0.0.1:8080`;
    default:
      return message;
  }
}
