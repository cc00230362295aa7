/** A batch of packets comes in: IP, then TCP, then the connection, the listener, or nobody. */

import { type PacketBatch, PKT_CSUM_PARTIAL, PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { answerEcho } from '@tcpstack/ip/echo';
import { receive } from '@tcpstack/ip/input';
import type { IpPacket } from '@tcpstack/ip/packet';
import { type Seq, toInt32 } from '@tcpstack/seq/seq';
import { acceptSyn, endConnection, resetFor, segmentArrives } from '@tcpstack/tcp/connection';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { readSegment, type Segment } from '@tcpstack/wire/segment';
import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import { admitSegment, admitSyn, beginHandshake } from './admission.ts';
import { sharingOf } from './bind-conflict.ts';
import type { Connection } from './connection.ts';
import { afterActivity, chooseIss, outletOf } from './connections.ts';
import { answerByCookie, takeCookie } from './cookie-door.ts';
import { learnFromAnswer, openFast } from './fast-open.ts';
import { turnAway } from './forwarding.ts';
import { takeIcmpError } from './icmp.ts';
import { mtuBack } from './ip-layer.ts';
import type { Kernel } from './kernel.ts';
import type { Listener } from './listener.ts';
import { confirmNeighbour } from './neighbour-confirmation.ts';
import { openPassive, wayBack } from './passive-open.ts';
import { listenerFor } from './reuse-port.ts';
import { saveReturnRoute } from './source-route.ts';
import { applyOptions } from './syscalls/options/tables.ts';
import { isNewIncarnation, issAfter, toTimeWait } from './time-wait.ts';
import { takeDatagram } from './udp-arrival.ts';

/**
 * Takes every packet of the batch; never throws because of what is in it. Nothing is sent meanwhile: "if the TCP
 * endpoint is processing a series of queued segments, it MUST process them all before sending any ACK segments" — RFC
 * 9293 §3.10.7.4 [MUST-59].
 */
export function takeBatch(kernel: Kernel, batch: PacketBatch, interfaceIndex: number): void {
  kernel.ipInput.nowMs = kernel.nowMs;
  const port = kernel.ethernet[interfaceIndex] ?? null;
  for (let i = 0; i < batch.count; i++) {
    const end = batch.offsetAt(i) + batch.lengthAt(i);
    const at = port === null ? batch.offsetAt(i) : port.arrive(kernel.nowMs, batch.arena, batch.offsetAt(i), end);
    if (at < 0) continue;
    takePacket(kernel, batch, i, at, end, interfaceIndex);
  }
}

function takePacket(
  kernel: Kernel,
  batch: PacketBatch,
  i: number,
  at: number,
  end: number,
  interfaceIndex: number,
): void {
  const { packet } = kernel;
  if (!receive(kernel.ipInput, batch.arena, at, end, interfaceIndex, packet)) {
    turnAway(kernel, batch, i);
    return;
  }
  const trusted = (batch.flagsAt(i) & (PKT_CSUM_VALID | PKT_CSUM_PARTIAL)) !== 0;
  // What was put together from fragments nobody vouched for.
  const vouched = trusted && packet.bytes === batch.arena;
  if (packet.protocol === PROTOCOL_TCP) takeSegment(kernel, packet, vouched);
  else if (packet.protocol === PROTOCOL_UDP) takeDatagram(kernel, packet, vouched);
  else if (!takeIcmpError(kernel, packet)) takeEcho(kernel, packet);
}

function takeEcho(kernel: Kernel, packet: IpPacket): void {
  const path = wayBack(kernel, packet);
  if (path === null) {
    kernel.counters.icmpNoWayBack++;
    return;
  }
  answerEcho(kernel.datagrams, packet, mtuBack(kernel, packet, path), outletOf(kernel, path).packets);
}

function takeSegment(kernel: Kernel, packet: IpPacket, trusted: boolean): void {
  const seg = kernel.segment;
  kernel.counters.segmentsReceived++;
  const { bytes, source, destination } = packet;
  const pseudoSum = trusted ? 0 : pseudoHeaderSumOf(source, destination, PROTOCOL_TCP);
  const fault = readSegment(bytes, packet.transportAt, packet.end, pseudoSum, trusted, seg);
  if (fault !== null) {
    if (fault === 'bad-checksum') kernel.counters.badChecksums++;
    else kernel.counters.badSegments++;
    return;
  }
  seg.tosByte = packet.tosByte;
  const connection = kernel.connections.find(source, seg.sourcePort, destination, seg.destinationPort);
  let usedUpTo: Seq | null = null;
  if (connection !== null) {
    if (!yieldsToNewSyn(kernel, connection, seg)) {
      if (seg.seq === connection.tcb.rcv.nxt) saveReturnRoute(connection, packet);
      toConnection(kernel, connection, seg);
      return;
    }
    usedUpTo = connection.tcb.snd.nxt;
  }
  const listener = listenerFor(kernel, packet, seg);
  const inTimeWait = kernel.timeWaits.find(source, seg.sourcePort, destination, seg.destinationPort);
  if (inTimeWait >= 0) {
    usedUpTo = toTimeWait(kernel, inTimeWait, seg, listener !== null);
    if (usedUpTo === null) return;
  }
  if (listener === null) {
    kernel.counters.noListener++;
    answerWithReset(kernel, packet, seg);
    return;
  }
  toListener(kernel, listener, packet, seg, usedUpTo);
  if (packet.hasOptions) {
    const made = kernel.connections.find(source, seg.sourcePort, destination, seg.destinationPort);
    if (made !== null) saveReturnRoute(made, packet);
  }
}

function toConnection(kernel: Kernel, connection: Connection, seg: Segment): void {
  if (connection.queue === 'syn' && !mayOpen(kernel, connection, seg)) return;
  kernel.counters.connectionSegments++;
  connection.receivedTosByte = seg.tosByte;
  const { tcb } = connection;
  const { una } = tcb.snd;
  const asked = tcb.handshake.fastOpen.isAsked && tcb.state === 'SYN-SENT';
  const verdict = segmentArrives(tcb, seg, kernel.nowMs);
  if (tcb.snd.una !== una) confirmNeighbour(kernel, connection);
  if (asked && tcb.state === 'ESTABLISHED') learnFromAnswer(kernel, connection, seg);
  if (verdict === 'reset') answerWithReset(kernel, kernel.packet, seg);
  afterActivity(kernel, connection);
}

function mayOpen(kernel: Kernel, connection: Connection, seg: Segment): boolean {
  const admission = admitSegment(kernel, connection, seg);
  if (admission !== 'refuse') return admission === 'take';
  answerWithReset(kernel, kernel.packet, seg);
  endConnection(connection.tcb, 'ECONNABORTED');
  afterActivity(kernel, connection);
  return false;
}

/**
 * "When a connection is ... on TIME-WAIT ... [a TCP] MAY accept a new SYN from the remote TCP endpoint to reopen the
 * connection directly from TIME-WAIT state" — RFC 9293 §3.6.1 [MAY-2]
 */
function yieldsToNewSyn(kernel: Kernel, connection: Connection, seg: Segment): boolean {
  const { tcb } = connection;
  if (tcb.state !== 'TIME-WAIT' || (seg.flags & (SYN | ACK | RST)) !== SYN) return false;
  if (kernel.ports.listenerOn(connection.localAddress, seg.destinationPort, kernel.packet.interfaceIndex) === null)
    return false;
  if (!isNewIncarnation(tcb.rcv.nxt, tcb.ts.enabled, tcb.ts.recent, tcb.shared.timestamps, seg)) return false;
  kernel.counters.timeWaitReused++;
  // A descriptor may still refer to it: that one reads what is left, and then the end.
  endConnection(connection.tcb, '');
  afterActivity(kernel, connection);
  return true;
}

/**
 * LISTEN STATE (RFC 9293 §3.10.7.2).
 *
 * @param usedUpTo SND.NXT of the connection in TIME-WAIT that made room, else `null`.
 */
function toListener(kernel: Kernel, listener: Listener, packet: IpPacket, seg: Segment, usedUpTo: Seq | null): void {
  // "First, check for a RST: An incoming RST should be ignored."
  if ((seg.flags & RST) !== 0) {
    kernel.counters.listenResets++;
    return;
  }
  // "Second, check for an ACK: Any acknowledgment is bad if it arrives on a connection still in the LISTEN state."
  if ((seg.flags & ACK) !== 0) {
    const made = (seg.flags & SYN) === 0 ? takeCookie(kernel, listener, packet, seg) : null;
    if (made !== null) {
      if (made !== 'full') toConnection(kernel, made, seg);
      return;
    }
    kernel.counters.listenAcks++;
    answerWithReset(kernel, packet, seg);
    return;
  }
  // "Third, check for a SYN"; "Fourth, other data or control: ... drop the segment, and return."
  if ((seg.flags & SYN) === 0) {
    kernel.counters.badSegments++;
    kernel.counters.listenDiscards++;
    return;
  }
  const admission = admitSyn(kernel, listener, usedUpTo !== null);
  if (admission === 'cookie') answerByCookie(kernel, listener, packet, seg);
  if (admission !== 'half-open') return;
  const connection = openPassive(kernel, listener, packet, seg);
  if (connection === null) {
    kernel.counters.listenDrops++;
    return;
  }
  kernel.counters.halfOpens++;
  connection.receivedTosByte = seg.tosByte;
  connection.sharing = sharingOf(listener.socket.options);
  const { tcb } = connection;
  applyOptions(connection, listener.socket.options, false, kernel.nowMs);
  // Numbers go on beyond the old connection's, which may have used them faster than the clock makes new ones.
  const iss = usedUpTo === null ? chooseIss(kernel, connection) : issAfter(usedUpTo);
  acceptSyn(tcb, seg, kernel.nowMs, iss);
  beginHandshake(kernel, listener, tcb);
  if (!openFast(kernel, listener, connection, seg)) listener.addHalfOpen(connection);
  afterActivity(kernel, connection);
}

function answerWithReset(kernel: Kernel, packet: IpPacket, seg: Segment): void {
  const reply = kernel.resetReply;
  if (!resetFor(seg, reply)) return;
  const { destinationPort, sourcePort } = seg;
  const { defaultTtlHops, defaultHopLimit } = kernel.settings;
  const path = wayBack(kernel, packet);
  const queued =
    path !== null &&
    outletOf(kernel, path).resets.push(
      packet.destination,
      packet.source,
      destinationPort,
      sourcePort,
      toInt32(reply.seq),
      toInt32(reply.ack),
      reply.flags,
      packet.version === 4 ? defaultTtlHops : defaultHopLimit,
    );
  if (!queued) kernel.counters.resetsDropped++;
}
