/** IP_MTU_DISCOVER and IP_MTU, and the same of IPv6. */

import { linkMtuFor } from '@tcpstack/ip/interfaces';
import { IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT } from '../../constants.ts';
import { ENOTCONN } from '../../errno.ts';
import { applyMtuDiscover } from './ip-fields.ts';
import { ranged, readOnly } from './option.ts';

export const mtuDiscover = ranged('mtuDiscover', IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT, applyMtuDiscover);
export const mtuDiscoverV6 = ranged('mtuDiscoverV6', IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT, null);

/** What the path to the peer carries, as far as it is known. */
export const pathMtu = readOnly(({ connection }, { pathMtu: paths, nowMs }) =>
  connection === null
    ? -ENOTCONN
    : paths.mtuBytes(nowMs, connection.remoteAddress, linkMtuFor(connection.path.out, connection.remoteAddress)),
);
