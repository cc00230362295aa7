/** ACKs that connections in TIME-WAIT owe, on their way out. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { headroomFor, writeHeader } from '@tcpstack/ip/output';
import { PROTOCOL_TCP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { finishChecksum } from '@tcpstack/wire/tcp';
import { outletOf } from './connections.ts';
import type { Kernel } from './kernel.ts';
import type { Outlet } from './outlet.ts';
import { sendAlone } from './send-alone.ts';
import { TIME_WAIT_ACK_BYTES_MAX, writeTimeWaitAck } from './time-wait-answer.ts';
import { TRAITS } from './time-wait-table.ts';

/** Writes those that leave by this interface, and queues others at theirs; false when the batch is full and some wait. */
export function writeTimeWaits(kernel: Kernel, outlet: Outlet, batch: PacketBatch): boolean {
  const { timeWaits, routing, nowMs } = kernel;
  for (let index = timeWaits.owing; index >= 0; index = timeWaits.owing) {
    const remote = timeWaits.remoteOf(index);
    const path = routing.lookup(remote);
    const leavesBy = path === null ? null : outletOf(kernel, path);
    if (leavesBy !== outlet) {
      if (leavesBy !== null) queueElsewhere(kernel, leavesBy, index);
      timeWaits.settle(index);
      continue;
    }
    const headroom = headroomFor(remote);
    const most = headroom + TIME_WAIT_ACK_BYTES_MAX;
    if (!batch.hasRoom(most)) return false;
    const at = batch.reserve(most);
    const bytes = writeTimeWaitAck(timeWaits, index, nowMs, batch.arena, at + headroom);
    const traits = timeWaits.word(index, TRAITS);
    const tosByte = (traits >>> 8) & 0xff;
    sendAlone(kernel, outlet, batch, at, bytes, timeWaits.localOf(index), remote, tosByte, traits & 0xff);
  }
  return true;
}

/** In a flood it is lost, and the peer asks again. */
function queueElsewhere(kernel: Kernel, { packets }: Outlet, index: number): void {
  const { timeWaits } = kernel;
  const [local, remote] = [timeWaits.localOf(index), timeWaits.remoteOf(index)];
  const headroom = headroomFor(remote);
  const at = packets.reserve(headroom + TIME_WAIT_ACK_BYTES_MAX);
  if (at < 0) return;
  const { arena } = packets;
  const bytes = writeTimeWaitAck(timeWaits, index, kernel.nowMs, arena, at + headroom);
  const traits = timeWaits.word(index, TRAITS);
  const pseudoSum = pseudoHeaderSumOf(local, remote, PROTOCOL_TCP);
  finishChecksum(arena, at + headroom, at + headroom + bytes, pseudoSum);
  const tosByte = (traits >>> 8) & 0xff;
  writeHeader(kernel.ip, arena, at, headroom + bytes, PROTOCOL_TCP, local, remote, tosByte, traits & 0xff);
  packets.commit(headroom + bytes);
}
