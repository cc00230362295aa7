/** TCP_USER_TIMEOUT and TCP_SYNCNT: "An application MUST be able to set the value for R2" (RFC 9293 §3.8.3 [MUST-21]). */

import { ownWishes, setUserTimeout } from '@tcpstack/tcp/connection';
import type { SocketOption } from './option.ts';

/** Linux's `MAX_TCP_SYNCNT`. */
export const SYN_RETRIES_MAX = 127;
/** Linux takes any positive int: 24 days. */
export const USER_TIMEOUT_MAX_MS = 0x7fff_ffff;

export const applyUserTimeout: SocketOption['apply'] = (tcb, values, _isOpen, nowMs) => {
  setUserTimeout(tcb, nowMs, values.userTimeoutMs);
};

export const applySynRetries: SocketOption['apply'] = (tcb, values) => {
  if (values.synRetries !== tcb.wishes.synRetries) ownWishes(tcb).synRetries = values.synRetries;
};
