/** What all connections of one Host share, with the defaults of `limits`. */

import { LoanDesk } from '@tcpstack/bytes/loans';
import { SlabPool } from '@tcpstack/bytes/slab-pool';
import { sipKey } from '@tcpstack/seq/siphash';
import { ChallengeBudget } from './arrival/challenge-budget.ts';
import { createTcpCounters } from './counters.ts';
import { CHALLENGE_ACKS_PER_SECOND, DEFAULT_SEND_MSS_BYTES } from './limits.ts';
import type { TcpShared } from './tcb.ts';
import { defaultTcpSettings } from './tcp-settings.ts';

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
    ...defaultTcpSettings(),
    challenges: new ChallengeBudget(sipKey(secret), CHALLENGE_ACKS_PER_SECOND),
    ...options,
  };
}
