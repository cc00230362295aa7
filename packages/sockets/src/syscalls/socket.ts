/** socket(2): a fresh socket and the lowest free descriptor. */

import { EMFILE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { createSocket } from '../socket.ts';

export function sysSocket(kernel: Kernel): number {
  const fd = kernel.fds.add(createSocket(kernel.optionValues));
  return fd < 0 ? -EMFILE : fd;
}
