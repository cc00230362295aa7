/** `--tun`: an echo server for the kernel of this machine, over a TUN device. */

import { closeInOrder } from '@tcpstack/app-kit/orderly';
import { untilSignal } from '@tcpstack/app-kit/signals';
import { openTunStack, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import type { Socket } from '@tcpstack/net';
import { serveEcho } from './echo.ts';

/** How long peers may take to end their side once we are told to stop. */
const GRACE_MS = 2000;

/** Serves until SIGINT or SIGTERM, or until the device is removed, which rejects. */
export async function serveOnTun(options: TunOptions): Promise<void> {
  const { stack, lost, closeCapture } = openTunStack(options);
  try {
    const sockets = new Set<Socket>();
    const listener = await serveEcho(stack, options.port, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    console.log(`listening on ${options.address.address}:${options.port}`);
    await Promise.race([untilSignal(), lost]);
    listener.close();
    for (const socket of sockets) socket.unpipe(socket).resume().end();
    await closeInOrder(stack, GRACE_MS);
  } finally {
    await stack.close(); // the device goes with it
    closeCapture();
  }
}
