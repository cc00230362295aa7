/** A capture file that Wireshark opens, written as packets cross. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { type PacketSink, pcapngSink } from '@tcpstack/runtime/capture-link';
import { Failure } from './cli.ts';

export interface PcapFile {
  /** Hand it to `captureLink`. */
  readonly sink: PacketSink;
  /** Writes what is left. Calling twice is fine. */
  close(): void;
}

/** Bytes gathered before a write: one call for some hundred packets. */
const BUFFER_BYTES = 256 * 1024;
/** How old a packet may grow in memory, so that a reader of the growing file sees it. */
const FLUSH_MS = 200;

/**
 * Makes the file, or empties it.
 *
 * @throws {Failure} When the file cannot be written.
 */
export function openPcapFile(path: string, interfaceName: string): PcapFile {
  const fd = openForWriting(path);
  let buffer: Uint8Array[] = [];
  let bufferedBytes = 0;
  let broken = false;
  let closed = false;

  const flush = (): void => {
    if (bufferedBytes === 0 || broken) return;
    try {
      writeAll(fd, Buffer.concat(buffer));
    } catch (error) {
      // The traffic is worth more than its record.
      broken = true;
      process.emitWarning(`${path}: ${(error as Error).message}: the capture ends here`);
    }
    buffer = [];
    bufferedBytes = 0;
  };
  const write = (bytes: Uint8Array): void => {
    if (closed || broken) return;
    buffer.push(bytes);
    bufferedBytes += bytes.length;
    if (bufferedBytes >= BUFFER_BYTES) flush();
  };
  const timer = setInterval(flush, FLUSH_MS).unref();

  return {
    sink: pcapngSink(write, { name: interfaceName }),
    close: () => {
      if (closed) return;
      flush();
      closed = true;
      clearInterval(timer);
      closeSync(fd);
    },
  };
}

function openForWriting(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new Failure(`--pcap ${path}: ${(error as NodeJS.ErrnoException).code}: choose a file that can be written`);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}
