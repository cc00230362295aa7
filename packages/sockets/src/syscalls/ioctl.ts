/** ioctl(2), for requests that ask a stream socket for one number. */

import { bytesToMark } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { FIONREAD, SIOCATMARK, SIOCOUTQ } from '../constants.ts';
import { EINVAL, ENOTTY } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { notSocket } from './descriptor.ts';

export function sysIoctl(kernel: Kernel, fd: number, request: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const tcb = socket.connection?.tcb ?? null;
  switch (request) {
    case FIONREAD:
      return socket.listener === null ? countReadable(tcb) : -EINVAL;
    case SIOCOUTQ:
      return socket.listener === null ? (tcb?.sendRing.readable ?? 0) : -EINVAL;
    case SIOCATMARK:
      // "or at least to determine whether more urgent data remains to be read" — RFC 9293 §3.8.5 [MUST-33]
      return tcb !== null && bytesToMark(tcb) === 0 ? 1 : 0;
    default:
      return -ENOTTY;
  }
}

function countReadable(tcb: Tcb | null): number {
  if (tcb === null) return 0;
  const { readable } = tcb.receiveRing;
  const toMark = bytesToMark(tcb);
  return tcb.urgentInline || toMark < 0 || toMark >= readable ? readable : toMark;
}
