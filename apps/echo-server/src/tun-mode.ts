/** `--tun`: the services for the kernel of this machine, over a TUN device. */

import { count, place, sayer } from '@tcpstack/app-kit/say';
import { untilSignal } from '@tcpstack/app-kit/signals';
import { openTunStack, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { AllServices, type ServeOptions, type ServingEvent, type Totals } from './serve-all.ts';

/** Serves until SIGINT or SIGTERM, or until the device is removed, which rejects. */
export async function serveOnTun(
  options: TunOptions,
  serve: Omit<ServeOptions, 'onEvent'>,
  json: boolean,
): Promise<void> {
  const { stack, lost, closeCapture } = openTunStack(options);
  try {
    const services = new AllServices(stack, { ...serve, onEvent: sayer(json, sentenceOf) });
    await services.start();
    await services.stop(await Promise.race([untilSignal(), lost]));
  } finally {
    await stack.close(); // the device goes with it
    closeCapture();
  }
}

/** Single connections are for programs: people would not read thousands of lines. */
function sentenceOf(event: ServingEvent): string | null {
  switch (event.type) {
    case 'listening':
      return `listening on ${place(event.address, event.port)}: ${event.service}, ${event.transports.map((name) => name.toUpperCase()).join(' and ')}`;
    case 'connected':
    case 'closed':
      return null;
    case 'stopping':
      return `${event.signal}: closing connections`;
    case 'stopped':
      return event.totals.map(totalsText).join('\n');
  }
}

function totalsText(totals: Totals): string {
  return (
    `${totals.service}: ${count(totals.connections)} connections, ${count(totals.receivedBytes)} bytes in, ` +
    `${count(totals.sentBytes)} out; ${count(totals.datagramsReceived)} datagrams in, ${count(totals.datagramsSent)} out`
  );
}
