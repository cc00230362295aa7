/** Carries connections of the operating system to our stack, so that any browser reaches it without root. */

import type { Connect, Socket as StackSocket } from '@tcpstack/net';
import net from 'node:net';

/** Where the bridge leads. */
export interface BridgeTarget {
  readonly connect: Connect;
  readonly host: string;
  readonly port: number;
}

/** Each connection of the server gets one of the stack; bytes, ends and errors cross both ways. */
export function createBridge(target: BridgeTarget): net.Server {
  return net.createServer({ allowHalfOpen: true, noDelay: true }, (outside) => {
    const { host, port } = target;
    const inside = target.connect({ host, port, allowHalfOpen: true, noDelay: true });
    join(outside, inside);
  });
}

function join(outside: net.Socket, inside: StackSocket): void {
  outside.pipe(inside);
  inside.pipe(outside);
  breakTogether(outside, inside);
  breakTogether(inside, outside);
}

/** A connection that broke, or was closed before all was said, resets the other: its peer must not see an end. */
function breakTogether(one: net.Socket | StackSocket, other: net.Socket | StackSocket): void {
  one.on('error', () => other.resetAndDestroy());
  one.on('close', () => {
    if (!one.readableEnded && !other.destroyed) other.resetAndDestroy();
  });
}
