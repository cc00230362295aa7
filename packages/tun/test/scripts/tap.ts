/** Answers ARP for 10.77.0.2 and pings to it on a TAP link. Argument: options as JSON. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { TunLink } from '@tcpstack/tun';
import { answer } from '../packets.ts';

const link = TunLink.open({ mode: 'tap', ...JSON.parse(process.argv[2] ?? '{}') });
const ours = (link.macAddress ?? '').split(':').map((text) => Number.parseInt(text, 16));
const reply = new PacketBatch({ headroomBytes: link.headroomBytes });
const types = new Set<number>();

/** Makes the frame its answer, in place. Whether it was for us. */
function answerFrame(frame: Uint8Array): boolean {
  const type = ((frame[12] as number) << 8) | (frame[13] as number);
  if (!types.has(type)) console.log(`type ${type.toString(16)}`);
  types.add(type);
  const isAnswered = type === 0x0806 ? answerArp(frame.subarray(14)) : type === 0x0800 && answer(frame.subarray(14));
  if (!isAnswered) return false;
  frame.copyWithin(0, 6, 12);
  frame.set(ours, 6);
  return true;
}

function answerArp(packet: Uint8Array): boolean {
  if (packet[7] !== 1 || packet.subarray(24, 28).join('.') !== '10.77.0.2') return false;
  packet[7] = 2;
  packet.copyWithin(18, 8, 18);
  packet.set([...ours, 10, 77, 0, 2], 8);
  return true;
}

link.start((batch) => {
  reply.clear();
  for (let i = 0; i < batch.count; i++) {
    const at = batch.offsetAt(i);
    if (answerFrame(batch.arena.subarray(at, at + batch.lengthAt(i)))) reply.copyFrom(batch, i);
  }
  link.transmit(reply);
});
const { name, mtuBytes, carries, macAddress } = link;
console.log(`open ${JSON.stringify({ name, mtuBytes, carries, macAddress })}`);
