/** `--tun`: pages for the kernel of this machine, over a TUN device. */

import { place } from '@tcpstack/app-kit/say';
import { untilSignal } from '@tcpstack/app-kit/signals';
import { openTunStack, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { identityFor, type SiteOptions } from './options.ts';
import { serveSite } from './serving.ts';
import { createTeller } from './serving-events.ts';
import { FlightRecorder } from './watch/flight-recorder.ts';

const HTTPS_PORT = 443;

/** Serves until SIGINT or SIGTERM, or until the device is removed, which rejects. */
export async function serveOnTun(options: TunOptions & SiteOptions): Promise<void> {
  const { address } = options.address;
  const names = options.ipv6 === undefined ? [address] : [address, options.ipv6.split('/', 1)[0] as string];
  const identity = await identityFor(options, names);
  const recorder = new FlightRecorder();
  const teller = createTeller(options);
  const { stack, link, lost, closeCapture } = openTunStack(options, (device) => recorder.watch(device));
  try {
    const tls =
      identity === null
        ? undefined
        : { port: options.tls === true ? HTTPS_PORT : (options.tls ?? HTTPS_PORT), identity };
    const site = await serveSite(stack, link, {
      port: options.port,
      tls,
      recorder,
      files: options.files,
      onRequest: teller.request,
    });
    teller.say({ type: 'listening', url: `http://${place(address, options.port)}/` });
    if (tls !== undefined) teller.say({ type: 'listening', url: `https://${place(address, tls.port)}/` });
    teller.say({ type: 'stopping', signal: await Promise.race([untilSignal(), lost]) });
    await site.close();
    teller.say({ type: 'stopped' });
  } finally {
    await stack.close(); // the device goes with it
    closeCapture();
  }
}
