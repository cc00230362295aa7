/** connect(2), always non-blocking: SYN goes out; POLLOUT and SO_ERROR tell how it ended. */

import { isUsableSource } from '@tcpstack/ip/addresses';
import { openActive } from '@tcpstack/tcp/connection';
import { type IpAddress, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';
import { afterActivity, chooseIss, openConnection } from '../connections.ts';
import { EADDRNOTAVAIL, EALREADY, ECONNABORTED, EINPROGRESS, EINVAL, EISCONN, ENETUNREACH } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { useRoute } from '../source-route.ts';
import { issAfter, mayReopen, reopen } from '../time-wait.ts';
import { isPort } from './bind.ts';
import { notSocket } from './descriptor.ts';
import { disconnect } from './disconnect.ts';
import { takeError } from './errors.ts';
import { applyOptions } from './options/tables.ts';

export function sysConnect(kernel: Kernel, fd: number, address: string, port: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (socket.listener !== null) return -EISCONN;
  const begun = alreadyBegun(socket);
  if (begun !== null) return begun;
  const remote = parseAddress(address);
  if (remote === null || !isIpv4(remote) || !isPort(port) || port === 0) return -EINVAL;
  // "A TCP implementation MUST reject as an error a local OPEN call for an invalid remote IP address (e.g., a broadcast
  // or multicast address)" — RFC 9293 §3.9.1.1 [MUST-46]
  // Deviation: there is no loopback inside the stack yet, so our own address is not reachable either.
  if (!isUsableSource(remote, kernel.own)) return -ENETUNREACH;
  const localPort = socket.bound ? socket.localPort : choosePort(kernel, remote, port);
  if (localPort === 0 || !isFree(kernel, remote, port, localPort, socket.bound)) return -EADDRNOTAVAIL;
  begin(kernel, socket, localPort, remote, port);
  return -EINPROGRESS;
}

/** What an earlier connect() of this socket makes of another, as in Linux; `null` when it may begin. */
function alreadyBegun(socket: Socket): number | null {
  const { stage, connection } = socket;
  if (stage === 'unconnected') return null;
  if (stage === 'connected') return -EISCONN;
  const state = connection?.tcb.state;
  if (state === 'SYN-SENT' || state === 'SYN-RECEIVED') return -EALREADY;
  if (state !== 'CLOSED' && state !== 'TIME-WAIT') {
    // The first call after it was established says so.
    socket.stage = 'connected';
    return 0;
  }
  const error = takeError(socket);
  disconnect(socket);
  return -(error === 0 ? ECONNABORTED : error);
}

function begin(kernel: Kernel, socket: Socket, localPort: number, remote: Readonly<IpAddress>, port: number): void {
  const usedUpTo = reopen(kernel, remote, port, kernel.own.address, localPort);
  const connection = openConnection(kernel, false, kernel.own.address, localPort, remote, port);
  connection.socket = socket;
  socket.connection = connection;
  socket.shutRead = false;
  socket.stage = 'connecting';
  socket.pendingErrno = 0;
  // "If an application ... does not specify the local IP address ..., then the TCP implementation MUST ask the IP layer to
  // select a local IP address before sending the (first) SYN" — RFC 9293 §3.9.1.1 [MUST-44]: a Host has one. All that
  // follows uses it [MUST-45].
  socket.localAddress = kernel.own.address;
  socket.localPort = localPort;
  const { tcb } = connection;
  applyOptions(tcb, socket.options, false, kernel.nowMs);
  useRoute(connection, socket.sourceRoute);
  openActive(tcb, usedUpTo === null ? chooseIss(kernel, connection) : issAfter(usedUpTo));
  kernel.counters.activeOpens++;
  afterActivity(kernel, connection);
}

/** An ephemeral port whose 4-tuple to this destination is free; 0 when all are taken. */
function choosePort(kernel: Kernel, remote: Readonly<IpAddress>, port: number): number {
  // Like Linux: not one that somebody bound to, though the 4-tuple may be free.
  return kernel.ephemeralPorts.chooseTowards(
    kernel.own.address,
    remote,
    port,
    (local) => !kernel.ports.isClaimed(local) && isFree(kernel, remote, port, local, false),
  );
}

/** Whether no connection has the 4-tuple, or one in TIME-WAIT that may be opened again. */
function isFree(
  kernel: Kernel,
  remote: Readonly<IpAddress>,
  port: number,
  localPort: number,
  chosenByUser: boolean,
): boolean {
  const { address } = kernel.own;
  if (kernel.connections.find(remote, port, address, localPort) !== null) return false;
  const index = kernel.timeWaits.find(remote, port, address, localPort);
  return index < 0 || mayReopen(kernel, index, remote, address, chosenByUser);
}
