/** Receiving datagrams: read(2), recv(2), recvfrom(2), recvmsg(2) and their kind, as Linux's `udp_recvmsg`. */

import { formatAddress } from '@tcpstack/wire/ip-address';
import type { ControlMessage, MsgHdr, SockAddr } from '../call-types.ts';
import {
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
} from '../constants.ts';
import type { DatagramReport, Datagrams } from '../datagrams.ts';
import { EAGAIN } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { showSockAddr } from '../socket-address.ts';
import { tellControl } from './datagram-told.ts';
import { takeError } from './errors.ts';

/** What comes beside the bytes. */
export interface Envelope {
  name: SockAddr | null;
  /** `MSG_TRUNC` when the datagram was longer than the room for it. */
  flags: number;
  control: readonly ControlMessage[];
}

/**
 * Moves the oldest datagram to the buffers; what does not fit is lost, as udp(7) says.
 *
 * @param into Where who sent it goes; `null` when nobody asks.
 * @returns Its bytes that were copied, or with MSG_TRUNC all that it had; or a negative errno.
 */
export function receiveDatagram(
  kernel: Kernel,
  socket: Socket,
  { queue }: Datagrams,
  buffers: readonly Uint8Array[],
  flags: number,
  into: Envelope | null,
): number {
  const error = takeError(socket);
  if (error !== 0) return -error;
  // Like Linux: only who waits is told by 0 that the socket was shut.
  if (queue.length === 0) return -EAGAIN;
  const { first } = queue;
  const { lengthBytes } = first;
  const n = copyTo(queue, lengthBytes, buffers);
  if (into !== null) {
    into.name = showSockAddr(socket, first.source, first.sourcePort);
    into.flags = n < lengthBytes ? MSG_TRUNC : 0;
    const { receives } = socket.options;
    if (receives !== 0) into.control = tellControl(kernel, receives, first);
  }
  if ((flags & MSG_PEEK) === 0) queue.shift();
  return (flags & MSG_TRUNC) === 0 ? n : lengthBytes;
}

function copyTo(queue: Datagrams['queue'], lengthBytes: number, buffers: readonly Uint8Array[]): number {
  const [only] = buffers;
  if (only === undefined) return 0;
  if (buffers.length === 1) return queue.peek(only, 0, only.length);
  const whole = new Uint8Array(lengthBytes);
  queue.peek(whole, 0, whole.length);
  return scatterOver(buffers, whole);
}

function scatterOver(buffers: readonly Uint8Array[], whole: Uint8Array): number {
  let at = 0;
  for (const buffer of buffers) {
    const n = Math.min(buffer.length, whole.length - at);
    buffer.set(whole.subarray(at, at + n));
    at += n;
  }
  return at;
}

/**
 * The oldest report (IP_RECVERR), into `message` when there is one to fill in, and what it quotes of the datagram into
 * the buffers.
 *
 * @returns The bytes that were copied, or -EAGAIN.
 */
export function takeDatagramReport(
  socket: Socket,
  { reports }: Datagrams,
  buffers: readonly Uint8Array[],
  message: MsgHdr | null,
): number {
  const report = reports.shift();
  if (report === undefined) return -EAGAIN;
  // Like Linux: the error that is still pending is that of the next message, or none.
  const next = reports[0];
  if (next !== undefined && next.offender !== null) socket.pendingErrno = next.errno;
  else if (report.offender !== null) socket.pendingErrno = 0;
  const { isIpv6, errno, type, code, info, offender, quoted } = report;
  const n = scatterOver(buffers, quoted);
  if (message === null) return n;
  message.name = showSockAddr(socket, report.remoteAddress, report.remotePort);
  message.flags = MSG_ERRQUEUE | (n < quoted.length ? MSG_TRUNC : 0);
  message.control = [
    {
      level: isIpv6 ? IPPROTO_IPV6 : IPPROTO_IP,
      type: isIpv6 ? IPV6_RECVERR : IP_RECVERR,
      error: {
        errno,
        origin: originOf(report),
        type,
        code,
        info,
        data: 0,
        offender: offender === null ? null : formatAddress(offender),
      },
    },
  ];
  return n;
}

function originOf({ offender, isIpv6 }: DatagramReport): number {
  if (offender === null) return SO_EE_ORIGIN_LOCAL;
  return isIpv6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP;
}
