/** Whether a Host still has something to deliver for sockets that the program has closed. */

import type { Host } from '@tcpstack/sockets/host';

/** True while a closed socket has bytes or a FIN that the peer did not acknowledge. TIME-WAIT is not a reason. */
export function lingers(host: Host): boolean {
  for (const socket of host.sockets()) {
    if (socket.fd >= 0 || socket.queue !== '') continue;
    if (socket.sendQueueBytes > 0) return true;
    if (socket.state === 'FIN-WAIT-1' || socket.state === 'CLOSING' || socket.state === 'LAST-ACK') return true;
  }
  return false;
}
