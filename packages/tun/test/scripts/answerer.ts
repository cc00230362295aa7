/** Answers pings and UDP datagrams on a TUN link; obeys lines on standard input. Argument: options as JSON. */

import { createInterface } from 'node:readline';
import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { TunLink } from '@tcpstack/tun';
import { answer, isSummed } from '../packets.ts';

const link = TunLink.open({
  ...JSON.parse(process.argv[2] ?? '{}'),
  onLost: (error) => console.log(`lost ${error.code} ${error.message}`),
});
const reply = new PacketBatch({ headroomBytes: link.headroomBytes });
let timerTurns = 0;

link.start((batch) => {
  reply.clear();
  for (let i = 0; i < batch.count; i++) {
    const at = batch.offsetAt(i);
    const packet = batch.arena.subarray(at, at + batch.lengthAt(i));
    if (packet[9] === 17 && link.stats.receivedPackets < 100) {
      console.log(`udp ${JSON.stringify({ at, flags: batch.flagsAt(i), isSummed: isSummed(packet) })}`);
    }
    if (answer(packet)) reply.copyFrom(batch, i);
  }
  link.transmit(reply);
});

const commands: Record<string, () => void> = {
  async close() {
    process.stdin.destroy();
    await link.close();
    await link.close();
    link.transmit(reply);
    console.log(`closed ${JSON.stringify(link.stats)}`);
  },
  idle() {
    const before = process.cpuUsage();
    setTimeout(() => {
      const { user, system } = process.cpuUsage(before);
      console.log(`idle ${(user + system) / 1000}`);
    }, 1000);
  },
  unref() {
    process.stdin.destroy();
    link.unref();
  },
  timer: () => void setInterval(() => timerTurns++, 10),
  stats: () => console.log(`stats ${JSON.stringify({ ...link.stats, timerTurns })}`),
  giant() {
    const large = new PacketBatch({ headroomBytes: link.headroomBytes });
    large.reserve(link.mtuBytes + 1);
    large.commit(link.mtuBytes + 1, 0, 0);
    link.transmit(large);
    commands['stats']?.();
  },
};
createInterface({ input: process.stdin }).on('line', (line) => commands[line]?.());

const { name, mtuBytes, superSegmentBytes, receivesSuperSegments, checksum, headroomBytes } = link;
console.log(
  `open ${JSON.stringify({ name, mtuBytes, superSegmentBytes, receivesSuperSegments, checksum, headroomBytes })}`,
);
