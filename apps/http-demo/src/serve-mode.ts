/** `--serve`: pages for any browser on this machine, over the wire in memory. */

import type { AddressInfo, Server } from 'node:net';
import type { Endpoint } from '@tcpstack/app-kit/arguments';
import { Failure } from '@tcpstack/app-kit/cli';
import { createEmbedded, type Embedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { place } from '@tcpstack/app-kit/say';
import { untilSignal } from '@tcpstack/app-kit/signals';
import { type Bridge, createBridge } from './bridge.ts';
import { identityFor, type SiteOptions } from './options.ts';
import { type Serving, serveSite } from './serving.ts';
import { createTeller } from './serving-events.ts';
import { FlightRecorder } from './watch/flight-recorder.ts';

const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const HTTPS_PORT_OUTSIDE = 8443;
/** Whole super-segments and no sums: nothing can be damaged between two ends of one memory. */
const WIRE = { superSegmentBytes: 65_535, checksum: 'trusted' } as const;

/** Serves until SIGINT or SIGTERM. */
export async function serveOnLoopback(
  listen: Endpoint,
  options: SiteOptions & { readonly pcap?: string | undefined },
): Promise<void> {
  const identity = await identityFor(options, ['localhost', '127.0.0.1', '::1', listen.host]);
  const recorder = new FlightRecorder();
  const teller = createTeller(options);
  const pair = createEmbedded({
    wire: WIRE,
    pcap: options.pcap,
    watch: (host, link) => (host === 'server' ? recorder.watch(link) : link),
  });
  const bridges: Bridge[] = [];
  const open = async (scheme: string, inside: number, outside: Endpoint): Promise<void> => {
    const bridge = createBridge({ connect: pair.client.connect, host: SERVER_ADDRESS, port: inside });
    bridges.push(bridge);
    const { address, port } = await listening(bridge.server, outside);
    teller.say({ type: 'listening', url: `${scheme}://${place(address, port)}/` });
  };
  try {
    const site: Serving = await serveSite(pair.server, pair.serverLink, {
      port: HTTP_PORT,
      tls: identity === null ? undefined : { port: HTTPS_PORT, identity },
      recorder,
      files: options.files,
      onRequest: teller.request,
    });
    await open('http', HTTP_PORT, listen);
    if (identity !== null) await open('https', HTTPS_PORT, { host: listen.host, port: httpsPort(listen, options) });
    teller.say({ type: 'stopping', signal: await untilSignal() });
    for (const { server } of bridges) server.close();
    await site.close();
    teller.say({ type: 'stopped' });
  } finally {
    await closeAll(pair, bridges);
  }
}

/** Where the system chooses one port, it chooses both. */
function httpsPort(listen: Endpoint, { tls }: SiteOptions): number {
  if (typeof tls === 'number') return tls;
  return listen.port === 0 ? 0 : HTTPS_PORT_OUTSIDE;
}

async function closeAll({ client, server, closeCapture }: Embedded, bridges: readonly Bridge[]): Promise<void> {
  await Promise.all([client.close(), server.close()]);
  for (const bridge of bridges) {
    bridge.server.close();
    bridge.destroy();
  }
  closeCapture();
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
      return `${host}:${port} is in use: stop the program that listens there, or choose another port with ${
        port === HTTPS_PORT_OUTSIDE ? `--tls ${port + 1}` : `--listen ${host}:${port + 1}`
      }`;
    case 'EACCES':
      return `${host}:${port} is not allowed: choose a port above 1023, as --listen ${host}:8080`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: choose another, as --listen 127.0.0.1:8080`;
    default:
      return message;
  }
}
