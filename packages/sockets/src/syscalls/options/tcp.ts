/** The options of level IPPROTO_TCP. */

import { setCork, setNoDelay, setQuickAck } from '@tcpstack/tcp/connection';
import { markDirty } from '../../connections.ts';
import {
  TCP_CONGESTION,
  TCP_CORK,
  TCP_DEFER_ACCEPT,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_FASTOPEN_NO_COOKIE,
  TCP_INFO,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_LINGER2,
  TCP_MAXSEG,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_QUICKACK,
  TCP_SYNCNT,
  TCP_USER_TIMEOUT,
  TCP_WINDOW_CLAMP,
} from '../../constants.ts';
import { congestionName } from './congestion.ts';
import { deferAccept } from './defer-accept.ts';
import { fastOpenBacklog, fastOpenConnect, fastOpenNoCookie } from './fast-open.ts';
import { applySynRetries, applyUserTimeout, SYN_RETRIES_MAX, USER_TIMEOUT_MAX_MS } from './give-up.ts';
import { applyKeepAlive, KEEP_PROBES_MAX, KEEP_SECONDS_MAX } from './keep-alive.ts';
import { linger2 } from './linger2.ts';
import { notSentLowWater } from './low-water.ts';
import { maxSegment } from './max-segment.ts';
import { flag, type OptionTable, ranged, type SocketOption } from './option.ts';
import { info } from './tcp-info.ts';
import { windowClamp } from './window-clamp.ts';

const noDelay = flag('noDelay', (tcb, values) => setNoDelay(tcb, values.noDelay));
const cork = flag('cork', (tcb, values) => setCork(tcb, values.cork));

/** Nothing to keep and inherit: it is the connection's, and says 1 while there is none. */
const quickAck: SocketOption = {
  get: ({ connection }) => (connection?.tcb.delayedAck.interactive === true ? 0 : 1),
  range: 'on or off',
  set: ({ connection }, value, kernel) => {
    if (connection === null || !connection.listed) return 0;
    setQuickAck(connection.tcb, value !== 0);
    markDirty(kernel, connection);
    return 0;
  },
  apply: null,
};

export const TCP_OPTIONS: OptionTable = new Map([
  [TCP_NODELAY, noDelay],
  [TCP_CORK, cork],
  [TCP_CONGESTION, congestionName],
  [TCP_QUICKACK, quickAck],
  [TCP_INFO, info],
  [TCP_MAXSEG, maxSegment],
  [TCP_KEEPIDLE, ranged('keepIdleSeconds', 1, KEEP_SECONDS_MAX, applyKeepAlive, (s) => s.keepIdleMs / 1000)],
  [TCP_KEEPINTVL, ranged('keepIntervalSeconds', 1, KEEP_SECONDS_MAX, applyKeepAlive, (s) => s.keepIntervalMs / 1000)],
  [TCP_KEEPCNT, ranged('keepProbes', 1, KEEP_PROBES_MAX, applyKeepAlive, (s) => s.keepProbes)],
  [TCP_SYNCNT, ranged('synRetries', 1, SYN_RETRIES_MAX, applySynRetries, (s) => s.synRetries)],
  [TCP_LINGER2, linger2],
  [TCP_DEFER_ACCEPT, deferAccept],
  [TCP_WINDOW_CLAMP, windowClamp],
  [TCP_NOTSENT_LOWAT, notSentLowWater],
  [TCP_FASTOPEN, fastOpenBacklog],
  [TCP_FASTOPEN_CONNECT, fastOpenConnect],
  [TCP_FASTOPEN_NO_COOKIE, fastOpenNoCookie],
  [TCP_USER_TIMEOUT, ranged('userTimeoutMs', 0, USER_TIMEOUT_MAX_MS, applyUserTimeout)],
]);
