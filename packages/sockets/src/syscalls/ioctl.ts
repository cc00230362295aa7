/** ioctl(2), for requests that ask a socket for one number, or set a flag of a descriptor. */

import { diff } from '@tcpstack/seq/seq';
import { bytesToMark } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, O_NONBLOCK, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD } from '../constants.ts';
import type { Datagrams } from '../datagrams.ts';
import { EBADF, EINVAL, ENOTTY } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';

export function sysIoctl(kernel: Kernel, fd: number, request: number, argument: number): number {
  const { fds } = kernel;
  const file = fds.file(fd);
  if (file === null) return -EBADF;
  switch (request) {
    case FIONBIO:
      file.statusFlags = argument === 0 ? file.statusFlags & ~O_NONBLOCK : file.statusFlags | O_NONBLOCK;
      return 0;
    case FIOCLEX:
    case FIONCLEX:
      fds.setClosesOnExec(fd, request === FIOCLEX);
      return 0;
    default:
      if (file.kind !== 'socket') return -EINVAL;
      return file.datagrams === null ? askStream(file, request) : askDatagrams(file.datagrams, request);
  }
}

/** udp(7): "the size of the next pending datagram in the integer in bytes, or 0 when no datagram is pending". */
function askDatagrams({ queue }: Datagrams, request: number): number {
  if (request === FIONREAD) return queue.length === 0 ? 0 : queue.first.lengthBytes;
  // What was taken has left, or waits with what others sent.
  return request === SIOCOUTQ ? 0 : -ENOTTY;
}

function askStream(socket: Socket, request: number): number {
  const tcb = socket.connection?.tcb ?? null;
  switch (request) {
    case FIONREAD:
      return socket.listener === null ? countReadable(tcb) : -EINVAL;
    case SIOCOUTQ:
      return socket.listener === null ? countUnacknowledged(tcb) : -EINVAL;
    case SIOCOUTQNSD:
      return socket.listener === null ? countUnsent(tcb) : -EINVAL;
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

/** Like Linux's, which goes by sequence numbers: a FIN counts as a byte. */
function countUnacknowledged(tcb: Tcb | null): number {
  return tcb === null ? 0 : tcb.sendRing.readable + (hasOpenFin(tcb) ? 1 : 0);
}

function countUnsent(tcb: Tcb | null): number {
  if (tcb === null || tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return 0;
  return Math.max(0, countUnacknowledged(tcb) - diff(tcb.snd.nxt, tcb.snd.una));
}

/** Our FIN is queued or sent, and not acknowledged. */
function hasOpenFin({ state }: Tcb): boolean {
  return state === 'FIN-WAIT-1' || state === 'CLOSING' || state === 'LAST-ACK';
}
