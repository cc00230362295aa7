/** What setsockopt() set: kept by the socket for its connections, and copied from a listener to what it accepts. */

import { type CongestionName, DEFAULT_CONGESTION } from '@tcpstack/tcp/congestion';
import { KEEP_ALIVE_IDLE_MS, KEEP_ALIVE_INTERVAL_MS, KEEP_ALIVE_PROBES, SYN_RETRIES } from '@tcpstack/tcp/limits';

/** Linux's ~0U. */
export const PACING_RATE_UNLIMITED = 0xffff_ffff;

/** The values of one socket. An option that only reads something has none. */
export interface OptionValues {
  reuseAddress: boolean;
  noDelay: boolean;
  cork: boolean;
  receiveErrors: boolean;
  urgentInline: boolean;
  /** 0: as long as the stack thinks fit. */
  userTimeoutMs: number;
  synRetries: number;
  /** 0: no limit. */
  maxSegmentBytes: number;
  keepAlive: boolean;
  keepIdleSeconds: number;
  keepIntervalSeconds: number;
  keepProbes: number;
  /** -1: off. */
  lingerSeconds: number;
  sendBufferBytes: number;
  receiveBufferBytes: number;
  /** Diffserv field, with zeros for the ECN bits. */
  tosByte: number;
  /** -1: the default. */
  ttlHops: number;
  congestion: CongestionName;
  /** In bytes a second, as the user said it. */
  maxPacingRate: number;
  /** Set by the user: no auto-tuning. */
  sendBufferLocked: boolean;
  receiveBufferLocked: boolean;
}

/** The values of a fresh socket. */
export function createOptionValues(
  sendBufferBytes: number,
  receiveBufferBytes: number,
  congestion: CongestionName = DEFAULT_CONGESTION,
): OptionValues {
  return {
    reuseAddress: false,
    noDelay: false,
    cork: false,
    receiveErrors: false,
    urgentInline: false,
    userTimeoutMs: 0,
    synRetries: SYN_RETRIES,
    maxSegmentBytes: 0,
    keepAlive: false,
    keepIdleSeconds: KEEP_ALIVE_IDLE_MS / 1000,
    keepIntervalSeconds: KEEP_ALIVE_INTERVAL_MS / 1000,
    keepProbes: KEEP_ALIVE_PROBES,
    lingerSeconds: -1,
    sendBufferBytes,
    receiveBufferBytes,
    tosByte: 0,
    ttlHops: -1,
    congestion,
    maxPacingRate: PACING_RATE_UNLIMITED,
    sendBufferLocked: false,
    receiveBufferLocked: false,
  };
}
