/** read(2), recv(2) and recvfrom(2). */

import type { SockAddr } from '../call-types.ts';
import { MSG_ERRQUEUE, MSG_TRUNC } from '../constants.ts';
import { EINVAL } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { type Envelope, receiveDatagram, takeDatagramReport } from './datagram-receive.ts';
import { notReadable, notSocket } from './descriptor.ts';
import { takeReport } from './error-queue.ts';
import { readStream } from './stream-read.ts';

/** Where recvfrom() puts who sent the datagram; `null` on a stream. */
export interface NameOut {
  name: SockAddr | null;
}

export function sysRead(kernel: Kernel, fd: number, into: Uint8Array, at: number, end: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notReadable(kernel, fd);
  if (!(at >= 0 && at <= end && end <= into.length)) return -EINVAL;
  // As in Linux read() of no bytes asks nothing, and recv() does.
  if (at === end) return 0;
  if (socket.datagrams !== null)
    return receiveDatagram(kernel, socket, socket.datagrams, [into.subarray(at, end)], 0, null);
  return readStream(kernel, socket, into, at, end, 0);
}

export function sysRecv(
  kernel: Kernel,
  fd: number,
  into: Uint8Array,
  at: number,
  end: number,
  flags: number,
  envelope: Envelope | null = null,
): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  // What is discarded needs no room.
  if (!(at >= 0 && at <= end && (end <= into.length || (flags & MSG_TRUNC) !== 0))) return -EINVAL;
  if (socket.datagrams !== null) {
    if ((flags & MSG_ERRQUEUE) !== 0)
      return takeDatagramReport(socket, socket.datagrams, [into.subarray(at, end)], null);
    return receiveDatagram(kernel, socket, socket.datagrams, [into.subarray(at, end)], flags, envelope);
  }
  if ((flags & MSG_ERRQUEUE) !== 0) return takeReport(socket, null);
  return readStream(kernel, socket, into, at, end, flags);
}

export function sysRecvfrom(
  kernel: Kernel,
  fd: number,
  into: Uint8Array,
  at: number,
  end: number,
  flags: number,
  from: NameOut | null,
): number {
  const envelope: Envelope = { name: null, flags: 0, control: [] };
  const n = sysRecv(kernel, fd, into, at, end, flags, envelope);
  if (n >= 0 && from !== null) from.name = envelope.name;
  return n;
}
