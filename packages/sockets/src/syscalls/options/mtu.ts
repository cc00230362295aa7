/** IP_MTU_DISCOVER and IP_MTU, and the same of IPv6. */

import { linkMtuFor } from '@tcpstack/ip/interfaces';
import { IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT } from '../../constants.ts';
import { EINVAL, ENOTCONN } from '../../errno.ts';
import { applyMtuDiscover, applyMtuDiscoverV6 } from './ip-fields.ts';
import { ranged, readOnly, type SocketOption } from './option.ts';

/** "IPv6 requires that every link in the Internet have an MTU of 1280 octets or greater" — RFC 8200 §5 */
const IPV6_MIN_MTU_BYTES = 1280;

export const mtuDiscover = ranged('mtuDiscover', IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT, applyMtuDiscover);
export const mtuDiscoverV6 = ranged('mtuDiscoverV6', IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT, applyMtuDiscoverV6);

/** What the path to the peer carries, as far as it is known. */
export const pathMtu = readOnly(({ connection, datagrams, options }, { pathMtu: paths, nowMs, routing }) => {
  const remote = connection?.remoteAddress ?? datagrams?.remoteAddress ?? null;
  if (remote === null) return -ENOTCONN;
  const { interfaceIndex } = options;
  const bound = interfaceIndex < 0 ? null : routing.interfaces.find(interfaceIndex);
  const path = connection?.path ?? routing.lookup(remote, bound);
  return path === null ? -ENOTCONN : paths.mtuBytes(nowMs, remote, linkMtuFor(path.out, remote));
});

/** Of IPv6 it may be set as well, which bounds what other protocols split; nothing of TCP's. */
export const pathMtuV6: SocketOption = {
  ...pathMtu,
  range: '1280 or more, or 0; of no effect',
  set: (_socket, value) => (value !== 0 && value < IPV6_MIN_MTU_BYTES ? -EINVAL : 0),
};
