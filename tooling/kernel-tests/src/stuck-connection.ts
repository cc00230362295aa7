/** A connection that is written far more than fits and never read: both sides' buffers are full when it is reset. */

import { once } from 'node:events';
import type { ConnectionShape } from './net-shape.ts';

/** More than all send and receive buffers of both sides together. */
const PENDING_BYTES = 64 * 1024 * 1024;
/** The old connection's bytes: no conversation sends a run of these. */
const PENDING_BYTE = 0x11;

export class StuckConnection {
  readonly connection: ConnectionShape;
  /** Resolves when bytes of the other side have arrived. */
  readonly full: Promise<unknown>;
  /** Resolves with what ended the pending write. */
  readonly writeError: Promise<Error>;

  constructor(connection: ConnectionShape) {
    this.connection = connection;
    connection.pause();
    this.full = once(connection, 'readable');
    this.full.catch(() => {});
    this.writeError = new Promise((resolve, reject) => {
      connection.once('error', () => {}); // the same that the write reports
      connection.write(Buffer.alloc(PENDING_BYTES, PENDING_BYTE), (error) => {
        if (error == null) reject(new Error('a write that nobody reads has ended well'));
        else resolve(error);
      });
    });
    this.writeError.catch(() => {});
  }
}
