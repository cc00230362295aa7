/** SYNs from addresses that nobody has: whole packets, ready for a device. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { seq } from '@tcpstack/seq/seq';
import { copyOf, type IpAddress, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';
import { IPV4_DF, IPV4_HEADER_BYTES, PROTOCOL_TCP, writeIpv4 } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES, writeIpv6 } from '@tcpstack/wire/ipv6';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { finishChecksum, SYN, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import { writeMss, writeSackPermitted, writeTimestamps, writeWindowScale } from '@tcpstack/wire/tcp-options';
import type { Family } from './link-choice.ts';

const OPTION_BYTES = 20;
const TCP_BYTES = TCP_HEADER_BYTES + OPTION_BYTES;

/** The device that they come from, and what is behind it: of its own network none of them is. */
export const NOWHERE = {
  4: { device: '10.127.0.1/24', network: '10.128.0.0', prefixBits: 9 },
  6: { device: 'fd00:127::1/64', network: 'fd00:128::', prefixBits: 64 },
} as const;

/** Makes them: the same number gives the same SYN. */
export class SpoofedSyns {
  readonly batch: PacketBatch;
  readonly #from: IpAddress;
  readonly #to: Readonly<IpAddress>;
  readonly #port: number;

  /**
   * @param to The address that is flooded, as text.
   * @param most SYNs in a batch at most.
   */
  constructor(family: Family, to: string, port: number, most: number, headroomBytes: number) {
    this.#from = copyOf(parsed(NOWHERE[family].network));
    this.#to = parsed(to);
    this.#port = port;
    this.batch = new PacketBatch({ capacityPackets: most, arenaBytes: most * 128 + 4096, headroomBytes });
  }

  /** Fills the batch with so many SYNs of numbers from `first` on. */
  fill(first: number, count: number): PacketBatch {
    const { batch } = this;
    const bytes = (isIpv4(this.#to) ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES) + TCP_BYTES;
    batch.clear();
    for (let i = first; i < first + count; i++) {
      const at = batch.reserve(bytes);
      this.#write(at, bytes, mix(i));
      batch.commit(bytes, 0, 0);
    }
    return batch;
  }

  #write(at: number, bytes: number, random: number): void {
    const { arena } = this.batch;
    const tcpAt = at + bytes - TCP_BYTES;
    const port = 1024 + ((random >>> 8) & 0x7fff);
    this.#writeIp(at, bytes, random);
    writeTcp(arena, tcpAt, port, this.#port, seq(mix(random)), seq(0), TCP_BYTES, SYN, 64_240, 0);
    let i = writeMss(arena, tcpAt + TCP_HEADER_BYTES, 1440);
    i = writeSackPermitted(arena, i);
    i = writeTimestamps(arena, i, seq(random), seq(0));
    writeWindowScale(arena, i, 7);
    finishChecksum(arena, tcpAt, at + bytes, pseudoHeaderSumOf(this.#from, this.#to, PROTOCOL_TCP));
  }

  /** From anywhere in the network that is nowhere. */
  #writeIp(at: number, bytes: number, random: number): void {
    const { arena } = this.batch;
    const from = this.#from;
    if (isIpv4(from)) {
      from.w3 = 0x0a80_0000 | (random & 0x7f_ffff);
      writeIpv4(arena, at, bytes, PROTOCOL_TCP, from.w3, this.#to.w3, random & 0xffff, IPV4_DF, 64, 0);
      return;
    }
    from.w2 = random;
    from.w3 = mix(random ^ 1);
    writeIpv6(arena, at, bytes, PROTOCOL_TCP, from, this.#to, 64, 0, random);
  }
}

function parsed(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new TypeError(`not an address: ${text}`);
  return address;
}

/** An int32 that looks random. */
function mix(n: number): number {
  let h = Math.imul(n + 1, 0x9e37_79b1);
  h = Math.imul(h ^ (h >>> 15), 0x85eb_ca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
