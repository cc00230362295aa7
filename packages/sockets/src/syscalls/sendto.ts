/** sendto(2): of a datagram with whom it is for; like send(2) on a stream, but with MSG_FASTOPEN connect(2) and write(2) in one, and in one segment if it may be (RFC 7413). */

import type { SockAddr } from '../call-types.ts';
import { MSG_FASTOPEN } from '../constants.ts';
import { EINVAL, EOPNOTSUPP } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { sysConnect } from './connect.ts';
import { sendTo } from './datagram-send.ts';
import { notSocket } from './descriptor.ts';
import { writeStream } from './write.ts';

/** Bit of the setting `fastOpen` that lets clients use it. */
const CLIENT = 0x1;
/** Like Linux: who names nobody is refused as connect(2) would, after what it says of sockets that have begun. */
const NOWHERE: SockAddr = { address: '', port: 0 };

export function sysSendto(
  kernel: Kernel,
  fd: number,
  from: Uint8Array,
  at: number,
  end: number,
  flags: number,
  to: SockAddr | null,
): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (!(at >= 0 && at <= end && end <= from.length)) return -EINVAL;
  const { datagrams } = socket;
  if (datagrams !== null) return sendTo(kernel, socket, datagrams, [from.subarray(at, end)], flags, to);
  const opened = openFor(kernel, fd, flags, to);
  return opened < 0 ? opened : writeStream(kernel, socket, from, at, end, flags);
}

/**
 * What MSG_FASTOPEN does before bytes are written: connects, so that they ride on the SYN. Where nothing is known of the
 * server yet, the SYN asks for a cookie, the bytes are for later, and it is -EINPROGRESS.
 */
export function openFor(kernel: Kernel, fd: number, flags: number, to: SockAddr | null): number {
  if ((flags & MSG_FASTOPEN) === 0) return 0;
  if ((kernel.settings.fastOpen & CLIENT) === 0) return -EOPNOTSUPP;
  return sysConnect(kernel, fd, to ?? NOWHERE, undefined, true);
}
