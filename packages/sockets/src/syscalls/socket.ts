/** socket(2): a fresh socket and the lowest free descriptor. */

import { EMFILE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { createOptionValues } from '../option-values.ts';
import { createSocket } from '../socket.ts';

export function sysSocket(kernel: Kernel): number {
  const { sendBufferBytes, receiveBufferBytes, congestion } = kernel.settings;
  const fd = kernel.fds.add(createSocket(createOptionValues(sendBufferBytes, receiveBufferBytes, congestion)));
  return fd < 0 ? -EMFILE : fd;
}
