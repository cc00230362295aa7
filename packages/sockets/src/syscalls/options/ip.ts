/** The options of level IPPROTO_IP: what TCP asks of the IP layer for this connection (RFC 9293 §3.9.2). */

import {
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_PKTINFO,
  IP_PKTOPTIONS,
  IP_RECVERR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
} from '../../constants.ts';
import { EINVAL } from '../../errno.ts';
import { WANTS_PKTINFO, WANTS_TOS, WANTS_TTL } from '../../receive-wishes.ts';
import { applyHops, applyReporting, applyTos } from './ip-fields.ts';
import { mtuDiscover, pathMtu } from './mtu.ts';
import { addMembership, dropMembership, multicastInterface, multicastTtl, strictFlag } from './multicast.ts';
import { flag, type OptionTable, readOnly, type SocketOption, wish } from './option.ts';

const ECN_BITS = 3;
const TTL_MAX_HOPS = 255;

/**
 * "The application layer MUST be able to specify the Differentiated Services field for segments that are sent on a
 * connection" [MUST-48], and "SHOULD be able to change [it] during the connection lifetime" [SHLD-21] — RFC 9293
 * §3.9.1.9. As in Linux the ECN bits are TCP's own (RFC 3168 §5), and what lies above a byte is cut off.
 */
const tos: SocketOption = {
  get: (socket) => socket.options.tosByte,
  range: 'any; the low byte counts, of a stream without the ECN bits',
  set: (socket, value) => {
    socket.options.tosByte = value & 0xff & (socket.datagrams === null ? ~ECN_BITS : ~0);
    return 0;
  },
  apply: applyTos,
};

/** "The TTL value used to send TCP segments MUST be configurable" — RFC 9293 §3.9.2 [MUST-49] */
const ttl: SocketOption = {
  get: ({ options }, { settings }) => (options.ttlHops === -1 ? settings.defaultTtlHops : options.ttlHops),
  range: '1 to 255, or -1',
  set: (socket, value) => {
    if (value !== -1 && (value < 1 || value > TTL_MAX_HOPS)) return -EINVAL;
    socket.options.ttlHops = value;
    return 0;
  },
  apply: applyHops,
};

const receiveErrors = flag('receiveErrors', applyReporting);

export const IP_OPTIONS: OptionTable = new Map([
  [IP_TOS, tos],
  [IP_TTL, ttl],
  // "TCP implementations MAY pass the most recently received Differentiated Services field up to the application"
  // — RFC 9293 §3.9.1.9 [MAY-9]
  [IP_PKTOPTIONS, readOnly((socket) => socket.connection?.receivedTosByte ?? 0)],
  [IP_PKTINFO, wish(WANTS_PKTINFO)],
  [IP_RECVERR, receiveErrors],
  [IP_RECVTTL, wish(WANTS_TTL)],
  [IP_RECVTOS, wish(WANTS_TOS)],
  [IP_MTU_DISCOVER, mtuDiscover],
  [IP_MTU, pathMtu],
  [IP_MULTICAST_IF, multicastInterface],
  [IP_MULTICAST_TTL, multicastTtl],
  [IP_MULTICAST_LOOP, flag('multicastLoop', null)],
  [IP_ADD_MEMBERSHIP, addMembership],
  [IP_DROP_MEMBERSHIP, dropMembership],
  [IP_MULTICAST_ALL, strictFlag('multicastAll')],
]);
