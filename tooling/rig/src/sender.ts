/**
 * A sending side, the same program over both stacks: `sender.ts kernel` or `sender.ts tcpstack <settings as JSON>`.
 * A line of standard input, a number, asks for so many connections, written as fast as they take it; `done` when the
 * receiver has reset them all.
 */

import { connect as kernelConnect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { createStack } from '@tcpstack/net';
import { TunLink } from '@tcpstack/tun';
import { FAR_ADDRESS, OUR_ADDRESS, OUR_DEVICE, OUR_GATEWAY, PORT } from './addresses.ts';

const CHUNK = Buffer.alloc(256 * 1024, 0x5a);

const [stackName, settings = '{}'] = process.argv.slice(2);
const stack =
  stackName === 'tcpstack'
    ? createStack({
        link: TunLink.open({ name: OUR_DEVICE, hostAddress: `${OUR_GATEWAY}/24` }),
        address: OUR_ADDRESS,
        settings: JSON.parse(settings),
      })
    : undefined;
const connect = (stack?.connect ?? kernelConnect) as (options: { host: string; port: number }) => Duplex;

/** Writes until the other side ends it. */
function pour(): Promise<void> {
  const connection = connect({ host: FAR_ADDRESS, port: PORT });
  const pump = (): void => {
    while (!connection.destroyed && connection.write(CHUNK));
  };
  connection.on('connect', pump);
  connection.on('drain', pump);
  return new Promise((resolve) => {
    connection.on('error', () => {});
    connection.once('close', () => resolve());
  });
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  await Promise.all(Array.from({ length: Number(line) }, pour));
  console.log('done');
}
process.exit(0);
