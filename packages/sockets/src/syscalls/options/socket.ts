/** The options of level SOL_SOCKET. */

import {
  IPPROTO_TCP,
  IPPROTO_UDP,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_DOMAIN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MAX_PACING_RATE,
  SO_OOBINLINE,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
} from '../../constants.ts';
import { takeError, takeSoftError } from '../errors.ts';
import { receiveBuffer, receiveBufferForce, sendBuffer, sendBufferForce } from './buffers.ts';
import { maxPacingRate } from './congestion.ts';
import { boundDevice } from './device.ts';
import { applyKeepAlive } from './keep-alive.ts';
import { linger, receiveTimeout, sendTimeout } from './linger.ts';
import { receiveLowWater } from './low-water.ts';
import { flag, type OptionTable, readOnly } from './option.ts';

const urgentInline = flag('urgentInline', (tcb, values) => {
  tcb.urgentInline = values.urgentInline;
});

export const SOCKET_OPTIONS: OptionTable = new Map([
  [SO_REUSEADDR, flag('reuseAddress', null)],
  [SO_TYPE, readOnly(({ datagrams }) => (datagrams === null ? SOCK_STREAM : SOCK_DGRAM))],
  // "Datagram sockets are not allowed to send packets to a broadcast address" without it: socket(7).
  [SO_BROADCAST, flag('broadcast', null)],
  [SO_ERROR, readOnly((socket) => takeError(socket) || takeSoftError(socket))],
  [SO_SNDBUF, sendBuffer],
  [SO_RCVBUF, receiveBuffer],
  [SO_SNDBUFFORCE, sendBufferForce],
  [SO_RCVBUFFORCE, receiveBufferForce],
  [SO_KEEPALIVE, flag('keepAlive', applyKeepAlive)],
  [SO_OOBINLINE, urgentInline],
  [SO_LINGER, linger],
  [SO_MAX_PACING_RATE, maxPacingRate],
  [SO_REUSEPORT, flag('reusePort', null)],
  [SO_RCVLOWAT, receiveLowWater],
  [SO_SNDLOWAT, readOnly(() => 1)],
  [SO_RCVTIMEO, receiveTimeout],
  [SO_SNDTIMEO, sendTimeout],
  [SO_ACCEPTCONN, readOnly((socket) => (socket.listener === null ? 0 : 1))],
  [SO_BINDTODEVICE, boundDevice],
  [SO_DOMAIN, readOnly(({ domain }) => domain)],
  [SO_PROTOCOL, readOnly(({ datagrams }) => (datagrams === null ? IPPROTO_TCP : IPPROTO_UDP))],
]);
