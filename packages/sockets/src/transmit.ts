/** The way out: echo replies, resets, then each connection that may have something to send. */

import { assert } from '@tcpstack/bytes/assert';
import { type PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { IP_HEADROOM_BYTES, writeHeader } from '@tcpstack/ip/output';
import { seq } from '@tcpstack/seq/seq';
import { segmentBytesMax, settleTimers, splitBytes, writeNext } from '@tcpstack/tcp/connection';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import { insertOptions } from '@tcpstack/wire/ip-options';
import { PROTOCOL_TCP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import {
  dataOffsetBytes,
  finishChecksum,
  startChecksum,
  TCP_HEADER_BYTES,
  TCP_HEADER_BYTES_MAX,
  writeTcp,
} from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import type { Kernel } from './kernel.ts';
import { askPath, isPathStale } from './path-mtu.ts';
import type { SourceRoute } from './source-route.ts';
import { writeSynAck } from './syn-ack-queue.ts';
import { retire } from './time-wait.ts';
import { TIME_WAIT_ACK_BYTES_MAX, writeTimeWaitAck } from './time-wait-answer.ts';
import { TRAITS } from './time-wait-table.ts';

/** Segments that one connection may send before the next one has its turn. */
const SEGMENTS_PER_TURN = 32;

/** Appends packets to `batch`. True when it is full and more waits. */
export function fillBatch(kernel: Kernel, batch: PacketBatch): boolean {
  const full =
    !kernel.echo.pollTransmit(batch) ||
    !writeResets(kernel, batch) ||
    !writeSynAcks(kernel, batch) ||
    !writeTimeWaits(kernel, batch) ||
    !writeConnections(kernel, batch);
  assert(!full || batch.count > 0, 'an empty batch has room for the largest packet');
  return full;
}

/** False when the batch is full and some still wait. */
function writeConnections(kernel: Kernel, batch: PacketBatch): boolean {
  const { dirty } = kernel;
  let next = 0;
  for (; next < dirty.length; next++) {
    const connection = dirty[next] as Connection;
    const outcome = connection.listed ? writeSegments(kernel, connection, batch) : 'idle';
    if (outcome === 'full') break;
    if (outcome === 'turn-over') dirty.push(connection);
    else connection.dirty = false;
  }
  dirty.splice(0, next);
  return dirty.length === 0;
}

function writeSegments(kernel: Kernel, connection: Connection, batch: PacketBatch): 'idle' | 'full' | 'turn-over' {
  const { tcb } = connection;
  if (isPathStale(kernel, connection)) askPath(kernel, connection);
  const headroom = headroomBytes(connection.route);
  const most = headroom + segmentBytesMax(tcb);
  for (let i = 0; i < SEGMENTS_PER_TURN; i++) {
    if (!batch.hasRoom(most)) return 'full';
    const at = batch.reserve(most);
    const bytes = writeNext(tcb, kernel.nowMs, batch.arena, at + headroom);
    if (bytes === 0) {
      if (!retire(kernel, connection)) kernel.deadlines.arm(connection, settleTimers(tcb));
      return 'idle';
    }
    const payload = bytes - dataOffsetBytes(batch.arena, at + headroom);
    const segmentBytes = splitBytes(tcb, payload);
    // "SHOULD pass the current Differentiated Services field value without change to the IP layer" [SHLD-22]; nobody but
    // the user changes it meanwhile — RFC 9293 §3.9.1.9, §3.9.2 [SHLD-23]
    const { ttlHops } = tcb.out;
    const tosByte = tcb.out.tosByte | tcb.out.ipEcn;
    sendSegment(
      kernel,
      batch,
      at,
      bytes,
      connection.localAddress,
      connection.remoteAddress,
      connection.pseudoSum,
      segmentBytes,
      tosByte,
      ttlHops,
      connection.route,
    );
  }
  return 'turn-over';
}

/** What stands in front of a segment. */
function headroomBytes(route: SourceRoute | null): number {
  return route === null ? IP_HEADROOM_BYTES : IP_HEADROOM_BYTES + route.option.length;
}

/** Sums (or leaves to the link), puts the IP header in front and commits. */
function sendSegment(
  kernel: Kernel,
  batch: PacketBatch,
  at: number,
  bytes: number,
  localAddress: Readonly<IpAddress>,
  remoteAddress: Readonly<IpAddress>,
  pseudoSum: number,
  segmentBytes: number,
  tosByte: number,
  ttlHops: number,
  route: SourceRoute | null,
): void {
  const tcpAt = at + headroomBytes(route);
  const totalBytes = tcpAt - at + bytes;
  const destination = route === null ? remoteAddress : route.firstHop;
  if (kernel.software) finishChecksum(batch.arena, tcpAt, tcpAt + bytes, pseudoSum);
  else startChecksum(batch.arena, tcpAt, tcpAt + bytes, pseudoSum);
  writeHeader(kernel.ip, batch.arena, at, totalBytes, PROTOCOL_TCP, localAddress, destination, tosByte, ttlHops);
  if (route !== null) insertOptions(batch.arena, at, route.option);
  batch.commit(totalBytes, kernel.software ? 0 : PKT_CSUM_PARTIAL, segmentBytes);
}

function writeTimeWaits(kernel: Kernel, batch: PacketBatch): boolean {
  const { timeWaits } = kernel;
  for (let index = timeWaits.owing; index >= 0; index = timeWaits.owing) {
    const most = IP_HEADROOM_BYTES + TIME_WAIT_ACK_BYTES_MAX;
    if (!batch.hasRoom(most)) return false;
    const at = batch.reserve(most);
    const bytes = writeTimeWaitAck(timeWaits, index, kernel.nowMs, batch.arena, at + IP_HEADROOM_BYTES);
    const local = timeWaits.localOf(index);
    const remote = timeWaits.remoteOf(index);
    const traits = timeWaits.word(index, TRAITS);
    const pseudoSum = pseudoHeaderSumOf(local, remote, PROTOCOL_TCP);
    const tosByte = (traits >>> 8) & 0xff;
    sendSegment(kernel, batch, at, bytes, local, remote, pseudoSum, 0, tosByte, traits & 0xff, null);
  }
  return true;
}

function writeResets(kernel: Kernel, batch: PacketBatch): boolean {
  const { resets } = kernel;
  while (resets.length > 0) {
    if (!batch.hasRoom(IP_HEADROOM_BYTES + TCP_HEADER_BYTES)) return false;
    const at = batch.reserve(IP_HEADROOM_BYTES + TCP_HEADER_BYTES);
    const reset = resets.peek();
    const { localAddress, remoteAddress } = reset;
    writeTcp(
      batch.arena,
      at + IP_HEADROOM_BYTES,
      reset.localPort,
      reset.remotePort,
      seq(reset.seq),
      seq(reset.ack),
      TCP_HEADER_BYTES,
      reset.flags,
      0,
      0,
    );
    const pseudoSum = pseudoHeaderSumOf(localAddress, remoteAddress, PROTOCOL_TCP);
    sendSegment(
      kernel,
      batch,
      at,
      TCP_HEADER_BYTES,
      localAddress,
      remoteAddress,
      pseudoSum,
      0,
      reset.tosByte,
      reset.ttlHops,
      null,
    );
    kernel.counters.resetsSent++;
    resets.shift();
  }
  return true;
}

/** The answers that SYN cookies are. */
function writeSynAcks(kernel: Kernel, batch: PacketBatch): boolean {
  const { answers } = kernel.door;
  const most = IP_HEADROOM_BYTES + TCP_HEADER_BYTES_MAX;
  while (answers.length > 0) {
    if (!batch.hasRoom(most)) return false;
    const at = batch.reserve(most);
    const one = answers.peek();
    const { localAddress, remoteAddress, tosByte, ttlHops } = one;
    const bytes = writeSynAck(one, batch.arena, at + IP_HEADROOM_BYTES);
    const pseudoSum = pseudoHeaderSumOf(localAddress, remoteAddress, PROTOCOL_TCP);
    sendSegment(kernel, batch, at, bytes, localAddress, remoteAddress, pseudoSum, 0, tosByte, ttlHops, null);
    answers.shift();
  }
  return true;
}
