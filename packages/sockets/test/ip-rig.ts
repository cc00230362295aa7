/** One Host with addresses of both families, and packets for it: for the tests of what its IP layer does by itself. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { fragmentInto } from '@tcpstack/ip/fragment';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { ICMPV6_ECHO_REQUEST, writeEcho6 } from '@tcpstack/wire/icmpv6';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_UDP, pseudoHeaderSum, writeIpv4 } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { finishChecksum, writeUdp } from '@tcpstack/wire/udp';
import { expect } from 'vitest';
import { Host, type Settings } from '../src/host.ts';
import { entropy } from './world.ts';

const HERE6 = parseAddress('fd00::1') as IpAddress;
const PEER6 = parseAddress('fd00::99') as IpAddress;
export const HERE = 0x0a00_0001;
export const PEER = 0x0a00_0063;

/** A Host at 10.0.0.1 and fd00::1 on a link of 1500 bytes, and what it sends. */
export class Rig {
  readonly host: Host;
  readonly #batch = new PacketBatch();

  constructor(settings: Partial<Settings> = {}) {
    const network = { address: '10.0.0.1', prefixBits: 24, moreAddresses: ['fd00::1/64'], mtuBytes: 1500 };
    this.host = new Host({ ...network, entropy: entropy(1), settings });
  }

  /** Packets arrive in one batch; what is sent upon them. */
  arrive(nowMs: number, packets: readonly Uint8Array[], flags = 0): Uint8Array[] {
    this.#batch.clear();
    for (const packet of packets) {
      this.#batch.arena.set(packet, this.#batch.reserve(packet.length));
      this.#batch.commit(packet.length, flags, 0);
    }
    this.host.handlePackets(nowMs, this.#batch);
    return this.sent(nowMs);
  }

  sent(nowMs: number): Uint8Array[] {
    this.#batch.clear();
    expect(this.host.pollTransmit(nowMs, this.#batch)).toBe(false);
    return packetsOf(this.#batch);
  }
}

function packetsOf(batch: PacketBatch): Uint8Array[] {
  return Array.from({ length: batch.count }, (_, i) =>
    batch.arena.slice(batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)),
  );
}

/** The same packet in fragments of up to so many bytes. */
export function fragmentsOf(packet: Uint8Array, mtuBytes: number): Uint8Array[] {
  const whole = packet.slice();
  // DF is cleared, and the header summed anew where the fragments are made.
  if ((whole[0] as number) >> 4 === 4) whole[6] = 0;
  const batch = new PacketBatch({ capacityPackets: 2000 });
  expect(fragmentInto(batch, whole, 0, whole.length, mtuBytes, 77)).toBe(true);
  return packetsOf(batch);
}

export function decoded(packets: readonly Uint8Array[]): DecodedPacket[] {
  return packets.map((packet) => decodePacket(packet));
}

export function ping6(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(48 + data.length);
  bytes.set(data, 48);
  writeEcho6(bytes, 40, bytes.length, ICMPV6_ECHO_REQUEST, 1, 1, pseudoHeaderSum6(PEER6, HERE6, 58));
  writeIpv6(bytes, 0, bytes.length, 58, PEER6, HERE6, 64, 0, 0);
  return bytes;
}

/** A UDP datagram from the peer to port 53. */
export function udp4(): Uint8Array {
  const bytes = new Uint8Array(31);
  writeIpv4(bytes, 0, 31, PROTOCOL_UDP, PEER, HERE, 1, 0, 64, 0);
  writeUdp(bytes, 20, 1000, 53, 11);
  finishChecksum(bytes, 20, 31, pseudoHeaderSum(PEER, HERE, PROTOCOL_UDP));
  return bytes;
}

export function udp6(): Uint8Array {
  const bytes = new Uint8Array(51);
  writeIpv6(bytes, 0, 51, PROTOCOL_UDP, PEER6, HERE6, 64, 0, 0);
  writeUdp(bytes, 40, 1000, 53, 11);
  finishChecksum(bytes, 40, 51, pseudoHeaderSum6(PEER6, HERE6, PROTOCOL_UDP));
  return bytes;
}
