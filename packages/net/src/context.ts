/** What the sockets and servers of one stack share. */

import net from 'node:net';
import type { Driver } from '@tcpstack/runtime/driver';

/** What a stack must end when it closes. */
export interface OpenSocket {
  readonly connecting: boolean;
  readonly writableLength: number;
  destroy(): unknown;
  resetAndDestroy(): unknown;
}
export interface OpenServer {
  close(): unknown;
}

/** How a name with several addresses is tried; the stack's own, as these are Node's own for all of its sockets. */
export interface AutoSelect {
  family: boolean;
  attemptTimeoutMs: number;
}

/** Bytes asked for in one read; also the size of the chunks of a fast stream. */
const READ_BYTES = 64 * 1024;

/** One per stack. */
export class StackContext {
  readonly driver: Driver;
  /** Those with a descriptor. */
  readonly sockets = new Set<OpenSocket>();
  readonly servers = new Set<OpenServer>();
  /** Begins with what the process was started with. */
  readonly autoSelect: AutoSelect = {
    family: net.getDefaultAutoSelectFamily(),
    attemptTimeoutMs: net.getDefaultAutoSelectFamilyAttemptTimeout(),
  };
  #buffer: Buffer | null = null;

  /** Where servers listen that are not told: each address of the stack, of whatever family. */
  readonly anyAddress: '::' | '0.0.0.0';

  constructor(driver: Driver, anyAddress: StackContext['anyAddress']) {
    this.driver = driver;
    this.anyAddress = anyAddress;
  }

  /** A buffer to read into: 64 KiB, contents undefined. Nobody keeps it, unless `takeReadBuffer` is called. */
  get readBuffer(): Buffer {
    this.#buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    return this.#buffer;
  }

  /** The caller keeps the read buffer; the next read gets another. */
  takeReadBuffer(): void {
    this.#buffer = null;
  }
}
