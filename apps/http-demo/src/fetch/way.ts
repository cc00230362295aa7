/** How a fetch reaches its server: over a wire in memory to our own demo, or over a TUN device to whoever is there. */

import { Failure } from '@tcpstack/app-kit/cli';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { openTunStack, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import type { Stack } from '@tcpstack/net';
import { serveSite } from '../serving.ts';
import type { Recorder } from '../story/recorder.ts';
import { makeIdentity } from '../tls/certificate.ts';
import { FlightRecorder } from '../watch/flight-recorder.ts';
import { parseTarget, resolveTarget, type Target } from './target.ts';

export interface Way {
  readonly client: Stack;
  readonly target: Target;
  /** The certificate to trust; undefined for those of Node. */
  readonly ca: string | undefined;
  /** "over a wire in memory", "over tcp0" */
  readonly over: string;
  /** Rejects when the device is removed under us; never resolves. */
  readonly lost: Promise<never>;
  /** Stops the stacks; what is still open is reset. */
  close(): Promise<void>;
}

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** A client and our own demo as its server, in one process. */
export async function openMemoryWay(text: string, recorder: Recorder, pcap: string | undefined): Promise<Way> {
  const url = parseTarget(text, `http://${SERVER_ADDRESS}`);
  if (url.hostname !== SERVER_ADDRESS) {
    throw new Failure(
      `${url.host} is not on the wire in memory, where only the demo at http://${SERVER_ADDRESS}/ is: add --tun to go out over a device`,
    );
  }
  const target = await resolveTarget(url, [4]);
  const identity = target.secure ? await makeIdentity([SERVER_ADDRESS]) : null;
  const flights = new FlightRecorder();
  const { client, server, serverLink, closeCapture } = createEmbedded({
    wire: { packetsPerDelivery: 1 }, // so that what each one did can be seen
    pcap,
    watch: (name, link) => recorder.watchLink(name, name === 'server' ? flights.watch(link) : link),
  });
  recorder.watchStack('client', client);
  recorder.watchStack('server', server);
  await serveSite(server, serverLink, {
    port: HTTP_PORT,
    tls: identity === null ? undefined : { port: HTTPS_PORT, identity },
    recorder: flights,
  });
  return {
    client,
    target,
    ca: identity?.cert,
    over: 'over a wire in memory',
    lost: new Promise(() => {}),
    close: async () => {
      await Promise.all([client.close(), server.close()]);
      closeCapture();
    },
  };
}

/** A client on a device; the kernel is the other end, and may route further. */
export async function openTunWay(text: string, recorder: Recorder, options: TunOptions): Promise<Way> {
  const target = await resolveTarget(parseTarget(text), options.ipv6 === undefined ? [4] : [4, 6]);
  if (target.address === options.address.address) {
    throw new Failure(`${target.address} is our own address on the device: its other end is where servers are`);
  }
  const { stack, deviceName, lost, closeCapture } = openTunStack(options, (link) => recorder.watchOneEnd(link));
  recorder.watchStack('client', stack);
  return {
    client: stack,
    target,
    ca: undefined,
    over: `over ${deviceName}`,
    lost,
    close: async () => {
      await stack.close();
      closeCapture();
    },
  };
}
