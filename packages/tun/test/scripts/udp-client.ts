/** Exchanges datagrams with 10.77.0.2 by the kernel's socket. Arguments: `trips` or `flood`, and how many. */

import { createSocket } from 'node:dgram';

const [mode, countText] = process.argv.slice(2);
const count = Number(countText);
const socket = createSocket('udp4');
await new Promise<void>((resolve) => socket.connect(7, '10.77.0.2', resolve));

if (mode === 'trips') {
  let trips = 0;
  socket.on('message', () => {
    if (++trips < count) return socket.send('x');
    console.log(`trips ${trips}`);
    socket.close();
  });
  socket.send('x');
} else {
  // Callbacks pace it: the next burst goes out when the kernel took this one.
  for (let sent = 0; sent < count; sent += 50) {
    await Promise.all(Array.from({ length: 50 }, () => new Promise((resolve) => socket.send('x', resolve))));
  }
  console.log(`flooded ${count}`);
  socket.close();
}
