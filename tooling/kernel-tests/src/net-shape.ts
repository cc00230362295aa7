/** What the two sides of a test have in common: `node:net`, and our stack in its shape. */

import type { Duplex } from 'node:stream';

/** A connection of either. */
export interface ConnectionShape extends Duplex {
  readonly localPort?: number | undefined;
  readonly remotePort?: number | undefined;
  setKeepAlive(enable: boolean, initialDelayMs: number): unknown;
  resetAndDestroy(): unknown;
}

/** A listener of either. */
export interface ServerShape {
  listen(port: number, host: string, listener: () => void): unknown;
  address(): unknown;
  close(): unknown;
}

/** Where a connection goes and from where. */
export interface Target {
  readonly port: number;
  readonly host: string;
  /** Default: an ephemeral port. */
  readonly localPort?: number;
  readonly allowHalfOpen?: boolean;
}

/** The functions that the tests use of either. */
export interface NetShape {
  createServer(
    options: { readonly allowHalfOpen?: boolean },
    listener: (connection: ConnectionShape) => void,
  ): ServerShape;
  connect(target: Target): ConnectionShape;
}
