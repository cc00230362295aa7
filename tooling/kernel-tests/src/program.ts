/** A program that knows nothing of us, run by Node: as it is, or with our stack in the place of Node's `net`. */

import type { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';

/** `ours`: on the device `tcp0`, as 10.77.0.2; its handles of TCP, if it makes any, stand in what it says at its end. */
export type Whose = 'ours' | 'nodes';

const WATCH = new URL('../../../packages/net/test/hooked/watch-handles.mjs', import.meta.url).href;

/** What runs on ours says this at its end, unless a byte of its TCP went by the kernel. */
export const NO_KERNEL_TCP = 'kernel handles: none';

/** @param file In `programs/`. */
export function startProgram(namespace: Namespace, whose: Whose, file: string, ...args: string[]): NodeProcess {
  const script = new URL(`../programs/${file}`, import.meta.url);
  if (whose === 'nodes') return namespace.node(script, args);
  return namespace.node(script, args, {
    nodeOptions: [`--import=${WATCH}`, `--import=${import.meta.resolve('@tcpstack/net/register')}`],
    env: { TCPSTACK_TUN: 'tcp0', TCPSTACK_ADDRESS: '10.77.0.2/24', TCPSTACK_HOST_ADDRESS: '10.77.0.1/24' },
  });
}
