/** Carries connections of the operating system to our stack, so that any browser reaches it without root. */

import net from 'node:net';
import type { Connect, Socket as StackSocket } from '@tcpstack/net';

/** Where the bridge leads. */
export interface BridgeTarget {
  readonly connect: Connect;
  readonly host: string;
  readonly port: number;
}

export interface Bridge {
  /** Listens with a socket of the operating system. */
  readonly server: net.Server;
  /** Ends what is still open outside. */
  destroy(): void;
}

/** Each connection of its server gets one of the stack; bytes, ends and errors cross both ways. */
export function createBridge({ connect, host, port }: BridgeTarget): Bridge {
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (outside) => {
    open.add(outside);
    outside.once('close', () => open.delete(outside));
    join(outside, connect({ host, port, allowHalfOpen: true, noDelay: true }));
  });
  return {
    server,
    destroy: () => {
      for (const outside of open) outside.destroy();
    },
  };
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
