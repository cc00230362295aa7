/** node:https and node:tls: TLS over our sockets, which are streams like any other. */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { certificate, trustIn } from './certificate.ts';
import { type Example, urlHost } from './example.ts';
import { feed } from './feed.ts';
import { pages } from './http.ts';

export const httpsExample: Example = {
  about: 'node:https over node:tls',
  port: 443,

  async serve(sockets, port) {
    await feed(sockets, port, https.createServer(await certificate(), pages));
  },

  async ask(sockets, place) {
    const trust = await trustIn(place);
    let protocol: string | null = null;
    const request = https.get(`https://${urlHost(place)}/secret`, {
      createConnection: () => {
        const secure = tls.connect({ ...trust, socket: sockets.connect(place.port, place.address) });
        secure.once('secureConnect', () => {
          protocol = secure.getProtocol();
        });
        return secure;
      },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const text = (await response.setEncoding('utf8').toArray()).join('');
    return [`${response.statusCode} ${text.trim()}, by ${protocol}`];
  },
};
