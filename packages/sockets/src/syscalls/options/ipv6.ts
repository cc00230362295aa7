/** The options of level IPPROTO_IPV6 (RFC 3493 §5, RFC 3542 §6). */

import {
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
} from '../../constants.ts';
import { EINVAL, ENOPROTOOPT } from '../../errno.ts';
import { WANTS_HOPLIMIT, WANTS_PKTINFO_V6, WANTS_TCLASS } from '../../receive-wishes.ts';
import { applyHops, applyReporting, applyTos } from './ip-fields.ts';
import { mtuDiscoverV6, pathMtuV6 } from './mtu.ts';
import { joinGroupOption, leaveGroupOption, multicastHops, multicastInterfaceV6, strictFlag } from './multicast.ts';
import { flag, type OptionTable, type SocketOption, wish } from './option.ts';

const ECN_BITS = 3;
const BYTE_MAX = 255;

/** Decided before bind(), as RFC 3493 §5.3 has it. */
const v6Only: SocketOption = {
  get: ({ options }) => (options.v6Only ? 1 : 0),
  range: 'on or off, before bind()',
  set: ({ options, localPort }, value) => {
    if (localPort !== 0) return -EINVAL;
    options.v6Only = value !== 0;
    return 0;
  },
  apply: null,
};

/** 0 to 255, and -1 for the default; unlike a time to live it may be 0, as in Linux. */
const unicastHops: SocketOption = {
  get: ({ options }, { settings }) => (options.unicastHops === -1 ? settings.defaultHopLimit : options.unicastHops),
  range: '-1 to 255',
  set: ({ options }, value) => {
    if (value < -1 || value > BYTE_MAX) return -EINVAL;
    options.unicastHops = value;
    return 0;
  },
  apply: applyHops,
};

/** As in Linux the ECN bits are TCP's own (RFC 3168 §5), and -1 is the default, 0. */
const trafficClass: SocketOption = {
  get: ({ options }) => options.trafficClassByte,
  range: '-1 to 255',
  set: ({ options, datagrams }, value) => {
    if (value < -1 || value > BYTE_MAX) return -EINVAL;
    options.trafficClassByte = value === -1 ? 0 : value & (datagrams === null ? ~ECN_BITS : ~0);
    return 0;
  },
  apply: applyTos,
};

/** A control message, and no option. Deviation: RFC 3542 §6.1 also lets setsockopt() take it, for all datagrams. */
const messageOnly: SocketOption = { get: () => -ENOPROTOOPT, set: () => -EINVAL, range: 'none: EINVAL', apply: null };

export const IPV6_OPTIONS: OptionTable = new Map([
  [IPV6_UNICAST_HOPS, unicastHops],
  [IPV6_MULTICAST_IF, multicastInterfaceV6],
  [IPV6_MULTICAST_HOPS, multicastHops],
  [IPV6_MULTICAST_LOOP, strictFlag('multicastLoopV6')],
  [IPV6_JOIN_GROUP, joinGroupOption],
  [IPV6_LEAVE_GROUP, leaveGroupOption],
  [IPV6_MULTICAST_ALL, flag('multicastAllV6', null)],
  [IPV6_MTU_DISCOVER, mtuDiscoverV6],
  [IPV6_MTU, pathMtuV6],
  [IPV6_RECVERR, flag('receiveErrorsV6', applyReporting)],
  [IPV6_V6ONLY, v6Only],
  [IPV6_PKTINFO, messageOnly],
  [IPV6_RECVPKTINFO, wish(WANTS_PKTINFO_V6)],
  [IPV6_RECVHOPLIMIT, wish(WANTS_HOPLIMIT)],
  [IPV6_RECVTCLASS, wish(WANTS_TCLASS)],
  [IPV6_TCLASS, trafficClass],
]);
