/** socket(2): a fresh socket and the lowest free descriptor. */

import { SOCK_CLOEXEC, SOCK_NONBLOCK } from '../constants.ts';
import { EINVAL } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { findKind } from '../socket-kinds.ts';
import { openFile } from './descriptor.ts';

/** The bits of a type that are no flags. */
const TYPE_MASK = 0xf;

export function sysSocket(kernel: Kernel, domain: number, type: number, protocol: number): number {
  if ((type & ~(TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return -EINVAL;
  const kind = findKind(domain, type & TYPE_MASK, protocol);
  if (typeof kind === 'number') return kind;
  const socket = kind.create(kernel);
  socket.statusFlags |= type & SOCK_NONBLOCK;
  return openFile(kernel, socket, (type & SOCK_CLOEXEC) !== 0);
}
