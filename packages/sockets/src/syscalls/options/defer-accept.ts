/**
 * TCP_DEFER_ACCEPT: seconds, of which Linux makes the SYN-ACKs that would be sent again in that time. For who connects
 * they only say that the ACK of the handshake waits for data.
 */

import { ownHandshake } from '@tcpstack/tcp/connection';
import { INITIAL_RTO_MS, MAX_RTO_MS } from '@tcpstack/tcp/limits';
import type { SocketOption } from './option.ts';

const RETRIES_MAX = 255;

/** What is read is how long that many retransmissions last: 1, 3, 7, 15 and so on. */
export const deferAccept: SocketOption = {
  get: ({ options }) => secondsOf(options.deferAcceptRetries),
  range: 'any; as many seconds as whole SYN-ACKs take count',
  set: ({ options, connection }, value) => {
    let retries = 0;
    while (retries < RETRIES_MAX && secondsOf(retries) < value) retries++;
    options.deferAcceptRetries = retries;
    if (connection?.tcb.state === 'SYN-SENT') ownHandshake(connection.tcb).deferRetries = retries;
    return 0;
  },
  apply: null,
};

function secondsOf(retries: number): number {
  let ms = 0;
  for (let i = 0; i < retries; i++) ms += Math.min(INITIAL_RTO_MS * 2 ** i, MAX_RTO_MS);
  return ms / 1000;
}
