/** The two worlds a case runs in: Node's own net on the loopback of this machine, and ours on one inside a stack. */

import nodeNet from 'node:net';
import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { createStack } from '../../src/net.ts';
import type { Net } from './trial.ts';

export interface World {
  readonly net: Net;
  close(): Promise<void>;
}

export function nodeWorld(): World {
  return { net: nodeNet, close: async () => {} };
}

/** A stack on a link that leads nowhere: all that the cases need is its 127.0.0.1 and ::1. */
export function ourWorld(): World {
  const [link] = createMemoryLinkPair();
  const stack = createStack({ link, address: '10.0.0.1', moreAddresses: ['fd00::1/64'] });
  return { net: stack as unknown as Net, close: () => stack.close() };
}
