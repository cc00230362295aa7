/** Sending datagrams (RFC 768): write(2), send(2), sendto(2), sendmsg(2) and their kind, as Linux's `udp_sendmsg`. */

import { type Discovery, datagramHeadroom, sendDatagram } from '@tcpstack/ip/datagram-output';
import { copyOf, type IpAddress, isIpv4, isMulticast } from '@tcpstack/wire/ip-address';
import { IPV4_HEADER_BYTES, PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES } from '@tcpstack/wire/ipv6';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { finishChecksum, UDP_HEADER_BYTES, writeUdp } from '@tcpstack/wire/udp';
import type { ControlMessage, SockAddr } from '../call-types.ts';
import { outletOf } from '../connections.ts';
import {
  AF_INET,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_INTERFACE,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_PROBE,
  MSG_MORE,
  MSG_OOB,
  MSG_PROBE,
} from '../constants.ts';
import { type Corked, DATAGRAM_REPORTS_MAX, type Datagrams } from '../datagrams.ts';
import { EAGAIN, EMSGSIZE, EOPNOTSUPP, EPIPE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { wake } from '../readiness.ts';
import type { Socket } from '../socket.ts';
import type { Endpoint } from '../socket-address.ts';
import { claimPort } from './bind.ts';
import { readControl } from './datagram-control.ts';
import { targetOf } from './datagram-target.ts';
import { hearOurselves, isToMany, leavesHost } from './datagram-to-many.ts';
import { type Ancillary, mtuOf, type Way, wayTo } from './datagram-way.ts';
import { takeError } from './errors.ts';
import { tosOf } from './options/ip-fields.ts';

/** The length field of UDP counts its own header. */
const DATA_BYTES_MAX = 0xffff - UDP_HEADER_BYTES;
const MEMORY_BYTES = IPV6_HEADER_BYTES + 0xffff;

const NO_CONTROL: readonly never[] = [];

/** Sends the buffers as one datagram: all its bytes, or a negative errno. */
export function sendTo(
  kernel: Kernel,
  socket: Socket,
  datagrams: Datagrams,
  parts: readonly Uint8Array[],
  flags: number,
  to: SockAddr | null,
  control: readonly ControlMessage[] = NO_CONTROL,
): number {
  // Like Linux's `inet_send_prepare`: the socket has a port from now on, whatever becomes of the call.
  if (!socket.bound && claimPort(kernel, socket, socket.localAddress, 0) < 0) return -EAGAIN;
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  const refused = socket.domain === AF_INET ? refusedOverIpv4(bytes, flags) : 0;
  if (refused < 0) return refused;
  const { corked } = datagrams;
  const more = (flags & MSG_MORE) !== 0 || socket.options.cork;
  // It goes to whom its beginning was for.
  if (corked !== null) return sendCorked(kernel, socket, datagrams, corked, parts, bytes, more);
  const target = targetOf(kernel, socket, datagrams, to);
  if (typeof target === 'number') return target;
  const refusedMapped = isIpv4(target.address) ? refusedOverIpv4(bytes, flags) : 0;
  if (refusedMapped < 0) return refusedMapped;
  const beside = control.length === 0 ? null : readControl(kernel, socket, target, control);
  if (typeof beside === 'number') return beside;
  const error = takeError(socket);
  if (error !== 0) return -error;
  if (datagrams.shutWrite) return -EPIPE;
  if (more) return sendCorked(kernel, socket, datagrams, beginCork(target, beside), parts, bytes, more);
  const outcome = sendNow(kernel, socket, target, beside, parts, bytes, (flags & MSG_PROBE) !== 0);
  return outcome < 0 ? outcome : bytes;
}

/** What Linux's `udp_sendmsg` looks at first, and `udpv6_sendmsg` never. */
function refusedOverIpv4(bytes: number, flags: number): number {
  if (bytes > 0xffff) return -EMSGSIZE;
  return (flags & MSG_OOB) === 0 ? 0 : -EOPNOTSUPP;
}

function beginCork({ address, port, scopeIndex }: Endpoint, beside: Ancillary | null): Corked {
  return { parts: [], bytes: 0, address, port, scopeIndex, beside };
}

/** Adds to the datagram that MSG_MORE or UDP_CORK holds back, and sends it unless there is more to come. */
export function sendCorked(
  kernel: Kernel,
  socket: Socket,
  datagrams: Datagrams,
  corked: Corked,
  parts: readonly Uint8Array[],
  bytes: number,
  more: boolean,
): number {
  if (corked.bytes + bytes > DATA_BYTES_MAX) {
    datagrams.corked = null;
    return -EMSGSIZE;
  }
  for (const part of parts) corked.parts.push(part.slice());
  corked.bytes += bytes;
  datagrams.corked = more ? corked : null;
  if (more) return bytes;
  const outcome = sendNow(kernel, socket, corked, corked.beside, corked.parts, corked.bytes, false);
  return outcome < 0 ? outcome : bytes;
}

/** 0 or a negative errno. */
function sendNow(
  kernel: Kernel,
  socket: Socket,
  target: Endpoint,
  beside: Ancillary | null,
  parts: readonly Uint8Array[],
  bytes: number,
  isProbe: boolean,
): number {
  const way = wayTo(kernel, socket, target, beside);
  if (typeof way === 'number') return way;
  if (isProbe) return 0;
  const is4 = isIpv4(way.remote);
  if (bytes > DATA_BYTES_MAX - (is4 ? IPV4_HEADER_BYTES : 0)) return tooLong(kernel, socket, way);
  kernel.datagramMemory ??= new Uint8Array(MEMORY_BYTES);
  const memory = kernel.datagramMemory;
  const udpAt = datagramHeadroom(way.remote);
  let end = udpAt + UDP_HEADER_BYTES;
  for (const part of parts) {
    memory.set(part, end);
    end += part.length;
  }
  writeUdp(memory, udpAt, socket.localPort, way.port, end - udpAt);
  finishChecksum(memory, udpAt, end, pseudoHeaderSumOf(way.local, way.remote, PROTOCOL_UDP));
  return leave(kernel, socket, way, beside, memory, end);
}

function leave(
  kernel: Kernel,
  socket: Socket,
  way: Way,
  beside: Ancillary | null,
  memory: Uint8Array,
  end: number,
): number {
  const { options } = socket;
  const is4 = isIpv4(way.remote);
  const discover = is4 ? options.mtuDiscover : options.mtuDiscoverV6;
  const mtuBytes = mtuOf(kernel, way, discover);
  // ip(7): it is like IP_PMTUDISC_DONT, but we do not cut either.
  if (discover === IP_PMTUDISC_INTERFACE && end > mtuBytes) return tooLong(kernel, socket, way);
  const tosByte = beside === null || beside.tosByte < 0 ? tosOf(options, !is4) : beside.tosByte;
  const hops = beside === null || beside.hops < 0 ? hopsOf(kernel, socket, way.remote) : beside.hops;
  const isMany = isToMany(kernel.routing.interfaces, way.remote);
  const verdict =
    isMany && !leavesHost(way, hops)
      ? 'sent'
      : sendDatagram(
          kernel.datagrams,
          outletOf(kernel, way.path).packets,
          memory,
          0,
          end,
          PROTOCOL_UDP,
          way.local,
          way.remote,
          mtuBytes,
          discoveryOf(discover),
          tosByte,
          hops,
        );
  if (verdict === 'too-long') return tooLong(kernel, socket, way);
  if (verdict === 'sent') {
    const udpAt = datagramHeadroom(way.remote);
    if (isMany) hearOurselves(kernel, socket, way, memory, udpAt, end, tosByte, hops);
    kernel.counters.datagramsSent++;
    return 0;
  }
  kernel.counters.datagramSendDrops++;
  awaitRoom(kernel, socket);
  return -EAGAIN;
}

/** -EMSGSIZE, of which IP_RECVERR tells more: Linux's `ip_local_error`. */
function tooLong(kernel: Kernel, socket: Socket, way: Way): number {
  const { datagrams, options } = socket;
  const isIpv6 = !isIpv4(way.remote);
  const wanted = isIpv6 ? options.receiveErrorsV6 : options.receiveErrors;
  if (datagrams === null || !wanted || datagrams.reports.length >= DATAGRAM_REPORTS_MAX) return -EMSGSIZE;
  const info = mtuOf(kernel, way, isIpv6 ? options.mtuDiscoverV6 : options.mtuDiscover);
  // Linux shows with IPv4 whom the socket is connected to.
  const remotePort = isIpv6 ? way.port : datagrams.remotePort;
  const remoteAddress = copyOf(way.remote);
  const report = { errno: EMSGSIZE, type: 0, code: 0, info, isIpv6, offender: null, remoteAddress, remotePort };
  datagrams.reports.push({ ...report, quoted: new Uint8Array(0) });
  wake(kernel, socket);
  return -EMSGSIZE;
}

/** The socket is not writable until what waits to leave has left. */
function awaitRoom(kernel: Kernel, socket: Socket): void {
  const { datagrams } = socket;
  if (datagrams === null || datagrams.awaitsRoom) return;
  datagrams.awaitsRoom = true;
  kernel.awaitRoom.push(socket);
}

function discoveryOf(discover: number): Discovery {
  if (discover === IP_PMTUDISC_DO || discover === IP_PMTUDISC_PROBE) return 'do';
  const isDont = discover === IP_PMTUDISC_DONT || discover === IP_PMTUDISC_OMIT;
  return isDont || discover === IP_PMTUDISC_INTERFACE ? 'dont' : 'want';
}

function hopsOf({ settings }: Kernel, { options }: Socket, remote: Readonly<IpAddress>): number {
  const is4 = isIpv4(remote);
  if (isMulticast(remote)) return is4 ? options.multicastTtlHops : options.multicastHops;
  const hops = is4 ? options.ttlHops : options.unicastHops;
  if (hops !== -1) return hops;
  return is4 ? settings.defaultTtlHops : settings.defaultHopLimit;
}
