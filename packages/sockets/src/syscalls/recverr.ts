/** recverr: the queue of error reports, as recvmsg(2) with MSG_ERRQUEUE gives them on Linux. */

import type { ReportReason } from '@tcpstack/tcp/connection';
import { formatAddress } from '@tcpstack/wire/ip-address';
import { EAGAIN, errnoOf } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
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
