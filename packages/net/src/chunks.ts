/** What a Writable hands over: text is turned into bytes here, so that the stream counts it as Node's does. */

/** A chunk with its encoding; "buffer" for bytes. */
export interface Chunk {
  readonly chunk: Uint8Array | string;
  readonly encoding: BufferEncoding;
}

/** A chunk of bytes. */
export interface Piece {
  readonly chunk: Uint8Array;
}

/** One chunk. */
export function decoded(chunk: Uint8Array | string, encoding: BufferEncoding): readonly Piece[] {
  return [{ chunk: typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk }];
}

/** Several; the same array when the stream says that no text is among them. */
export function decodedAll(chunks: readonly Chunk[] & { readonly allBuffers?: boolean }): readonly Piece[] {
  if (chunks.allBuffers === true) return chunks as readonly Piece[];
  return chunks.map(({ chunk, encoding }) => ({
    chunk: typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
  }));
}

export function bytesOf(chunks: readonly (Piece | Chunk)[]): number {
  let bytes = 0;
  for (const one of chunks) {
    const { chunk } = one;
    bytes += typeof chunk === 'string' ? Buffer.byteLength(chunk, (one as Chunk).encoding) : chunk.length;
  }
  return bytes;
}
