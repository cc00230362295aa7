/** TCP_INFO. */

import { createTcpInfo, TCPI_STATES, tcpInfo } from '@tcpstack/tcp/connection';
import { readOnly } from './option.ts';

/** A record of its own for each call. */
export const info = readOnly(({ connection, listener }, { nowMs, pathMtu, shared }) => {
  const record = createTcpInfo();
  if (connection !== null) {
    tcpInfo(connection.tcb, nowMs, record);
    record.tcpi_pmtu = pathMtu.mtuBytes(nowMs, connection.remoteAddress, connection.path.out.mtuBytes);
  } else if (listener !== null) {
    record.tcpi_state = TCPI_STATES.LISTEN;
    record.tcpi_unacked = listener.acceptQueue.length;
    record.tcpi_sacked = listener.acceptQueue.backlog;
    record.tcpi_advmss = shared.advertisedMssBytes;
  }
  return record;
});
