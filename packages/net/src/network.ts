/** The one interface of a stack: its link, as the Host has to know it. */

import type { HostOptions } from '@tcpstack/sockets/host';
import type { StackOptions } from './stack.ts';

/** What the Host is told of its network: a link of packets is all the way there is, a link of frames has neighbours. */
export function networkOf(options: StackOptions): Omit<HostOptions, 'entropy' | 'settings'> {
  const { link, address, prefixBits, moreAddresses = [], routes = [] } = options;
  const { mtuBytes, superSegmentBytes, checksum, macAddress } = link;
  const shape = { mtuBytes, superSegmentBytes, checksum };
  if (address === undefined) return { interfaces: [{ ...shape, name: 'eth0', addresses: moreAddresses }], routes };
  if (link.carries !== 'ethernet') {
    return { ...shape, address, moreAddresses, routes, ...(prefixBits === undefined ? {} : { prefixBits }) };
  }
  if (prefixBits === undefined) throw new RangeError('prefixBits must be given on a link of Ethernet frames');
  if (typeof macAddress !== 'string') throw new RangeError('a link of Ethernet frames must have a macAddress');
  const addresses = [`${address}/${prefixBits}`, ...moreAddresses];
  return { interfaces: [{ ...shape, name: 'eth0', kind: 'ethernet', macAddress, addresses }], routes };
}
