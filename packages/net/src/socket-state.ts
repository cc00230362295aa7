/** What a Socket keeps to itself. It lies under a symbol, so that a plain function can make a Socket of any object. */

import type { OnReadOptions } from './caller-reading.ts';
import type { StackContext } from './context.ts';
import { IdleTimer } from './idle-timer.ts';
import type { Socket } from './socket.ts';
import type { AddressInfo } from './socket-names.ts';
import { SocketOptionSet, type TcpOptions } from './socket-options.ts';

/** The key of a Socket's state. */
export const kState: unique symbol = Symbol('tcpstack.socket');

export class SocketState {
  readonly context: StackContext;
  readonly idle: IdleTimer;
  readonly options: SocketOptionSet;
  readonly onread: OnReadOptions | null;
  /** Its `signal` was aborted before it was made: the first `connect` comes too late. */
  isStillborn: boolean;
  /** The stream asked for bytes while there was no connection. */
  wantsRead = false;
  /** What waits for the connection: a write, an end. */
  waiting: (() => void)[] = [];
  /** Tells the write that waits that there will be no connection. */
  abandon: (() => void) | null = null;
  /** The chunks of the write that waits. */
  pending: readonly { readonly chunk: Uint8Array }[] = [];
  bytesRead = 0;
  bytesWritten = 0;
  local: AddressInfo | null = null;
  remote: AddressInfo | null = null;

  constructor(
    context: StackContext,
    socket: Socket,
    options: TcpOptions,
    onread: OnReadOptions | null,
    isStillborn: boolean,
  ) {
    this.context = context;
    this.idle = new IdleTimer(socket);
    this.options = new SocketOptionSet(options);
    this.onread = onread;
    this.isStillborn = isStillborn;
  }
}
