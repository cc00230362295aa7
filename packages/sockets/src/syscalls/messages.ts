/** readv(2), writev(2), sendmsg(2) and recvmsg(2): several buffers in one call, and what comes beside the bytes. */

import type { MsgHdr } from '../call-types.ts';
import { MSG_ERRQUEUE, MSG_OOB, MSG_PEEK, MSG_TRUNC } from '../constants.ts';
import type { Datagrams } from '../datagrams.ts';
import { EINVAL, EMSGSIZE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { type Envelope, receiveDatagram, takeDatagramReport } from './datagram-receive.ts';
import { sendTo } from './datagram-send.ts';
import { notReadable, notSocket } from './descriptor.ts';
import { takeReport } from './error-queue.ts';
import { openFor } from './sendto.ts';
import { readStream } from './stream-read.ts';
import { writeStream } from './write.ts';

/** Linux's `UIO_MAXIOV`. */
const BUFFERS_MAX = 1024;
const NO_BYTES = new Uint8Array(0);

export function sysReadv(kernel: Kernel, fd: number, iov: readonly Uint8Array[]): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notReadable(kernel, fd);
  if (iov.length > BUFFERS_MAX) return -EINVAL;
  // Like read() of no bytes.
  if (bytesOf(iov) === 0) return 0;
  const { datagrams } = socket;
  if (datagrams !== null) return receiveDatagram(kernel, socket, datagrams, iov, 0, null);
  return scatter(kernel, socket, iov, 0);
}

export function sysWritev(kernel: Kernel, fd: number, iov: readonly Uint8Array[]): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notReadable(kernel, fd);
  if (iov.length > BUFFERS_MAX) return -EINVAL;
  // Like Linux: unlike write() it sends no empty datagram.
  if (bytesOf(iov) === 0) return 0;
  const { datagrams } = socket;
  if (datagrams !== null) return sendTo(kernel, socket, datagrams, iov, 0, null);
  return gather(kernel, socket, iov, 0);
}

export function sysSendmsg(kernel: Kernel, fd: number, message: Readonly<MsgHdr>, flags: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (message.iov.length > BUFFERS_MAX) return -EMSGSIZE;
  const { datagrams } = socket;
  if (datagrams !== null) {
    return sendTo(kernel, socket, datagrams, message.iov, flags, message.name ?? null, message.control);
  }
  const opened = openFor(kernel, fd, flags, message.name ?? null);
  return opened < 0 ? opened : gather(kernel, socket, message.iov, flags);
}

export function sysRecvmsg(kernel: Kernel, fd: number, message: MsgHdr, flags: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const { iov } = message;
  if (iov.length > BUFFERS_MAX) return -EMSGSIZE;
  const { datagrams } = socket;
  if (datagrams !== null) return receiveMessage(kernel, socket, datagrams, message, flags);
  if ((flags & MSG_ERRQUEUE) !== 0) return takeReport(socket, message);
  const n = scatter(kernel, socket, iov, flags);
  if (n < 0) return n;
  // A stream names nobody: who it is, getpeername() says.
  message.name = null;
  message.control = [];
  message.flags = (flags & MSG_OOB) === 0 ? 0 : outOfBandFlags(n, bytesOf(iov));
  return n;
}

function receiveMessage(kernel: Kernel, socket: Socket, datagrams: Datagrams, message: MsgHdr, flags: number): number {
  if ((flags & MSG_ERRQUEUE) !== 0) return takeDatagramReport(socket, datagrams, message.iov, message);
  const envelope: Envelope = { name: null, flags: 0, control: [] };
  const n = receiveDatagram(kernel, socket, datagrams, message.iov, flags, envelope);
  if (n < 0) return n;
  message.name = envelope.name;
  message.control = envelope.control;
  message.flags = envelope.flags;
  return n;
}

/** The byte was there; MSG_TRUNC when there was no room for it. */
function outOfBandFlags(n: number, room: number): number {
  if (n > 0) return MSG_OOB;
  return room === 0 ? MSG_OOB | MSG_TRUNC : 0;
}

function bytesOf(iov: readonly Uint8Array[]): number {
  let total = 0;
  for (const { length } of iov) total += length;
  return total;
}

/** One buffer after the other, while they become full; an error counts only when nothing was read before. */
function scatter(kernel: Kernel, socket: Socket, iov: readonly Uint8Array[], flags: number): number {
  // What is looked at only, or stands alone, cannot be read in parts.
  if ((flags & (MSG_PEEK | MSG_OOB)) !== 0 && iov.length > 1) return scatterAtOnce(kernel, socket, iov, flags);
  let total = 0;
  for (const into of iov.length === 0 ? [NO_BYTES] : iov) {
    if (into.length === 0 && iov.length > 1) continue;
    // The error that waits behind what was read is left for the next call.
    if (total > 0 && (socket.connection?.tcb.receiveRing.readable ?? 0) === 0) break;
    const n = readStream(kernel, socket, into, 0, into.length, flags);
    if (n < 0) return total > 0 ? total : n;
    total += n;
    if (n < into.length) break;
  }
  return total;
}

function scatterAtOnce(kernel: Kernel, socket: Socket, iov: readonly Uint8Array[], flags: number): number {
  const all = new Uint8Array(bytesOf(iov));
  const n = readStream(kernel, socket, all, 0, all.length, flags);
  let at = 0;
  for (const into of iov) {
    if (at >= n) break;
    into.set(all.subarray(at, Math.min(n, at + into.length)));
    at += into.length;
  }
  return n;
}

/** One buffer after the other, while they are taken whole; an error counts only when nothing was taken before. */
function gather(kernel: Kernel, socket: Socket, iov: readonly Uint8Array[], flags: number): number {
  let total = 0;
  for (const from of iov.length === 0 ? [NO_BYTES] : iov) {
    if (from.length === 0 && iov.length > 1) continue;
    const n = writeStream(kernel, socket, from, 0, from.length, flags);
    if (n < 0) return total > 0 ? total : n;
    total += n;
    if (n < from.length) break;
  }
  return total;
}
