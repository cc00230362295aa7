/** socket(2): a fresh socket and the lowest free descriptor. */

import type { Kernel } from '../kernel.ts';
import { createSocket } from '../socket.ts';
import { openFile } from './descriptor.ts';

export function sysSocket(kernel: Kernel): number {
  return openFile(kernel, createSocket(kernel.optionValues), false);
}
