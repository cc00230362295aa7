/** node:http: a server, and a client whose agent keeps its connection. */

import { once } from 'node:events';
import http from 'node:http';
import { type Example, type Sockets, urlHost } from './example.ts';
import { feed } from './feed.ts';

/** One listener for HTTP and HTTPS. */
export const pages: http.RequestListener = (request, response) => {
  // A TLSSocket over a stream does not know.
  const from = request.socket.remoteAddress ?? 'behind TLS';
  response.setHeader('content-type', 'text/plain');
  response.end(`${request.method} ${request.url} over HTTP/${request.httpVersion}, you are ${from}\n`);
};

export const httpExample: Example = {
  about: 'node:http, a server and an agent that keeps its connection',
  port: 80,

  async serve(sockets, port) {
    await feed(sockets, port, http.createServer(pages));
  },

  async ask(sockets, place) {
    const agent = agentOf(sockets);
    try {
      const said: string[] = [];
      for (const path of ['/first', '/second']) {
        const request = http.get(`http://${urlHost(place)}${path}`, { agent });
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        const text = (await response.setEncoding('utf8').toArray()).join('');
        said.push(`${response.statusCode} ${text.trim()}${request.reusedSocket ? ', on the same connection' : ''}`);
      }
      return said;
    } finally {
      agent.destroy();
    }
  },
};

function agentOf(sockets: Sockets): http.Agent {
  const createConnection = (options: { port: number; host: string }) => sockets.connect(options);
  return Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), { createConnection });
}
