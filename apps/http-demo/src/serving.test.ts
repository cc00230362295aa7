import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import tls from 'node:tls';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Serving, serveSite } from './serving.ts';
import { digestField } from './site/digest-field.ts';
import type { Snapshot } from './site/snapshot.ts';
import { type Identity, makeIdentity } from './tls/certificate.ts';
import { FlightRecorder } from './watch/flight-recorder.ts';

let pair: ReturnType<typeof createEmbedded>;
let identity: Identity;
let site: Serving;

beforeEach(async () => {
  const recorder = new FlightRecorder();
  pair = createEmbedded({ watch: (host, link) => (host === 'server' ? recorder.watch(link) : link) });
  identity = await makeIdentity([SERVER_ADDRESS, 'localhost']);
  site = await serveSite(pair.server, pair.serverLink, { port: 80, tls: { port: 443, identity }, recorder });
});
afterEach(async () => {
  await Promise.all([site.close(), pair.client.close()]);
});

function secured(protocol: string, options: tls.ConnectionOptions = {}): tls.TLSSocket {
  const socket = pair.client.connect({ host: SERVER_ADDRESS, port: 443 });
  const given = { ca: identity.cert, host: SERVER_ADDRESS, ALPNProtocols: [protocol], ...options };
  return tls.connect({ socket: socket as never, ...given });
}

async function sessionOf(): Promise<http2.ClientHttp2Session> {
  const socket = secured('h2');
  await once(socket, 'secureConnect');
  return http2.connect(`https://${SERVER_ADDRESS}`, { createConnection: () => socket });
}

async function get(session: http2.ClientHttp2Session, path: string) {
  const stream = session.request({ ':path': path });
  const trailers = once(stream, 'trailers');
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { headers, body: Buffer.concat(chunks), trailers };
}

describe('HTTPS on one port', () => {
  it('speaks HTTP/2 where the client offers it (ALPN), and finds the connection below', async () => {
    const session = await sessionOf();
    const snapshot = JSON.parse((await get(session, '/connection')).body.toString()) as Snapshot;
    expect(snapshot.protocol).toBe('HTTP/2 over TLSv1.3');
    expect(snapshot.tcpInfo?.tcpi_state).toBe(1);
    const contents = snapshot.segments?.first.map(({ content }) => content).filter((content) => content !== '');
    expect(contents?.slice(0, 2)).toEqual(['TLS ClientHello', 'TLS ServerHello']);
    expect(snapshot.facts.find(({ name }) => name === 'Our end')?.value).toBe(`${SERVER_ADDRESS}:443`);
    session.close();
  });

  it('answers several requests of one session, each with its digest', async () => {
    const session = await sessionOf();
    const paths = ['/bytes/10', '/bytes/100000', '/bytes/300001'];
    for (const { headers, body } of await Promise.all(paths.map((path) => get(session, path)))) {
      expect(headers['content-digest']).toBe(digestField(createHash('sha256').update(body).digest('hex')));
    }
    session.close();
  });

  it('sends the digest of very many bytes as a trailer of HTTP/2, with their number in front', async () => {
    const session = await sessionOf();
    const { headers, body, trailers } = await get(session, '/bytes/70000000');
    const [fields] = (await trailers) as [http2.IncomingHttpHeaders];
    expect(headers['content-length']).toBe('70000000');
    expect(fields['content-digest']).toBe(digestField(createHash('sha256').update(body).digest('hex')));
    session.close();
  });

  it('speaks HTTP/1.1 where it does not', async () => {
    const socket = secured('http/1.1');
    await once(socket, 'secureConnect');
    const [response] = (await once(
      http.get({ host: SERVER_ADDRESS, path: '/connection', createConnection: () => socket }),
      'response',
    )) as [http.IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect((JSON.parse(Buffer.concat(chunks).toString()) as Snapshot).protocol).toBe('HTTP/1.1 over TLSv1.3');
  });

  it('tells a client that does not trust it, or speaks no TLS, nothing, and serves the next one', async () => {
    const [error] = (await once(secured('h2', { ca: [] }), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    const plain = pair.client.connect({ host: SERVER_ADDRESS, port: 443 });
    plain.on('error', () => {});
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await once(plain.resume(), 'close');
    const session = await sessionOf();
    expect((await get(session, '/bytes/1')).body).toHaveLength(1);
    session.close();
  });
});

describe('the end in order', () => {
  it('closes sessions of HTTP/2, idle connections of HTTP/1.1 over TLS, and live streams, each without an error', async () => {
    const session = await sessionOf();
    await get(session, '/bytes/1');
    const stream = session.request({ ':path': '/events' });
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(stream, 'data');
    const idle = secured('http/1.1');
    await once(idle, 'secureConnect');
    const ends = [once(session, 'close'), once(stream, 'end'), once(idle.resume(), 'end')];
    const startMs = performance.now();
    await Promise.all([site.close(), ...ends]);
    expect(performance.now() - startMs).toBeLessThan(1500); // the grace for what does not end is 2 s
    expect(text).toMatch(/event: bye\ndata: \{\}\n\n$/);
    expect(pair.server.host.sockets().filter(({ state }) => state !== 'TIME-WAIT')).toEqual([]);
  });
});
