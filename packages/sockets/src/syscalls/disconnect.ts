/** What Linux's `tcp_disconnect` does to a socket whose connection is over: it is as good as new. */

import type { Socket } from '../socket.ts';

/** The connection, which has ended or is in TIME-WAIT, goes on without the socket; connect() may begin again. */
export function disconnect(socket: Socket): void {
  const { connection } = socket;
  socket.connection = null;
  socket.stage = 'unconnected';
  socket.shutRead = false;
  if (connection === null) return;
  connection.socket = null;
  if (!connection.listed) connection.tcb.receiveRing.release();
}
