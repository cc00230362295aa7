/** In place of a Socket's `write` once the end of the peer has ended it: the usual words would put the blame on the program. */

import { Duplex } from 'node:stream';
import { endedByPeer } from './errors.ts';
import type { Socket } from './socket.ts';

type Callback = (error?: Error | null) => void;

export function writeAfterEnd(
  this: Socket,
  chunk: unknown,
  encoding?: BufferEncoding | Callback,
  callback?: Callback,
): boolean {
  if (!this.writableEnded) return Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, callback);
  const error = endedByPeer();
  const done = typeof encoding === 'function' ? encoding : callback;
  if (typeof done === 'function') process.nextTick(done, error);
  this.destroy(error);
  return false;
}
