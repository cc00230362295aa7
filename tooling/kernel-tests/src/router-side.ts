/** Our Host as a router between two TUN devices: `near` and `far`. Prints its counters when asked for them. */

import { createInterface } from 'node:readline';
import { Driver } from '@tcpstack/runtime/driver';
import { Host } from '@tcpstack/sockets/host';
import { TunLink } from '@tcpstack/tun';

/** How the router is made. */
export interface RouterChoice {
  /** By device, near and far: whether the kernel sums and splits there. */
  readonly offload: readonly [boolean, boolean];
  readonly farMtuBytes: number;
}

const { offload, farMtuBytes } = JSON.parse(process.argv[2] ?? '') as RouterChoice;
const links = [
  TunLink.open({ name: 'near', offload: offload[0] }),
  TunLink.open({ name: 'far', offload: offload[1], mtuBytes: farMtuBytes }),
];
const addresses = [
  ['10.78.0.1/24', 'fd00:78::1/64'],
  ['10.79.0.1/24', 'fd00:79::1/64'],
];
const interfaces = links.map(({ name, mtuBytes, superSegmentBytes, checksum }, i) => {
  return { name, mtuBytes, superSegmentBytes, checksum, addresses: addresses[i] ?? [] };
});
const settings = { forwardIpv4: true, forwardIpv6: true };
const driver = new Driver(
  new Host({ interfaces, settings, entropy: crypto.getRandomValues(new Uint8Array(32)) }),
  links,
);
driver.ref();
createInterface({ input: process.stdin }).on('line', () => {
  console.log(`counters ${JSON.stringify(driver.host.counters())}`);
});
console.log('ready');
