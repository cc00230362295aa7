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

/** How a name with several addresses is tried: as Node's own sockets do, until the stack is told otherwise. */
export class AutoSelect {
  #family: boolean | null = null;
  #attemptTimeoutMs: number | null = null;

  get family(): boolean {
    return this.#family ?? net.getDefaultAutoSelectFamily();
  }

  set family(isOn: boolean) {
    this.#family = isOn;
  }

  get attemptTimeoutMs(): number {
    return this.#attemptTimeoutMs ?? net.getDefaultAutoSelectFamilyAttemptTimeout();
  }

  set attemptTimeoutMs(timeoutMs: number) {
    this.#attemptTimeoutMs = timeoutMs;
  }
}

/** Bytes asked for in one read; also the size of the chunks of a fast stream. */
const READ_BYTES = 64 * 1024;

/** One per stack. */
export class StackContext {
  readonly driver: Driver;
  /** Those with a descriptor. */
  readonly sockets = new Set<OpenSocket>();
  readonly servers = new Set<OpenServer>();
  readonly autoSelect = new AutoSelect();
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
