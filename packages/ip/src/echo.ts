/** Answers ping: "Every host MUST implement an ICMP Echo server function" — RFC 1122 §3.2.2.6. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import {
  checkIcmp,
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  identifier,
  sequence,
  type,
  writeEcho,
} from '@tcpstack/wire/icmp';
import { PROTOCOL_ICMP } from '@tcpstack/wire/ipv4';
import type { IpCounters } from './counters.ts';
import { IP_HEADROOM_BYTES, type IpOutput, writeHeader } from './output.ts';
import type { IpPacket } from './packet.ts';

/** Replies that may wait for the next output; more are dropped and counted. */
const WAITING_MAX = 64;
const WAITING_BYTES = 128 * 1024;

/** Replies to echo requests, waiting to be sent. */
export class EchoResponder {
  readonly #output: IpOutput;
  readonly #mtuBytes: number;
  /** Made when the first ping comes: most hosts never see one. */
  #waiting: PacketBatch | null = null;
  #next = 0;

  constructor(output: IpOutput, mtuBytes: number) {
    this.#output = output;
    this.#mtuBytes = mtuBytes;
  }

  /** Whether replies wait. */
  get pending(): boolean {
    return this.#waiting !== null && this.#next < this.#waiting.count;
  }

  /** Takes a packet that carries ICMP. */
  arrive(packet: IpPacket): void {
    const counters: IpCounters = this.#output.counters;
    const { bytes, transportAt: icmpAt, end } = packet;
    if (checkIcmp(bytes, icmpAt, end) !== null) {
      counters.icmpErrors++;
      return;
    }
    if (type(bytes, icmpAt) !== ICMP_ECHO_REQUEST) {
      counters.icmpIgnored++;
      return;
    }
    counters.echoRequests++;
    this.#waiting ??= new PacketBatch({ capacityPackets: WAITING_MAX, arenaBytes: WAITING_BYTES });
    const total = IP_HEADROOM_BYTES + end - icmpAt;
    if (total > this.#mtuBytes || !this.#waiting.hasRoom(total)) {
      counters.echoRepliesDropped++;
      return;
    }
    const replyAt = this.#waiting.reserve(total);
    const arena = this.#waiting.arena;
    const bodyAt = replyAt + IP_HEADROOM_BYTES;
    arena.set(bytes.subarray(icmpAt, end), bodyAt);
    writeEcho(arena, bodyAt, replyAt + total, ICMP_ECHO_REPLY, identifier(bytes, icmpAt), sequence(bytes, icmpAt));
    writeHeader(this.#output, arena, replyAt, total, PROTOCOL_ICMP, packet.destination, packet.source);
    this.#waiting.commit(total, 0, 0);
  }

  /** Moves waiting replies into `batch`; false when it is full and some still wait. */
  pollTransmit(batch: PacketBatch): boolean {
    const waiting = this.#waiting;
    if (waiting === null) return true;
    while (this.#next < waiting.count) {
      if (!batch.copyFrom(waiting, this.#next)) return false;
      this.#next++;
      this.#output.counters.echoRepliesSent++;
    }
    waiting.clear();
    this.#next = 0;
    return true;
  }
}
