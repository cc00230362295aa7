/** Accepts one connection of the kernel with a hand-made SYN,ACK and prints how the data arrives. */

import { connect } from 'node:net';
import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { TunLink } from '@tcpstack/tun';
import { tcpPartial } from '../packets.ts';

const SYN = 2;
const ACK = 16;
/** Kind 2, length 4, 1460. */
const MSS_OPTION = Uint8Array.of(2, 4, 0x05, 0xb4);

const link = TunLink.open({ hostAddress: '10.77.0.1/24' });
const out = new PacketBatch({ headroomBytes: link.headroomBytes });

link.start((batch) => {
  for (let i = 0; i < batch.count; i++) {
    const at = batch.offsetAt(i);
    const packet = batch.arena.subarray(at, at + batch.lengthAt(i));
    if (packet[9] !== 6) continue;
    const view = new DataView(packet.buffer, packet.byteOffset);
    if (((packet[33] as number) & SYN) !== 0) sendSynAck(view.getUint16(20), view.getUint32(24) + 1);
    const segmentBytes = batch.segmentBytesAt(i);
    if (segmentBytes > 0) {
      console.log(`super ${JSON.stringify({ segmentBytes, lengthBytes: packet.length, flags: batch.flagsAt(i) })}`);
    }
  }
});

function sendSynAck(port: number, ack: number): void {
  const segment = { sourcePort: 80, destinationPort: port, seq: 1, ack, flags: SYN | ACK, options: MSS_OPTION };
  const packet = tcpPartial('10.77.0.2', '10.77.0.1', segment);
  out.clear();
  out.arena.set(packet, out.reserve(packet.length));
  out.commit(packet.length, PKT_CSUM_PARTIAL, 0);
  link.transmit(out);
}

const socket = connect(80, '10.77.0.2', () => socket.write(Buffer.alloc(10_000)));
process.stdin.once('data', () => {
  process.stdin.destroy();
  socket.destroy();
  void link.close();
});
