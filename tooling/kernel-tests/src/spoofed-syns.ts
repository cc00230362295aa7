/** SYNs from addresses that nobody has: whole packets, ready for a device. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { seq } from '@tcpstack/seq/seq';
import { IPV4_DF, IPV4_HEADER_BYTES, PROTOCOL_TCP, pseudoHeaderSum, writeIpv4 } from '@tcpstack/wire/ipv4';
import { finishChecksum, SYN, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import { writeMss, writeSackPermitted, writeTimestamps, writeWindowScale } from '@tcpstack/wire/tcp-options';

const OPTION_BYTES = 20;
const SYN_BYTES = IPV4_HEADER_BYTES + TCP_HEADER_BYTES + OPTION_BYTES;

/** Makes them: the same number gives the same SYN. */
export class SpoofedSyns {
  readonly batch: PacketBatch;
  readonly #to: number;
  readonly #port: number;

  /**
   * @param to The address that is flooded, as a number.
   * @param most SYNs in a batch at most.
   */
  constructor(to: number, port: number, most: number, headroomBytes: number) {
    this.#to = to;
    this.#port = port;
    this.batch = new PacketBatch({ capacityPackets: most, arenaBytes: most * 128 + 4096, headroomBytes });
  }

  /** Fills the batch with so many SYNs of numbers from `first` on. */
  fill(first: number, count: number): PacketBatch {
    const { batch } = this;
    batch.clear();
    for (let i = first; i < first + count; i++) {
      const at = batch.reserve(SYN_BYTES);
      this.#write(at, mix(i));
      batch.commit(SYN_BYTES, 0, 0);
    }
    return batch;
  }

  #write(at: number, random: number): void {
    const { arena } = this.batch;
    // 10.128.0.0 to 10.255.255.255: the device's own network is not among them.
    const from = 0x0a80_0000 | (random & 0x7f_ffff);
    const tcpAt = at + IPV4_HEADER_BYTES;
    const port = 1024 + ((random >>> 8) & 0x7fff);
    writeIpv4(arena, at, SYN_BYTES, PROTOCOL_TCP, from, this.#to, random & 0xffff, IPV4_DF, 64, 0);
    const dataAt = TCP_HEADER_BYTES + OPTION_BYTES;
    writeTcp(arena, tcpAt, port, this.#port, seq(mix(random)), seq(0), dataAt, SYN, 64_240, 0);
    let i = writeMss(arena, tcpAt + TCP_HEADER_BYTES, 1460);
    i = writeSackPermitted(arena, i);
    i = writeTimestamps(arena, i, seq(random), seq(0));
    writeWindowScale(arena, i, 7);
    finishChecksum(arena, tcpAt, at + SYN_BYTES, pseudoHeaderSum(from, this.#to, PROTOCOL_TCP));
  }
}

/** An int32 that looks random. */
function mix(n: number): number {
  let h = Math.imul(n + 1, 0x9e37_79b1);
  h = Math.imul(h ^ (h >>> 15), 0x85eb_ca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
