/** A Linux TUN or TAP device as a Link: batches of packets, checksums and super-segments left to the kernel. */

import { constants } from 'node:os';
import { assert } from '@tcpstack/bytes/assert';
import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import type { Link, LinkStats, ReceiveBatch } from '@tcpstack/runtime/link';
import type { DeviceCalls, Watch } from './device-calls.ts';
import { koffiCalls } from './koffi-calls.ts';
import { type CheckedOptions, checkOptions, type TunOptions } from './options.ts';
import { openDevice, type TunDevice } from './tun-device.ts';
import { deviceLost } from './tun-error.ts';
import { flagsOf, segmentBytesOf, VNET_HEADER_BYTES, writeVnetHeader } from './virtio-header.ts';

export type { TunOptions } from './options.ts';
export { TunError } from './tun-error.ts';

const EAGAIN = -constants.errno.EAGAIN;
/** Reading more in one turn does not make it faster, and keeps the rest of the program waiting. */
const BATCH_PACKETS = 256;
/** With super-segments the arena ends a batch (31 of them), not the count. 0.5 to 4 MiB are level, 8 MiB leaves the cache. */
const ARENA_BYTES = 2 * 1024 * 1024;
/** Largest IP packet, so also the largest super-segment. */
const SUPER_SEGMENT_BYTES = 65535;
/**
 * Empty turns of the event loop after the last packet before the loop may sleep. Waking a sleeping
 * processor costs 30 microseconds, these turns cost 20; fewer than 10 miss the answer of a peer on
 * another processor, more than 50 take time from a peer on the same one (docs/adr/0002-tun-by-ffi.md).
 */
const IDLE_TURNS = 20;

type Counters = { -readonly [K in keyof LinkStats]: LinkStats[K] };

/** What stands in front of an IP packet on a TAP device. */
const ETHERNET_HEADER_BYTES = 14;

/** One queue of a TUN or TAP interface. Needs Linux, and root or `CAP_NET_ADMIN` unless root prepared the device. */
export class TunLink implements Link {
  /** Name of the interface. */
  readonly name: string;
  readonly mtuBytes: number;
  readonly superSegmentBytes: number;
  readonly receivesSuperSegments: boolean;
  readonly checksum: 'software' | 'offload';
  readonly headroomBytes: number;
  readonly carries: 'ip' | 'ethernet';
  /** Our Ethernet address, as `02:00:00:00:00:01`; `null` on a TUN device. */
  readonly macAddress: string | null;
  /** Bytes in front of an IP packet in what crosses. */
  readonly #frameBytes: number;
  readonly #calls: DeviceCalls;
  readonly #onLost: CheckedOptions['onLost'];
  readonly #batch: PacketBatch;
  readonly #batchAddress: number;
  /** Largest packet that a read has room for. */
  readonly #roomBytes: number;
  readonly #stats: Counters;
  #fd: number;
  #receive: ReceiveBatch | undefined;
  #watch: Watch | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #idleTurns = 0;
  #isReferenced = true;
  /** The arena last transmitted from, and its address: a caller has one or two of them for life. */
  #outArena: Uint8Array | undefined;
  #outAddress = 0;

  /**
   * Opens the device, makes it when there is none, and configures it when `hostAddress` is given.
   * An interface made by this vanishes with `close` or the end of the process.
   *
   * @throws {TunError} With a line that says what to do.
   * @throws {TypeError} An option of the wrong type.
   * @throws {RangeError} An option out of range.
   */
  static open(options: TunOptions = {}): TunLink {
    const checked = checkOptions(options);
    const calls = koffiCalls();
    return new TunLink(calls, openDevice(calls, checked), checked);
  }

  /**
   * Opens several queues of one device, each a Link of its own; the kernel keeps a flow on the queue
   * on which it was last written. A worker gets its queue by `open` with `multiQueue: true`.
   *
   * @param count Queues, 1 to 256.
   * @throws {TunError | TypeError | RangeError} As `open`; nothing stays open then.
   */
  static openQueues(count: number, options: TunOptions = {}): TunLink[] {
    if (!Number.isInteger(count) || count < 1 || count > 256)
      throw new RangeError(`queues must be 1 to 256, got ${count}`);
    const links: TunLink[] = [];
    try {
      for (let name = options.name; links.length < count; name = links[0]?.name) {
        links.push(TunLink.open({ ...options, ...(name === undefined ? {} : { name }), multiQueue: true }));
      }
    } catch (error) {
      for (const link of links) void link.close();
      throw error;
    }
    return links;
  }

  private constructor(calls: DeviceCalls, device: TunDevice, options: CheckedOptions) {
    const { offload } = options;
    this.#calls = calls;
    this.#onLost = options.onLost;
    this.#fd = device.fd;
    this.name = device.name;
    this.mtuBytes = device.mtuBytes;
    this.superSegmentBytes = offload ? SUPER_SEGMENT_BYTES : 0;
    this.receivesSuperSegments = offload;
    this.checksum = offload ? 'offload' : 'software';
    this.headroomBytes = offload ? VNET_HEADER_BYTES : 0;
    const isTap = options.mode === 'tap';
    this.carries = isTap ? 'ethernet' : 'ip';
    this.macAddress = isTap ? (options.macAddress ?? randomMacAddress()) : null;
    this.#frameBytes = isTap ? ETHERNET_HEADER_BYTES : 0;
    // A short buffer truncates silently; one byte more than the MTU shows that it happened.
    this.#roomBytes = this.#frameBytes + (offload ? SUPER_SEGMENT_BYTES : device.mtuBytes + 1);
    this.#batch = new PacketBatch({
      capacityPackets: BATCH_PACKETS,
      arenaBytes: ARENA_BYTES,
      headroomBytes: this.headroomBytes,
    });
    this.#batchAddress = calls.addressOf(this.#batch.arena);
    this.#stats = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0, sendDrops: 0, receiveDrops: 0 };
  }

  get stats(): LinkStats {
    return this.#stats;
  }

  start(receive: ReceiveBatch): void {
    assert(this.#receive === undefined, 'a link is started once');
    if (this.#fd < 0) return;
    this.#receive = receive;
    this.#watch = this.#calls.watch(this.#fd, this.#onReady);
    if (!this.#isReferenced) this.#watch.unref();
  }

  transmit(batch: PacketBatch): void {
    assert(batch.headroomBytes >= this.headroomBytes, 'a batch has the headroom that its link wants');
    const stats = this.#stats;
    if (this.#fd < 0) {
      stats.sendDrops += batch.count;
      return;
    }
    if (batch.arena !== this.#outArena) {
      this.#outArena = batch.arena;
      this.#outAddress = this.#calls.addressOf(batch.arena);
    }
    for (let i = 0; i < batch.count; i++) {
      const lengthBytes = batch.lengthAt(i);
      if (this.#send(batch, i, lengthBytes)) {
        stats.sentPackets++;
        stats.sentBytes += lengthBytes;
      } else {
        stats.sendDrops++;
      }
    }
    // What we sent is often answered before a sleeping processor would have woken.
    this.#stayAwake();
  }

  /** Lets the open link keep the process alive (the default). */
  ref(): this {
    this.#isReferenced = true;
    this.#watch?.ref();
    this.#immediate?.ref();
    return this;
  }

  /** Lets the process end although the link is open. */
  unref(): this {
    this.#isReferenced = false;
    this.#watch?.unref();
    this.#immediate?.unref();
    return this;
  }

  close(): Promise<void> {
    if (this.#fd >= 0) {
      this.#stop();
      this.#calls.close(this.#fd);
      this.#fd = -1;
      this.#outArena = undefined;
    }
    return Promise.resolve();
  }

  /** Whether the kernel took the packet. */
  #send(batch: PacketBatch, i: number, lengthBytes: number): boolean {
    const { arena } = batch;
    const at = batch.offsetAt(i);
    const start = at - this.headroomBytes;
    // The kernel reads by address: nothing else would stop it at the ends of the arena.
    assert(start >= 0 && at + lengthBytes <= arena.length, 'a packet lies within its arena');
    let largestBytes = lengthBytes;
    if (this.headroomBytes > 0) {
      const flags = batch.flagsAt(i);
      largestBytes = writeVnetHeader(arena, at, lengthBytes, flags, batch.segmentBytesAt(i), this.#frameBytes);
    } else {
      assert((batch.flagsAt(i) & PKT_CSUM_PARTIAL) === 0, 'a link without offload is given finished checksums');
    }
    // The device takes anything; its other side would not.
    if (largestBytes > this.#frameBytes + this.mtuBytes) return false;
    return this.#calls.write(this.#fd, this.#outAddress + start, at + lengthBytes - start) >= 0;
  }

  readonly #onReady = (readable: boolean): void => {
    if (readable) this.#schedule();
    else this.#lost(-constants.errno.ENODEV);
  };

  #stayAwake(): void {
    this.#idleTurns = 0;
    if (this.#watch !== undefined) this.#schedule();
  }

  /** Packets are delivered from an immediate: there promises settle and errors have an owner, after a poll they do not. */
  #schedule(): void {
    if (this.#immediate !== undefined) return;
    this.#immediate = setImmediate(this.#turn);
    if (!this.#isReferenced) this.#immediate.unref();
  }

  /** One batch a turn, so that a busy link leaves room for the rest of the program. */
  readonly #turn = (): void => {
    this.#immediate = undefined;
    const error = this.#fill();
    if (error !== 0 && error !== EAGAIN) this.#lost(error);
    if (this.#batch.count > 0) {
      this.#idleTurns = 0;
      this.#receive?.(this.#batch);
    } else {
      this.#idleTurns++;
    }
    if (this.#idleTurns < IDLE_TURNS && this.#watch !== undefined) this.#schedule();
  };

  /** Reads until the batch is full (0) or a read fails (its error, `EAGAIN` when nothing is left). */
  #fill(): number {
    const batch = this.#batch;
    const { arena } = batch;
    const header = this.headroomBytes;
    const room = this.#roomBytes;
    const stats = this.#stats;
    batch.clear();
    while (batch.hasRoom(room)) {
      const at = batch.reserve(room);
      const n = this.#calls.read(this.#fd, this.#batchAddress + at - header, header + room);
      if (n <= 0) return n < 0 ? n : EAGAIN;
      const lengthBytes = n - header;
      if (lengthBytes <= 0 || (header === 0 && lengthBytes > this.#frameBytes + this.mtuBytes)) {
        stats.receiveDrops++;
        continue;
      }
      if (header > 0) batch.commit(lengthBytes, flagsOf(arena, at - header), segmentBytesOf(arena, at - header));
      else batch.commit(lengthBytes, 0, 0);
      stats.receivedPackets++;
      stats.receivedBytes += lengthBytes;
    }
    return 0;
  }

  #lost(errno: number): void {
    if (this.#watch === undefined) return;
    this.#stop();
    const error = deviceLost(errno, this.name);
    if (this.#onLost !== undefined) this.#onLost(error);
    else process.emitWarning(error);
  }

  #stop(): void {
    this.#watch?.close();
    this.#watch = undefined;
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }
}

/** A unicast address out of those that nobody assigns (IEEE 802: the "locally administered" bit). */
function randomMacAddress(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  bytes[0] = ((bytes[0] as number) & 0xfc) | 2;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
