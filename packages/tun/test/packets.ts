/** Packets written by hand, so that the driver is judged without the stack it serves. */

/** RFC 1071 sum of 16-bit words, folded, not complemented. */
export function sum(bytes: Uint8Array, start = 0): number {
  let total = start;
  for (let i = 0; i < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

/** Sum of the pseudo-header of an IPv4 packet. */
export function pseudoSum(packet: Uint8Array): number {
  const headerBytes = ((packet[0] as number) & 15) * 4;
  return sum(packet.subarray(12, 20), (packet[9] as number) + packet.length - headerBytes);
}

/** Whether IPv4 header and transport carry right, finished checksums. */
export function isSummed(packet: Uint8Array): boolean {
  const headerBytes = ((packet[0] as number) & 15) * 4;
  if (sum(packet.subarray(0, headerBytes)) !== 0xffff) return false;
  return sum(packet.subarray(headerBytes), pseudoSum(packet)) === 0xffff;
}

/** An IPv4 header with a right checksum in front of `payload`. */
export function ipv4(protocol: number, source: string, destination: string, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, packet.length);
  view.setUint16(6, 0x4000);
  packet[8] = 64;
  packet[9] = protocol;
  packet.set(source.split('.').map(Number), 12);
  packet.set(destination.split('.').map(Number), 16);
  view.setUint16(10, 0xffff - sum(packet.subarray(0, 20)));
  packet.set(payload, 20);
  return packet;
}

/** What a TCP segment says. */
export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
}

/** A TCP segment in IPv4 whose checksum field holds the sum of the pseudo-header only. */
export function tcpPartial(source: string, destination: string, segment: Segment): Uint8Array {
  const options = segment.options ?? new Uint8Array();
  const payload = segment.payload ?? new Uint8Array();
  const tcp = new Uint8Array(20 + options.length + payload.length);
  const view = new DataView(tcp.buffer);
  view.setUint16(0, segment.sourcePort);
  view.setUint16(2, segment.destinationPort);
  view.setUint32(4, segment.seq);
  view.setUint32(8, segment.ack);
  tcp[12] = ((20 + options.length) / 4) << 4;
  tcp[13] = segment.flags;
  view.setUint16(14, 65535);
  tcp.set(options, 20);
  tcp.set(payload, 20 + options.length);
  const packet = ipv4(6, source, destination, tcp);
  new DataView(packet.buffer).setUint16(20 + 16, pseudoSum(packet));
  return packet;
}

/** Makes an ICMP echo request, or a UDP datagram, its own answer, in place. Whether it was one. */
export function answer(packet: Uint8Array): boolean {
  const protocol = packet[9];
  if ((packet[0] as number) >> 4 !== 4 || (protocol !== 1 && protocol !== 17)) return false;
  swap(packet, 12, 16, 4);
  // Swapping sums nothing differently: partial checksums stay partial, finished ones finished.
  if (protocol === 17) swap(packet, 20, 22, 2);
  else {
    packet[20] = 0;
    packet.fill(0, 22, 24);
    new DataView(packet.buffer, packet.byteOffset).setUint16(22, 0xffff - sum(packet.subarray(20)));
  }
  return true;
}

function swap(bytes: Uint8Array, a: number, b: number, length: number): void {
  const kept = bytes.slice(a, a + length);
  bytes.copyWithin(a, b, b + length);
  bytes.set(kept, b);
}
