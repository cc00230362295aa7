/** WebSocket by `ws`: an upgrade of node:http on our connection. */

import { once } from 'node:events';
import http from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { type Example, urlHost } from './example.ts';
import { feed } from './feed.ts';

const MESSAGES = ['hello', 'a second one', 'x'.repeat(100_000)];

export const webSocketExample: Example = {
  about: 'WebSocket by ws, an echo',
  port: 80,

  async serve(sockets, port) {
    const server = http.createServer((_request, response) => response.writeHead(426).end());
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    await feed(sockets, port, server);
  },

  async ask(sockets, place) {
    const socket = new WebSocket(`ws://${urlHost(place)}/`, {
      createConnection: () => sockets.connect(place.port, place.address),
    });
    await once(socket, 'open');
    const said: string[] = [];
    for (const message of MESSAGES) {
      socket.send(message);
      const [echo] = (await once(socket, 'message')) as [Buffer];
      said.push(`${echo.length} bytes came back ${echo.toString() === message ? 'as they were' : 'CHANGED'}`);
    }
    socket.close(1000);
    const [code] = (await once(socket, 'close')) as [number];
    return [...said, `closed with ${code}`];
  },
};
