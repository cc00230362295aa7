/** Segments that no connection sends any more: resets, and what TIME-WAIT still says. */

import { type PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { headroomFor, writeHeader } from '@tcpstack/ip/output';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_TCP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { finishChecksum, startChecksum } from '@tcpstack/wire/tcp';
import type { Kernel } from './kernel.ts';
import type { Outlet } from './outlet.ts';

/** Sums the segment of `lengthBytes` at `bytes[at...]`, or leaves that to the link. */
export function sumSegment(
  bytes: Uint8Array,
  at: number,
  lengthBytes: number,
  pseudoSum: number,
  isSoftware: boolean,
): void {
  if (isSoftware) finishChecksum(bytes, at, at + lengthBytes, pseudoSum);
  else startChecksum(bytes, at, at + lengthBytes, pseudoSum);
}

/** Sends the segment of `segmentBytes` that stands behind the room of an IP header at the place reserved, `at`. */
export function sendAlone(
  kernel: Kernel,
  { out }: Outlet,
  batch: PacketBatch,
  at: number,
  segmentBytes: number,
  local: Readonly<IpAddress>,
  remote: Readonly<IpAddress>,
  tosByte: number,
  ttlHops: number,
): void {
  kernel.counters.segmentsSent++;
  const headroom = headroomFor(remote);
  const totalBytes = headroom + segmentBytes;
  const pseudoSum = pseudoHeaderSumOf(local, remote, PROTOCOL_TCP);
  sumSegment(batch.arena, at + headroom, segmentBytes, pseudoSum, out.isSoftware);
  writeHeader(kernel.ip, batch.arena, at, totalBytes, PROTOCOL_TCP, local, remote, tosByte, ttlHops);
  batch.commit(totalBytes, out.isSoftware ? 0 : PKT_CSUM_PARTIAL, 0);
}
