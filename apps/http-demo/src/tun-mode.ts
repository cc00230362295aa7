/** `--tun`: pages for the kernel of this machine, over a TUN device. */

import { untilSignal } from '@tcpstack/app-kit/signals';
import { openTunStack, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { serveSite } from './serving.ts';

/** Serves until SIGINT or SIGTERM, or until the device is removed, which rejects. */
export async function serveOnTun(options: TunOptions): Promise<void> {
  const { stack, link, lost, closeCapture } = openTunStack(options);
  try {
    const site = await serveSite(stack, link, options.port);
    console.log(`listening on http://${options.address.address}:${options.port}/`);
    await Promise.race([untilSignal(), lost]);
    await site.close();
  } finally {
    await stack.close(); // the device goes with it
    closeCapture();
  }
}
