/** A flood of SYNs from random addresses, and honest clients in the midst of it: what it costs, and whom it keeps out. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { headroomFor } from '@tcpstack/ip/output';
import { seq } from '@tcpstack/seq/seq';
import { IpAddress, ipv4Address, isIpv4 } from '@tcpstack/wire/ip-address';
import { IPV4_DF, PROTOCOL_TCP, writeIpv4 } from '@tcpstack/wire/ipv4';
import { writeIpv6 } from '@tcpstack/wire/ipv6';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { finishChecksum, SYN, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import { writeMss, writeSackPermitted, writeTimestamps, writeWindowScale } from '@tcpstack/wire/tcp-options';
import { Host, type Settings } from '../src/host.ts';
import { entropy } from './world.ts';

const PORT = 80;
const SERVER = ipv4Address(0x0a00_0001);
const TCP_BYTES = TCP_HEADER_BYTES + 20;
/** SYNs that arrive together, as from a driver. */
export const BATCH_SYNS = 256;
/** Virtual time between batches: a million SYNs take a minute, in which SYN-ACKs time out, too. */
const BATCH_MS = 16;

/** What came of a flood. */
export interface FloodResult {
  readonly syns: number;
  readonly honest: number;
  /** Honest connections that carried their byte there and back. */
  readonly served: number;
  /** The longest that one of them waited for that, in virtual time. */
  readonly longestWaitMs: number;
  /** Of the Host's whole way in and out, by `clockMs`; packets are made before. */
  readonly microsecondsPerSyn: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** `clockMs` tells what the machine has spent, of time or of work. */
export function flood(syns: number, honest: number, settings: Partial<Settings>, clockMs: () => number): FloodResult {
  const server = new Host({ address: '10.0.0.1', mtuBytes: 1500, entropy: entropy(1), settings });
  const client = new Host({ address: '10.0.0.2', mtuBytes: 1500, entropy: entropy(2) });
  const listener = server.sys.socket();
  server.sys.bind(listener, '0.0.0.0', PORT);
  server.sys.listen(listener, 128);
  const batch = new PacketBatch({ capacityPackets: BATCH_SYNS, arenaBytes: BATCH_SYNS * 128 + 4096 });
  const wire = new Wire(server, client, listener);
  let spentMs = 0;
  let asked = 0;
  for (let sent = 0, turn = 0; sent < syns; sent += BATCH_SYNS, turn++) {
    const nowMs = turn * BATCH_MS;
    fillSpoofed(batch, sent);
    const from = clockMs();
    server.handlePackets(nowMs, batch);
    wire.discard(nowMs);
    spentMs += clockMs() - from;
    for (; asked * syns < honest * (sent + BATCH_SYNS) && asked < honest; asked++) wire.ask(nowMs);
    wire.turn(nowMs);
  }
  wire.end();
  const { served, longestWaitMs } = wire;
  const microsecondsPerSyn = (spentMs * 1000) / syns;
  return { syns, honest: asked, served, longestWaitMs, microsecondsPerSyn, counters: server.counters() };
}

/** Two Hosts, and a server program that echoes one byte of each connection. */
class Wire {
  served = 0;
  longestWaitMs = 0;
  readonly #server: Host;
  readonly #client: Host;
  readonly #listener: number;
  readonly #batch = new PacketBatch({ capacityPackets: 512, arenaBytes: 512 * 1024 });
  /** When each connection was asked for. */
  readonly #askedAtMs = new Map<number, number>();
  readonly #written = new Set<number>();
  readonly #accepted = new Set<number>();
  readonly #byte = new Uint8Array(1);
  #nowMs = 0;

  constructor(server: Host, client: Host, listener: number) {
    this.#server = server;
    this.#client = client;
    this.#listener = listener;
  }

  /** Answers to addresses that do not exist. */
  discard(nowMs: number): void {
    for (let more = true; more; ) {
      this.#batch.clear();
      more = this.#server.pollTransmit(nowMs, this.#batch);
    }
  }

  ask(nowMs: number): void {
    this.#client.advance(nowMs);
    const fd = this.#client.sys.socket();
    this.#client.sys.connect(fd, this.#server.address, PORT);
    this.#askedAtMs.set(fd, nowMs);
  }

  turn(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const host of [this.#server, this.#client]) host.handleTimeout(nowMs);
    if (this.#askedAtMs.size === 0 && this.#accepted.size === 0) return;
    for (let moved = 1; moved > 0; ) {
      moved = this.#carry(nowMs, this.#client, this.#server) + this.#carry(nowMs, this.#server, this.#client);
      this.#serve();
    }
  }

  /** Lets the time pass until all is done that will be. */
  end(): void {
    for (let i = 0; i < 10_000 && this.#askedAtMs.size > 0; i++) this.turn(this.#nowMs + 10);
  }

  #carry(nowMs: number, from: Host, to: Host): number {
    let moved = 0;
    for (let more = true; more; ) {
      this.#batch.clear();
      more = from.pollTransmit(nowMs, this.#batch);
      moved += this.#batch.count;
      to.handlePackets(nowMs, this.#batch);
    }
    return moved;
  }

  #serve(): void {
    const { sys } = this.#server;
    for (let fd = sys.accept(this.#listener); fd >= 0; fd = sys.accept(this.#listener)) this.#accepted.add(fd);
    for (const fd of this.#accepted) {
      if (sys.read(fd, this.#byte) !== 1) continue;
      sys.write(fd, this.#byte);
      sys.close(fd);
      this.#accepted.delete(fd);
    }
    for (const [fd, atMs] of this.#askedAtMs) this.#ask(fd, atMs);
  }

  /** Once connected, a client sends its byte; when that comes back it is served. */
  #ask(fd: number, atMs: number): void {
    const { sys } = this.#client;
    if (!this.#written.has(fd) && sys.write(fd, this.#byte) === 1) this.#written.add(fd);
    if (sys.read(fd, this.#byte) !== 1) return;
    sys.close(fd);
    this.#askedAtMs.delete(fd);
    this.#written.delete(fd);
    this.served++;
    this.longestWaitMs = Math.max(this.longestWaitMs, this.#nowMs - atMs);
  }
}

/** SYNs to port 80 of `to`, of its family, other ones for another salt. */
export function fillSpoofed(batch: PacketBatch, salt: number, to: Readonly<IpAddress> = SERVER): void {
  const headroom = headroomFor(to);
  batch.clear();
  for (let i = 0; i < BATCH_SYNS; i++) {
    const at = batch.reserve(headroom + TCP_BYTES);
    writeSyn(batch.arena, at, headroom, to, mix(salt + i));
    batch.commit(headroom + TCP_BYTES, 0, 0);
  }
}

function writeSyn(bytes: Uint8Array, at: number, headroom: number, to: Readonly<IpAddress>, random: number): void {
  const tcpAt = at + headroom;
  // Anywhere in 11.0.0.0/8 to 74.255.255.255, or in 2001:db8::/64.
  const from = isIpv4(to)
    ? ipv4Address(((11 + ((random >>> 24) & 63)) << 24) | (random & 0xff_ffff))
    : new IpAddress(0x2001_0db8, 0, random, mix(random ^ 1));
  const length = headroom + TCP_BYTES;
  if (isIpv4(to)) writeIpv4(bytes, at, length, PROTOCOL_TCP, from.w3, to.w3, random & 0xffff, IPV4_DF, 64, 0);
  else writeIpv6(bytes, at, length, PROTOCOL_TCP, from, to, 64, 0, random);
  const port = 1024 + (random & 0x7fff);
  writeTcp(bytes, tcpAt, port, PORT, seq(mix(random)), seq(0), TCP_BYTES, SYN, 64_240, 0);
  let i = writeMss(bytes, tcpAt + TCP_HEADER_BYTES, 1460);
  i = writeSackPermitted(bytes, i);
  i = writeTimestamps(bytes, i, seq(random), seq(0));
  writeWindowScale(bytes, i, 7);
  finishChecksum(bytes, tcpAt, at + length, pseudoHeaderSumOf(from, to, PROTOCOL_TCP));
}

/** An int32 that looks random. */
function mix(n: number): number {
  let h = Math.imul(n + 1, 0x9e37_79b1);
  h = Math.imul(h ^ (h >>> 15), 0x85eb_ca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae3d);
  return h ^ (h >>> 16);
}
