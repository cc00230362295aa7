/** One request and its answer over a connection that is there, by HTTP/1.1 or HTTP/2. */

import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { Duplex, Readable } from 'node:stream';

/** What to ask. */
export interface Question {
  readonly url: URL;
  /** What to send, with its length; `null` for a GET. */
  readonly upload: { readonly source: Readable; readonly lengthBytes: number } | null;
}

export interface Answer {
  /** "1.1", "2" */
  readonly httpVersion: string;
  readonly status: number;
  /** "OK"; HTTP/2 has none. */
  readonly statusText: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Readable;
  /** After the end of the body. */
  trailers(): http.IncomingHttpHeaders;
}

const AGENT = 'tcpstack-http-demo';

/** Over TCP, or over TLS whose ALPN did not say "h2". The connection ends with the answer. */
export async function askHttp1(socket: Duplex, { url, upload }: Question): Promise<Answer> {
  const request = http.request({
    createConnection: () => socket,
    method: upload === null ? 'GET' : 'POST',
    path: url.pathname + url.search,
    setHost: false,
    headers: {
      Host: url.host,
      'User-Agent': AGENT,
      Accept: '*/*',
      Connection: 'close',
      ...(upload === null ? {} : { 'Content-Length': upload.lengthBytes }),
    },
  });
  if (upload === null) request.end();
  else upload.source.on('error', (error) => request.destroy(error)).pipe(request);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  request.on('error', () => {}); // the body has it too
  const { httpVersion, statusCode: status = 0, statusMessage: statusText = '', headers } = response;
  return { httpVersion, status, statusText, headers, body: response, trailers: () => response.trailers };
}

/** Over TLS whose ALPN said "h2". The session, and with it the connection, ends with the answer. */
export async function askHttp2(socket: Duplex, { url, upload }: Question): Promise<Answer> {
  const session = http2.connect(url.origin, { createConnection: () => socket });
  const broken = new Promise<never>((_, reject) => session.on('error', reject));
  broken.catch(() => {}); // the stream has it too
  const stream = session.request(
    {
      ':method': upload === null ? 'GET' : 'POST',
      ':path': url.pathname + url.search,
      'user-agent': AGENT,
      accept: '*/*',
      ...(upload === null ? {} : { 'content-length': upload.lengthBytes }),
    },
    { endStream: upload === null },
  );
  if (upload !== null) upload.source.on('error', (error) => stream.destroy(error)).pipe(stream);
  let trailers: http.IncomingHttpHeaders = {};
  stream.once('trailers', (fields: http.IncomingHttpHeaders) => {
    trailers = fields;
  });
  stream.once('close', () => session.close());
  const [headers] = (await Promise.race([once(stream, 'response'), broken])) as [http2.IncomingHttpHeaders];
  const fields = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')));
  return {
    httpVersion: '2',
    status: Number(headers[':status']),
    statusText: '',
    headers: fields,
    body: stream,
    trailers: () => trailers,
  };
}
