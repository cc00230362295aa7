/** node:http2 on TLS: several requests on one connection; a client of HTTP/1.1 is answered too. */

import { once } from 'node:events';
import http2 from 'node:http2';
import tls from 'node:tls';
import { certificate, trustIn } from './certificate.ts';
import { type Example, urlHost } from './example.ts';
import { feed } from './feed.ts';

export const http2Example: Example = {
  about: 'node:http2 on TLS, many requests on one connection',
  port: 443,

  async serve(sockets, port) {
    const server = http2.createSecureServer({ ...(await certificate()), allowHTTP1: true }, (request, response) => {
      response.setHeader('content-type', 'text/plain');
      response.end(`${request.method} ${request.url} over HTTP/${request.httpVersion}\n`);
    });
    await feed(sockets, port, server);
  },

  async ask(sockets, place) {
    const trust = await trustIn(place);
    const session = http2.connect(`https://${urlHost(place)}`, {
      createConnection: () =>
        tls.connect({ ...trust, ALPNProtocols: ['h2'], socket: sockets.connect(place.port, place.address) }),
    });
    try {
      return await Promise.all(['/a', '/b', '/c'].map((path) => get(session, path)));
    } finally {
      session.close();
    }
  },
};

async function get(session: http2.ClientHttp2Session, path: string): Promise<string> {
  const stream = session.request({ ':path': path });
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
  const text = (await stream.setEncoding('utf8').toArray()).join('');
  return `${headers[':status']} ${text.trim()}`;
}
