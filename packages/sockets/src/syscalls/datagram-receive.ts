/** Receiving datagrams: read(2), recv(2), recvfrom(2), recvmsg(2) and their kind, as Linux's `udp_recvmsg`. */

import { formatAddress } from '@tcpstack/wire/ip-address';
import type { MsgHdr, SockAddr } from '../call-types.ts';
import {
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
} from '../constants.ts';
import { sourceOf } from '../datagram-queue.ts';
import type { Datagrams } from '../datagrams.ts';
import { EAGAIN, EOPNOTSUPP } from '../errno.ts';
import type { Socket } from '../socket.ts';
import { showSockAddr } from '../socket-address.ts';
import { takeError } from './errors.ts';

/** What comes beside the bytes. */
export interface Envelope {
  name: SockAddr | null;
  /** `MSG_TRUNC` when the datagram was longer than the room for it. */
  flags: number;
}

/**
 * Moves the oldest datagram to the buffers; what does not fit is lost, as udp(7) says.
 *
 * @param into Where who sent it goes; `null` when nobody asks.
 * @returns Its bytes that were copied, or with MSG_TRUNC all that it had; or a negative errno.
 */
export function receiveDatagram(
  socket: Socket,
  { queue }: Datagrams,
  buffers: readonly Uint8Array[],
  flags: number,
  into: Envelope | null,
): number {
  if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  const error = takeError(socket);
  if (error !== 0) return -error;
  if (queue.length === 0) return socket.shutRead ? 0 : -EAGAIN;
  const { first } = queue;
  const { lengthBytes } = first;
  const n = copyTo(queue, buffers);
  if (into !== null) {
    into.name = showSockAddr(socket, sourceOf(first), first.sourcePort);
    into.flags = n < lengthBytes ? MSG_TRUNC : 0;
  }
  if ((flags & MSG_PEEK) === 0) queue.shift();
  return (flags & MSG_TRUNC) === 0 ? n : lengthBytes;
}

function copyTo(queue: Datagrams['queue'], buffers: readonly Uint8Array[]): number {
  const [only] = buffers;
  if (only === undefined) return 0;
  if (buffers.length === 1) return queue.peek(only, 0, only.length);
  const whole = new Uint8Array(queue.first.lengthBytes);
  queue.peek(whole, 0, whole.length);
  let at = 0;
  for (const buffer of buffers) {
    const n = Math.min(buffer.length, whole.length - at);
    buffer.set(whole.subarray(at, at + n));
    at += n;
  }
  return at;
}

/** The oldest report of an ICMP error (IP_RECVERR), into `message` when there is one to fill in: 0 or -EAGAIN. */
export function takeDatagramReport(socket: Socket, { reports }: Datagrams, message: MsgHdr | null): number {
  const report = reports.shift();
  if (report === undefined) return -EAGAIN;
  // Like Linux: the error that is still pending is that of the next report, or none.
  socket.pendingErrno = reports[0]?.errno ?? 0;
  if (message === null) return 0;
  const { isIpv6, errno, type, code, info } = report;
  message.name = showSockAddr(socket, report.remoteAddress, report.remotePort);
  message.flags = MSG_ERRQUEUE;
  message.control = [
    {
      level: isIpv6 ? IPPROTO_IPV6 : IPPROTO_IP,
      type: isIpv6 ? IPV6_RECVERR : IP_RECVERR,
      error: {
        errno,
        origin: isIpv6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP,
        type,
        code,
        info,
        data: 0,
        offender: formatAddress(report.offender),
      },
    },
  ];
  return 0;
}
