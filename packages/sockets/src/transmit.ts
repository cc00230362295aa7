/** The way out by one interface: what the IP layer says, resets, then each connection that may have something to send. */

import { assert } from '@tcpstack/bytes/assert';
import { type PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { headroomFor, writeHeader } from '@tcpstack/ip/output';
import { seq } from '@tcpstack/seq/seq';
import { segmentBytesMax, splitBytes, writeNext } from '@tcpstack/tcp/connection';
import { insertOptions } from '@tcpstack/wire/ip-options';
import { PROTOCOL_TCP } from '@tcpstack/wire/ipv4';
import { dataOffsetBytes, TCP_HEADER_BYTES, TCP_HEADER_BYTES_MAX, writeTcp } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { outletOf } from './connections.ts';
import type { Kernel } from './kernel.ts';
import type { Outlet } from './outlet.ts';
import { askPath, isPathStale } from './path-mtu.ts';
import { sendAlone, sumSegment } from './send-alone.ts';
import { settle } from './settle.ts';
import { writeSynAck } from './syn-ack-queue.ts';
import { retire } from './time-wait.ts';
import { writeTimeWaits } from './time-wait-output.ts';
import { wakeSenders } from './udp-room.ts';

/** Segments that one connection may send before the next one has its turn. */
const SEGMENTS_PER_TURN = 32;

/**
 * Appends to `batch` what leaves by the interface, and moves what is for ourselves on its way. True when the batch is full
 * and more waits.
 */
export function fillBatch(kernel: Kernel, batch: PacketBatch, interfaceIndex: number): boolean {
  const outlet = kernel.outlets[interfaceIndex];
  assert(outlet !== undefined && interfaceIndex > 0, 'packets leave by an interface that there is');
  const isFull = !fillOutlet(kernel, outlet, batch);
  assert(!isFull || batch.count > 0, 'an empty batch has room for the largest packet');
  kernel.loopback.collect(kernel, kernel.outlets[0] as Outlet);
  return isFull;
}

/** False when the batch is full and more waits. */
export function fillOutlet(kernel: Kernel, outlet: Outlet, batch: PacketBatch): boolean {
  return (
    writePackets(kernel, outlet, batch) &&
    outlet.transit.pollTransmit(batch) &&
    writeResets(kernel, outlet, batch) &&
    writeSynAcks(kernel, outlet, batch) &&
    writeTimeWaits(kernel, outlet, batch) &&
    writeConnections(kernel, outlet, batch)
  );
}

/** Who waits for room among the datagrams may try again: there is some. */
function writePackets(kernel: Kernel, { packets }: Outlet, batch: PacketBatch): boolean {
  const isDone = packets.pollTransmit(batch);
  if (isDone && kernel.awaitRoom.length > 0) wakeSenders(kernel);
  return isDone;
}

/** False when the batch is full and some still wait. */
function writeConnections(kernel: Kernel, outlet: Outlet, batch: PacketBatch): boolean {
  const { dirty } = outlet;
  let next = 0;
  for (; next < dirty.length; next++) {
    const connection = dirty[next] as Connection;
    const outcome = connection.listed ? writeSegments(kernel, outlet, connection, batch) : 'idle';
    if (outcome === 'full') break;
    if (outcome === 'turn-over') dirty.push(connection);
    else if (outcome === 'elsewhere') outletOf(kernel, connection.path).dirty.push(connection);
    else connection.dirty = false;
  }
  if (next > 0) dirty.splice(0, next);
  return dirty.length === 0;
}

function writeSegments(
  kernel: Kernel,
  outlet: Outlet,
  connection: Connection,
  batch: PacketBatch,
): 'idle' | 'full' | 'turn-over' | 'elsewhere' {
  const { tcb, route } = connection;
  if (isPathStale(kernel, connection)) {
    askPath(kernel, connection);
    if (connection.path.out !== outlet.out) return 'elsewhere';
  }
  const headroom = connection.headroomBytes + (route === null ? 0 : route.option.length);
  const most = headroom + segmentBytesMax(tcb);
  for (let i = 0; i < SEGMENTS_PER_TURN; i++) {
    if (!batch.hasRoom(most)) return 'full';
    const at = batch.reserve(most);
    const bytes = writeNext(tcb, kernel.nowMs, batch.arena, at + headroom);
    if (bytes === 0) {
      if (!retire(kernel, connection)) kernel.deadlines.arm(connection, settle(tcb, kernel.nowMs));
      return 'idle';
    }
    const payload = bytes - dataOffsetBytes(batch.arena, at + headroom);
    const splitTo = splitBytes(tcb, payload);
    kernel.counters.segmentsSent += splitTo === 0 ? 1 : Math.ceil(payload / splitTo);
    sendSegment(kernel, outlet, batch, at, headroom, bytes, connection, splitTo);
  }
  return 'turn-over';
}

/** Sums (or leaves to the link), puts the IP header in front and commits. */
function sendSegment(
  kernel: Kernel,
  { out }: Outlet,
  batch: PacketBatch,
  at: number,
  headroom: number,
  bytes: number,
  connection: Connection,
  segmentBytes: number,
): void {
  const { tcb, route, localAddress } = connection;
  const { arena } = batch;
  sumSegment(arena, at + headroom, bytes, connection.pseudoSum, out.isSoftware);
  // "SHOULD pass the current Differentiated Services field value without change to the IP layer" [SHLD-22]; nobody but
  // the user changes it meanwhile — RFC 9293 §3.9.1.9, §3.9.2 [SHLD-23]
  const tosByte = tcb.out.tosByte | tcb.out.ipEcn;
  const destination = route === null ? connection.remoteAddress : route.firstHop;
  const { flowLabel } = connection;
  const totalBytes = headroom + bytes;
  const { ttlHops } = tcb.out;
  const { routersMaySplit } = tcb.wishes;
  const { ip } = kernel;
  writeHeader(
    ip,
    arena,
    at,
    totalBytes,
    PROTOCOL_TCP,
    localAddress,
    destination,
    tosByte,
    ttlHops,
    flowLabel,
    routersMaySplit,
  );
  if (route !== null) insertOptions(arena, at, route.option);
  batch.commit(totalBytes, out.isSoftware ? 0 : PKT_CSUM_PARTIAL, segmentBytes);
}

function writeResets(kernel: Kernel, outlet: Outlet, batch: PacketBatch): boolean {
  const { resets } = outlet;
  while (resets.length > 0) {
    const reset = resets.peek();
    const { localAddress, remoteAddress, localPort, remotePort, flags, tosByte, ttlHops } = reset;
    const headroom = headroomFor(remoteAddress);
    if (!batch.hasRoom(headroom + TCP_HEADER_BYTES)) return false;
    const at = batch.reserve(headroom + TCP_HEADER_BYTES);
    const [sequence, acknowledgment] = [seq(reset.seq), seq(reset.ack)];
    const tcpAt = at + headroom;
    writeTcp(batch.arena, tcpAt, localPort, remotePort, sequence, acknowledgment, TCP_HEADER_BYTES, flags, 0, 0);
    sendAlone(kernel, outlet, batch, at, TCP_HEADER_BYTES, localAddress, remoteAddress, tosByte, ttlHops);
    kernel.counters.resetsSent++;
    resets.shift();
  }
  return true;
}

/** The answers that SYN cookies are. */
function writeSynAcks(kernel: Kernel, outlet: Outlet, batch: PacketBatch): boolean {
  const { synAcks } = outlet;
  while (synAcks.length > 0) {
    const one = synAcks.peek();
    const { localAddress, remoteAddress, tosByte, ttlHops } = one;
    const headroom = headroomFor(remoteAddress);
    const most = headroom + TCP_HEADER_BYTES_MAX;
    if (!batch.hasRoom(most)) return false;
    const at = batch.reserve(most);
    const bytes = writeSynAck(one, batch.arena, at + headroom);
    sendAlone(kernel, outlet, batch, at, bytes, localAddress, remoteAddress, tosByte, ttlHops);
    synAcks.shift();
  }
  return true;
}
