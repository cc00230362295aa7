/** connect(2), always non-blocking: SYN goes out; POLLOUT and SO_ERROR tell how it ended. */

import { isOneHosts } from '@tcpstack/ip/addresses';
import type { Route } from '@tcpstack/ip/routes';
import { selectSource } from '@tcpstack/ip/source-selection';
import { openActive, ownHandshake } from '@tcpstack/tcp/connection';
import { type IpAddress, isAny, isIpv4 } from '@tcpstack/wire/ip-address';
import type { SockAddr } from '../call-types.ts';
import { afterActivity, chooseIss, openConnection } from '../connections.ts';
import { EADDRNOTAVAIL, EALREADY, ECONNABORTED, EINPROGRESS, EINVAL, EISCONN, ENETUNREACH } from '../errno.ts';
import { awaitsSynData } from '../fast-open.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Endpoint, interfaceFor, loopbackOf, readSockAddr } from '../socket-address.ts';
import { useRoute } from '../source-route.ts';
import { issAfter, mayReopen, reopen } from '../time-wait.ts';
import { connectDatagrams } from './datagram-connect.ts';
import { notSocket } from './descriptor.ts';
import { disconnect } from './disconnect.ts';
import { takeError } from './errors.ts';
import { applyOptions } from './options/tables.ts';

/** Where a connection is to go, from which address of ours, and by which way. */
interface Journey {
  readonly local: Readonly<IpAddress>;
  readonly remote: Readonly<IpAddress>;
  readonly remotePort: number;
  readonly path: Route;
  readonly boundIndex: number;
}

export function sysConnect(
  kernel: Kernel,
  fd: number,
  address: string | SockAddr,
  port?: number,
  wantsFastOpen = false,
): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (socket.datagrams !== null) return connectDatagrams(kernel, socket, socket.datagrams, address, port);
  if (socket.listener !== null) return -EISCONN;
  const begun = alreadyBegun(socket);
  if (begun !== null) return begun;
  const remote = readSockAddr(kernel, socket, address, port);
  if (typeof remote === 'number') return remote;
  if (remote.port === 0) return -EINVAL;
  const journey = plan(kernel, socket, remote);
  if (typeof journey === 'number') return journey;
  const localPort = socket.bound ? socket.localPort : choosePort(kernel, journey);
  if (localPort === 0 || !isFree(kernel, journey, localPort, socket.bound)) return -EADDRNOTAVAIL;
  begin(kernel, socket, localPort, journey);
  const isFast = wantsFastOpen || socket.options.fastOpenConnect;
  return isFast && awaitsSynData(kernel, socket) ? 0 : -EINPROGRESS;
}

/** A negative errno when there is no way. */
function plan(kernel: Kernel, socket: Socket, endpoint: Endpoint): Journey | number {
  const { interfaces } = kernel.routing;
  // Like Linux: who connects to any address connects to itself.
  const remote = isAny(endpoint.address) ? loopbackOf(endpoint.address) : endpoint.address;
  // "A TCP implementation MUST reject as an error a local OPEN call for an invalid remote IP address (e.g., a broadcast
  // or multicast address)" — RFC 9293 §3.9.1.1 [MUST-46]
  if (!isOneHosts(remote) || interfaces.isBroadcast(remote)) return -ENETUNREACH;
  if (socket.options.v6Only && isIpv4(remote)) return -ENETUNREACH;
  const boundIndex = interfaceFor(socket, endpoint);
  if (boundIndex < -1) return boundIndex;
  const path = kernel.routing.lookup(remote, boundIndex < 0 ? null : interfaces.find(boundIndex));
  if (path === null) return -ENETUNREACH;
  const isChosen = socket.bound && !isAny(socket.localAddress);
  const chosen = isChosen ? socket.localAddress : selectSource(interfaces, remote, path)?.address;
  if (chosen === undefined) return isIpv4(remote) ? -ENETUNREACH : -EADDRNOTAVAIL;
  if (isIpv4(chosen) !== isIpv4(remote)) return -ENETUNREACH;
  return { local: chosen, remote, remotePort: endpoint.port, path, boundIndex };
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

function begin(kernel: Kernel, socket: Socket, localPort: number, journey: Journey): void {
  const { local, remote, remotePort, path, boundIndex } = journey;
  const usedUpTo = reopen(kernel, remote, remotePort, local, localPort);
  const connection = openConnection(kernel, false, local, localPort, remote, remotePort, path, boundIndex);
  connection.socket = socket;
  socket.connection = connection;
  socket.shutRead = false;
  socket.stage = 'connecting';
  socket.pendingErrno = 0;
  // "If an application ... does not specify the local IP address ..., then the TCP implementation MUST ask the IP layer to
  // select a local IP address before sending the (first) SYN" — RFC 9293 §3.9.1.1 [MUST-44]: `selectSource`. All that
  // follows uses it [MUST-45].
  socket.localAddress = local;
  socket.localPort = localPort;
  const { tcb } = connection;
  applyOptions(connection, socket.options, false, kernel.nowMs);
  if (socket.options.deferAcceptRetries > 0) ownHandshake(tcb).deferRetries = socket.options.deferAcceptRetries;
  useRoute(connection, socket.sourceRoute);
  openActive(tcb, usedUpTo === null ? chooseIss(kernel, connection) : issAfter(usedUpTo));
  kernel.counters.activeOpens++;
  afterActivity(kernel, connection);
}

/** An ephemeral port whose 4-tuple to this destination is free; 0 when all are taken. */
function choosePort(kernel: Kernel, journey: Journey): number {
  // Like Linux: not one that somebody bound to, though the 4-tuple may be free.
  return kernel.ephemeralPorts.chooseTowards(
    journey.local,
    journey.remote,
    journey.remotePort,
    (local) => !kernel.ports.isClaimed(local) && isFree(kernel, journey, local, false),
  );
}

/** Whether no connection has the 4-tuple, or one in TIME-WAIT that may be opened again. */
function isFree(
  kernel: Kernel,
  { local, remote, remotePort }: Journey,
  localPort: number,
  chosenByUser: boolean,
): boolean {
  if (kernel.connections.find(remote, remotePort, local, localPort) !== null) return false;
  const index = kernel.timeWaits.find(remote, remotePort, local, localPort);
  return index < 0 || mayReopen(kernel, index, remote, local, chosenByUser);
}
