/** The character generator protocol (RFC 864): lines of characters without an end, and datagrams of some of them. */

import { Readable } from 'node:stream';
import type { Service } from './service.ts';

/** "There are 95 printing characters in the ASCII character set." */
const CHARACTERS = 95;
const FIRST_CHARACTER = 0x20;
/** "72 character lines of the ASCII printing characters". */
const LINE_CHARACTERS = 72;
const LINE_BYTES = LINE_CHARACTERS + 2;
/** "a random number (between 0 and 512) of characters" */
const DATAGRAM_CHARACTERS_MAX = 512;
/** After so many lines the pattern begins again. */
export const PATTERN_BYTES = CHARACTERS * LINE_BYTES;
/** Repeated, so that a chunk is worth its while. */
const CHUNK_PATTERNS = 9;

const CHUNK = chunk();

export const CHARGEN: Service = {
  name: 'chargen',
  port: 19,
  /**
   * "Once a connection is established a stream of data is sent out the connection (and any data received is thrown
   * away). This continues until the calling user terminates the connection." — RFC 864.
   */
  serve: (socket) => {
    const source = new Readable({
      read() {
        this.push(CHUNK);
      },
    });
    const stop = (): void => {
      source.unpipe(socket);
      source.destroy();
      socket.end();
    };
    source.pipe(socket);
    socket
      .resume()
      .once('end', stop)
      .once('close', () => source.destroy());
    return stop;
  },
  /** "(the data in the received datagram is ignored)" — RFC 864. */
  answer: () => CHUNK.subarray(0, Math.floor(Math.random() * (DATAGRAM_CHARACTERS_MAX + 1))),
};

/** The byte at `position` of the stream: "On line N, put characters (0+N mod 95) through (71+N mod 95)." */
export function characterAt(position: number): number {
  const column = position % LINE_BYTES;
  if (column >= LINE_CHARACTERS) return column === LINE_CHARACTERS ? 0x0d : 0x0a;
  const line = Math.floor(position / LINE_BYTES);
  return FIRST_CHARACTER + ((line + column) % CHARACTERS);
}

function chunk(): Buffer {
  const pattern = Buffer.from(Uint8Array.from({ length: PATTERN_BYTES }, (_, position) => characterAt(position)));
  return Buffer.concat(Array.from({ length: CHUNK_PATTERNS }, () => pattern));
}
