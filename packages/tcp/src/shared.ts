/** What all connections of one Host share, with the defaults of `limits`. */

import { LoanDesk } from '@tcpstack/bytes/loans';
import { SlabPool } from '@tcpstack/bytes/slab-pool';
import { sipKey } from '@tcpstack/seq/siphash';
import { ChallengeBudget } from './arrival/challenge-budget.ts';
import { createTcpCounters } from './counters.ts';
import {
  CHALLENGE_ACKS_PER_SECOND,
  DEFAULT_RECEIVE_BUFFER_BYTES,
  DEFAULT_SEND_BUFFER_BYTES,
  DEFAULT_SEND_MSS_BYTES,
  FIN_WAIT_2_ORPHAN_MS,
  MAX_BUFFER_MEMORY_BYTES,
  MAX_RECEIVE_BUFFER_BYTES,
  MAX_SEND_BUFFER_BYTES,
  TIME_WAIT_MS,
} from './limits.ts';
import type { TcpShared } from './tcb.ts';

const ETHERNET_MSS_BYTES = 1460;

/**
 * Everything that `createTcb` wants to know of its Host.
 *
 * @param secret 16 random bytes, for what strangers must not guess.
 * @param options What is different from the defaults.
 */
export function createTcpShared(secret: Uint8Array, options: Partial<TcpShared> = {}): TcpShared {
  return {
    pool: new SlabPool(),
    loans: new LoanDesk(),
    counters: createTcpCounters(),
    advertisedMssBytes: ETHERNET_MSS_BYTES,
    defaultSendMssBytes: DEFAULT_SEND_MSS_BYTES,
    superSegmentPayloadBytes: 0,
    sendBufferBytes: DEFAULT_SEND_BUFFER_BYTES,
    receiveBufferBytes: DEFAULT_RECEIVE_BUFFER_BYTES,
    sendBufferMaxBytes: MAX_SEND_BUFFER_BYTES,
    receiveBufferMaxBytes: MAX_RECEIVE_BUFFER_BYTES,
    bufferMemoryMaxBytes: MAX_BUFFER_MEMORY_BYTES,
    notSentLowBytes: Infinity,
    mtuProbing: 1,
    timeWaitMs: TIME_WAIT_MS,
    finWait2OrphanMs: FIN_WAIT_2_ORPHAN_MS,
    orphanRetries: 0,
    timestamps: true,
    sack: true,
    windowScaling: true,
    ecn: 2,
    rfc1337: false,
    challenges: new ChallengeBudget(sipKey(secret), CHALLENGE_ACKS_PER_SECOND),
    ...options,
  };
}
