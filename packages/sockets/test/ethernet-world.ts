/** Hosts on an Ethernet hub in virtual time: whatever one sends, all others hear. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { type DecodedFrame, decodeFrame } from '@tcpstack/wire/decode';
import { finishPacket } from '@tcpstack/wire/finish';
import { summarizeFrame } from '@tcpstack/wire/summary';
import { expect } from 'vitest';
import { Host, type HostOptions, type InterfaceOptions } from '../src/host.ts';
import { entropy } from './world.ts';

/** One frame that crossed. */
export interface HubFrame extends DecodedFrame {
  readonly atMs: number;
  /** Place of the host that sent it; -1 for the test. */
  readonly from: number;
  readonly line: string;
  readonly bytes: Uint8Array;
}

/** A host on the hub: its addresses, and what else differs. */
export interface HubHost extends Partial<Omit<InterfaceOptions, 'name' | 'kind'>> {
  readonly routes?: HostOptions['routes'];
  readonly settings?: HostOptions['settings'];
}

const ROUNDS_MAX = 10_000;

/** The Ethernet address of host `i`. */
export function macOf(i: number): string {
  return `02:00:00:00:00:0${i + 1}`;
}

export class EthernetWorld {
  nowMs = 0;
  readonly hosts: readonly Host[];
  readonly log: HubFrame[] = [];
  /** False keeps the frame from the host with this place. */
  hears: (frame: HubFrame, listener: number) => boolean = () => true;
  readonly #out: PacketBatch;
  readonly #in = new PacketBatch({ capacityPackets: 1, arenaBytes: 72 * 1024 });

  /** @param arenaBytes Of the batch that hosts send into. */
  constructor(hosts: readonly HubHost[], arenaBytes = 256 * 1024) {
    this.#out = new PacketBatch({ capacityPackets: 16, arenaBytes, headroomBytes: 16 });
    this.hosts = hosts.map(({ routes = [], settings = {}, ...own }, i) => {
      const one = {
        addresses: [],
        mtuBytes: 1500,
        macAddress: macOf(i),
        ...own,
        name: 'eth0',
        kind: 'ethernet' as const,
      };
      return new Host({ interfaces: [one], routes, settings, entropy: entropy(i + 1) });
    });
  }

  host(i: number): Host {
    const host = this.hosts[i];
    if (host === undefined) throw new Error(`there is no host ${i}`);
    return host;
  }

  /** Lets frames cross until nothing more happens without the clock. */
  settle(): this {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      let any = false;
      for (const [i, host] of this.hosts.entries()) {
        if (host.pollDeadlineMs() <= this.nowMs) host.handleTimeout(this.nowMs);
        any = this.#collect(i, host) || any;
      }
      if (!any) return this;
    }
    throw new Error(`the hosts never fall silent; last: ${this.log.at(-1)?.line}`);
  }

  /** Lets the time pass, deadline by deadline. */
  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    this.settle();
    for (;;) {
      const nextMs = Math.min(...this.hosts.map((host) => host.pollDeadlineMs()));
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs);
      for (const host of this.hosts) host.handleTimeout(this.nowMs);
      this.settle();
    }
    this.nowMs = untilMs;
    for (const host of this.hosts) host.advance(untilMs);
    return this;
  }

  /** A frame of the test's own, heard by all. */
  inject(bytes: Uint8Array): this {
    this.#spread(-1, bytes, 0, 0);
    return this.settle();
  }

  /** Lines of what crossed since the last call. */
  takeLines(): string[] {
    return this.log.splice(0).map(({ line }) => line);
  }

  #collect(i: number, host: Host): boolean {
    let any = false;
    for (let more = true; more; ) {
      const batch = this.#out;
      batch.clear();
      more = host.pollTransmit(this.nowMs, batch);
      expect(!more || batch.count > 0, 'a host that says "full" filled something').toBe(true);
      const frames = Array.from({ length: batch.count }, (_, k) => {
        const at = batch.offsetAt(k);
        return [batch.arena.slice(at, at + batch.lengthAt(k)), batch.flagsAt(k), batch.segmentBytesAt(k)] as const;
      });
      for (const [bytes, flags, segmentBytes] of frames) this.#spread(i, bytes, flags, segmentBytes);
      any ||= frames.length > 0;
    }
    return any;
  }

  #spread(from: number, bytes: Uint8Array, flags: number, segmentBytes: number): void {
    const seen = bytes.slice();
    if ((flags & PKT_CSUM_PARTIAL) !== 0) finishPacket(seen, 14, seen.length);
    const frame: HubFrame = {
      ...decodeFrame(seen),
      atMs: this.nowMs,
      from,
      line: summarizeFrame(seen, 0, seen.length),
      bytes,
    };
    // Everything that leaves a host is well formed, whatever came in.
    if (from >= 0) expect(frame.fault, frame.line).toBeNull();
    this.log.push(frame);
    for (const [i, host] of this.hosts.entries()) {
      if (i === from || !this.hears(frame, i)) continue;
      const batch = this.#in;
      batch.clear();
      batch.arena.set(bytes, batch.reserve(bytes.length));
      batch.commit(bytes.length, flags, segmentBytes);
      host.handlePackets(this.nowMs, batch);
    }
  }
}
