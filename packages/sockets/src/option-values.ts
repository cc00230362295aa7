/** What setsockopt() set: kept by the socket for its connections, and copied from a listener to what it accepts. */

import { type CongestionName, DEFAULT_CONGESTION } from '@tcpstack/tcp/congestion';
import { ANY_IPV4, type IpAddress } from '@tcpstack/wire/ip-address';
import { IP_PMTUDISC_WANT } from './constants.ts';
import type { Settings } from './settings.ts';

/** Linux's ~0U. */
export const PACING_RATE_UNLIMITED = 0xffff_ffff;

/** The values of one socket. An option that only reads something has none. */
export interface OptionValues {
  reuseAddress: boolean;
  reusePort: boolean;
  /** Datagrams may go to broadcast addresses. */
  broadcast: boolean;
  noDelay: boolean;
  cork: boolean;
  receiveErrors: boolean;
  urgentInline: boolean;
  /** 0: as long as the stack thinks fit. */
  userTimeoutMs: number;
  /** 0 here, and below, leaves a number to the settings. */
  synRetries: number;
  /** 0: no limit. */
  maxSegmentBytes: number;
  keepAlive: boolean;
  keepIdleSeconds: number;
  keepIntervalSeconds: number;
  keepProbes: number;
  /** close() waits for what is queued, for so long; with 0 seconds it resets instead. */
  lingers: boolean;
  lingerSeconds: number;
  /** How long calls that block do so at most; `Infinity` for ever. For who makes them of these calls, which never block. */
  receiveTimeoutMs: number;
  sendTimeoutMs: number;
  /** Least bytes that make a socket readable; 1 or more. */
  receiveLowBytes: number;
  /** Index of the only interface that it uses; -1: any. */
  interfaceIndex: number;
  /** SYN-ACKs that are sent again before a connection without data is finished; 0: finished by the third segment. */
  deferAcceptRetries: number;
  /** Half-open connections by TCP Fast Open that a listener holds; 0: none. */
  fastOpenBacklog: number;
  /** connect() waits for the first write, whose bytes the SYN carries. */
  fastOpenConnect: boolean;
  fastOpenNoCookie: boolean;
  /** FIN-WAIT-2 without a descriptor: -1 not at all, 0 as the setting says. */
  linger2Seconds: number;
  /** Bytes not sent from which on the socket is not writable; 0: as the setting says. */
  notSentLowBytes: number;
  /** The window is never larger; 0: no limit. */
  windowClampBytes: number;
  sendBufferBytes: number;
  receiveBufferBytes: number;
  /** Diffserv field, with zeros for the ECN bits. */
  tosByte: number;
  /** -1: the default. */
  ttlHops: number;
  /** `IP_PMTUDISC_*`. */
  mtuDiscover: number;
  /** The same of IPv6: only `::` to itself, traffic class with zeros for the ECN bits, hop limit. */
  v6Only: boolean;
  trafficClassByte: number;
  /** -1: the default. */
  unicastHops: number;
  mtuDiscoverV6: number;
  receiveErrorsV6: boolean;
  /** Bits of `receive-wishes`. */
  receives: number;
  /** How far datagrams to groups go, and of IPv6. */
  multicastTtlHops: number;
  multicastHops: number;
  /** Sockets of ours hear what this one sends to groups that they joined. */
  multicastLoop: boolean;
  multicastLoopV6: boolean;
  /** Groups that other sockets joined are heard, too. */
  multicastAll: boolean;
  multicastAllV6: boolean;
  /** Where datagrams to groups leave, by index, -1 for where the routes lead; and their source. */
  multicastIndex: number;
  multicastAddress: Readonly<IpAddress>;
  multicastIndexV6: number;
  congestion: CongestionName;
  /** In bytes a second, as the user said it. */
  maxPacingRate: number;
  /** Set by the user: no auto-tuning. */
  sendBufferLocked: boolean;
  receiveBufferLocked: boolean;
}

/** The values of a fresh socket. */
export function createOptionValues({
  sendBufferBytes,
  receiveBufferBytes,
  congestion = DEFAULT_CONGESTION,
}: Pick<Settings, 'sendBufferBytes' | 'receiveBufferBytes'> & Partial<Settings>): OptionValues {
  return {
    reuseAddress: false,
    reusePort: false,
    broadcast: false,
    noDelay: false,
    cork: false,
    receiveErrors: false,
    urgentInline: false,
    userTimeoutMs: 0,
    synRetries: 0,
    maxSegmentBytes: 0,
    keepAlive: false,
    keepIdleSeconds: 0,
    keepIntervalSeconds: 0,
    keepProbes: 0,
    lingers: false,
    lingerSeconds: 0,
    receiveTimeoutMs: Infinity,
    sendTimeoutMs: Infinity,
    receiveLowBytes: 1,
    interfaceIndex: -1,
    deferAcceptRetries: 0,
    fastOpenBacklog: 0,
    fastOpenConnect: false,
    fastOpenNoCookie: false,
    linger2Seconds: 0,
    notSentLowBytes: 0,
    windowClampBytes: 0,
    sendBufferBytes,
    receiveBufferBytes,
    tosByte: 0,
    ttlHops: -1,
    mtuDiscover: IP_PMTUDISC_WANT,
    v6Only: false,
    trafficClassByte: 0,
    unicastHops: -1,
    mtuDiscoverV6: IP_PMTUDISC_WANT,
    receiveErrorsV6: false,
    receives: 0,
    multicastTtlHops: 1,
    multicastHops: 1,
    multicastLoop: true,
    multicastLoopV6: true,
    multicastAll: true,
    multicastAllV6: true,
    multicastIndex: -1,
    multicastAddress: ANY_IPV4,
    multicastIndexV6: -1,
    congestion,
    maxPacingRate: PACING_RATE_UNLIMITED,
    sendBufferLocked: false,
    receiveBufferLocked: false,
  };
}
