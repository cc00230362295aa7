/** Opens three queues of one device, prints what each receives, and answers on another queue than it came by. */

import { createSocket } from 'node:dgram';
import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { TunLink } from '@tcpstack/tun';
import { answer } from '../packets.ts';

const FLOWS = 60;

const links = TunLink.openQueues(3, { hostAddress: '10.77.0.1/24' });
const reply = new PacketBatch({ headroomBytes: 12 });
const arrived = links.map(() => 0);
let answers = 0;

links.forEach((link, q) => {
  link.start((batch) => {
    reply.clear();
    for (let i = 0; i < batch.count; i++) {
      const at = batch.offsetAt(i);
      if (!answer(batch.arena.subarray(at, at + batch.lengthAt(i)))) continue;
      arrived[q] = (arrived[q] ?? 0) + 1;
      reply.copyFrom(batch, i);
    }
    links[(q + 1) % links.length]?.transmit(reply);
  });
});

for (let i = 0; i < FLOWS; i++) {
  const socket = createSocket('udp4');
  socket.once('message', () => {
    socket.close();
    if (++answers < FLOWS) return;
    console.log(`queues ${JSON.stringify({ names: links.map((link) => link.name), arrived })}`);
    for (const link of links) void link.close();
  });
  socket.send('x', 7, '10.77.0.2');
}
