/** fetch by `undici`, with a connector of ours. */

import { Agent, fetch } from 'undici';
import { type Example, type Sockets, urlHost } from './example.ts';
import { httpExample } from './http.ts';

export const fetchExample: Example = {
  about: "undici's fetch with a connector of ours, to the server of the http example",
  port: 80,
  serve: httpExample.serve,

  async ask(sockets, place) {
    const dispatcher = dispatcherOf(sockets);
    try {
      const response = await fetch(`http://${urlHost(place)}/fetched`, { dispatcher });
      return [`${response.status} ${(await response.text()).trim()}`];
    } finally {
      await dispatcher.close();
    }
  },
};

/** An agent of undici whose connections are ours. */
function dispatcherOf(sockets: Sockets): Agent {
  return new Agent({
    connect: ({ hostname, port }, callback) => {
      const socket = sockets.connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ''));
      socket.once('connect', () => callback(null, socket as never));
      socket.once('error', (error) => callback(error, null));
    },
  });
}
