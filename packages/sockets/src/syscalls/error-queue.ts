/** The queue of error reports (IP_RECVERR), which recv(2) and recvmsg(2) read with MSG_ERRQUEUE, and `recverr`. */

import type { ErrorReport, ReportReason } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { formatAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import type { MsgHdr } from '../call-types.ts';
import {
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
} from '../constants.ts';
import { EAGAIN, errnoOf } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { notSocket } from './descriptor.ts';

/** Something that happened to a connection and did not end it by itself (RFC 9293 §3.9.1.8). */
export interface SocketErrorReport {
  readonly reason: ReportReason;
  /** A positive errno; 0 for none. */
  readonly errno: number;
  /** Of an ICMP message; else 0. */
  readonly icmpType: number;
  readonly icmpCode: number;
  /** The MTU that the message gave; else 0. */
  readonly info: number;
  /** Who sent the message; "0.0.0.0" for none. */
  readonly offender: string;
}

export function sysRecverr(kernel: Kernel, fd: number): SocketErrorReport | number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const report = socket.connection?.tcb.reports?.shift();
  if (report === undefined) return -EAGAIN;
  const { reason, error, icmpType, icmpCode, info, offender } = report;
  return { reason, errno: errnoOf(error), icmpType, icmpCode, info, offender: formatAddress(offender) };
}

/**
 * The oldest report, into `message` when there is one to fill in. Of the packet that it is about nothing is kept, so the
 * bytes are none.
 *
 * @returns 0, or -EAGAIN when no report waits.
 */
export function takeReport(socket: Socket, message: MsgHdr | null): number {
  const { connection } = socket;
  const report = connection?.tcb.reports?.shift();
  if (report === undefined || connection === null) return -EAGAIN;
  forgetError(connection.tcb, report);
  if (message === null) return 0;
  message.name = { address: formatAddress(connection.remoteAddress), port: connection.remotePort };
  message.flags = MSG_ERRQUEUE;
  const isV4 = isIpv4(connection.remoteAddress);
  message.control = [
    {
      level: isV4 ? IPPROTO_IP : IPPROTO_IPV6,
      type: isV4 ? IP_RECVERR : IPV6_RECVERR,
      error: {
        errno: errnoOf(report.error),
        origin: originOf(report, isV4),
        type: report.icmpType,
        code: report.icmpCode,
        info: report.info,
        data: 0,
        offender: report.reason === 'icmp' ? formatAddress(report.offender) : null,
      },
    },
  ];
  return 0;
}

/** Like Linux: who reads why a connection ended is not told again by SO_ERROR, but of the next report. */
function forgetError(tcb: Tcb, { reason }: ErrorReport): void {
  if (reason !== 'icmp' || tcb.error === '') return;
  const next = tcb.reports?.[0];
  tcb.error = next?.reason === 'icmp' ? next.error : '';
}

function originOf({ reason }: ErrorReport, isV4: boolean): number {
  if (reason !== 'icmp') return SO_EE_ORIGIN_LOCAL;
  return isV4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6;
}
