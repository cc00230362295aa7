/** Sends super-segments into one TUN link and prints what the kernel forwards to another that splits nothing. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { TunLink } from '@tcpstack/tun';
import { isSummed, tcpPartial } from '../packets.ts';

const SEGMENT_BYTES = 1000;
const PAYLOAD_BYTES = 4500;

const from = TunLink.open({ name: 'from', hostAddress: '10.77.0.1/24' });
const to = TunLink.open({ name: 'to', hostAddress: '10.78.0.1/24', offload: false });

to.start((batch) => {
  for (let i = 0; i < batch.count; i++) {
    const at = batch.offsetAt(i);
    const packet = batch.arena.subarray(at, at + batch.lengthAt(i));
    if (packet[9] !== 6) continue;
    const payload = packet.subarray(40);
    const seq = new DataView(packet.buffer, packet.byteOffset).getUint32(24);
    const isRight = isSummed(packet) && payload.every((byte, k) => byte === (seq - 5000 + k) % 251);
    console.log(
      `segment ${JSON.stringify({ seq, bytes: payload.length, segmentBytes: batch.segmentBytesAt(i), isRight })}`,
    );
  }
});

const payload = Uint8Array.from({ length: PAYLOAD_BYTES }, (_, k) => k % 251);
const packet = tcpPartial('10.77.0.2', '10.78.0.2', {
  ...{ sourcePort: 1, destinationPort: 2, seq: 5000, ack: 1, flags: 0x18 },
  payload,
});
const batch = new PacketBatch({ headroomBytes: from.headroomBytes });
const at = batch.reserve(packet.length);
batch.arena.set(packet, at);
batch.commit(packet.length, PKT_CSUM_PARTIAL, SEGMENT_BYTES);
from.transmit(batch);
console.log(`sent ${JSON.stringify(from.stats)}`);

process.stdin.once('data', () => {
  process.stdin.destroy();
  void from.close();
  void to.close();
});
