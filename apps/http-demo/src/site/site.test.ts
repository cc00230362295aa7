import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestEvent } from '../request-event.ts';
import { type Serving, serveSite } from '../serving.ts';
import { FlightRecorder } from '../watch/flight-recorder.ts';
import { digestField } from './digest-field.ts';
import { BYTES_MAX, parseCount } from './random-bytes.ts';
import type { Snapshot } from './snapshot.ts';

const recorder = new FlightRecorder();
const { client, server, serverLink } = createEmbedded({
  watch: (host, link) => (host === 'server' ? recorder.watch(link) : link),
});
const files = mkdtempSync(join(tmpdir(), 'http-demo-'));
const requests: RequestEvent[] = [];
let site: Serving;

beforeAll(async () => {
  writeFileSync(join(files, 'digits.txt'), '0123456789');
  writeFileSync(join(files, '.secret'), 'not for everybody');
  mkdirSync(join(files, 'more'));
  writeFileSync(join(files, 'more', 'a&b#c.txt'), 'x');
  const onRequest = (event: RequestEvent): unknown => requests.push(event);
  site = await serveSite(server, serverLink, { port: 80, recorder, files, onRequest });
});
afterAll(() => rmSync(files, { recursive: true }));
afterAll(async () => {
  await Promise.all([site.close(), client.close()]);
});

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly trailers: NodeJS.Dict<string>;
  readonly body: Buffer;
}

/** One request by Node's `http` over our own TCP, both ways. */
function ask(method: string, path: string, body?: Uint8Array, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const createConnection = () => client.connect({ host: SERVER_ADDRESS, port: 80 });
    const request = http.request({ method, path, headers, host: SERVER_ADDRESS, createConnection }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers, trailers } = response;
        resolve({ status, headers, trailers, body: Buffer.concat(chunks) });
      });
      response.on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('GET /', () => {
  it('is a page with the facts of the connection that carries it, and loads nothing from elsewhere', async () => {
    const { status, headers, body } = await ask('GET', '/');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const page = body.toString();
    expect(page).toMatch(/10\.77\.0\.1:\d+/);
    expect(page).toContain('ESTABLISHED');
    expect(page).toContain('1,448 bytes'); // MSS without the timestamps' 12 bytes
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('draws the segments of this very connection, from its SYN to the request for the page', async () => {
    const page = (await ask('GET', '/')).body.toString();
    const labels = [...page.matchAll(/<text [^>]*text-anchor="middle">([^<]*)<\/text>/g)].map((match) => match[1]);
    expect(labels[1]).toMatch(/^SYN seq 0 len 0, win 65535, mss 1460, sackOK, TS, nop, wscale \d+$/);
    expect(labels[2]).toMatch(/^SYN ACK seq 0 ack 1 len 0, /);
    expect(labels.at(-1)).toMatch(/^PSH ACK seq 1:\d+ ack 1 len \d+ · GET \/$/);
  });

  it('gives the same as JSON: facts, TCP_INFO and segments with the numbers on the wire', async () => {
    const { protocol, facts, tcpInfo, segments } = JSON.parse(
      (await ask('GET', '/connection')).body.toString(),
    ) as Snapshot;
    const factOf = (name: string) => facts.find((fact) => fact.name === name)?.value;
    expect(protocol).toBe('HTTP/1.1');
    expect(factOf('State')).toBe('ESTABLISHED');
    expect(factOf('Receive queue')).toBe('0 bytes');
    expect(tcpInfo).toMatchObject({ tcpi_state: 1, tcpi_snd_mss: 1448 });
    const [syn, synAck] = segments?.first ?? [];
    expect(syn).toMatchObject({ direction: 'in', flags: ['SYN'], seqRelative: 0, ack: null, timeMs: 0 });
    expect(synAck).toMatchObject({ direction: 'out', flags: ['ACK', 'SYN'], ack: ((syn?.seq ?? 0) + 1) >>> 0 });
    expect(factOf('Sequence numbers')).toBe(`${synAck?.seq} and ${syn?.seq}`);
  });
});

describe('GET /files/', () => {
  it('lists a folder, without what begins with a dot', async () => {
    const { status, headers, body } = await ask('GET', '/files/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect([...body.toString().matchAll(/href="([^"]*)">/g)].map((match) => match[1])).toEqual([
      'data:,',
      '..',
      'digits.txt',
      'more/',
    ]);
    expect((await ask('GET', '/files/more/')).body.toString()).toContain('<a href="a&b%23c.txt">a&#38;b#c.txt</a>');
    const bare = await ask('GET', '/files/more');
    expect([bare.status, bare.headers.location]).toEqual([301, '/files/more/']);
  });

  it.each([
    ['bytes=2-4', 206, 'bytes 2-4/10', '234'],
    ['bytes=-3', 206, 'bytes 7-9/10', '789'],
    ['bytes=8-', 206, 'bytes 8-9/10', '89'],
    ['bytes=10-', 416, 'bytes */10', 'There are no such bytes in it.\n'],
    ['lines=1-2', 200, undefined, '0123456789'],
  ])('answers a range of %s with %i (RFC 9110 §14)', async (range, status, contentRange, body) => {
    const answer = await ask('GET', '/files/digits.txt', undefined, { range });
    expect([answer.status, answer.headers['content-range'], answer.body.toString()]).toEqual([
      status,
      contentRange,
      body,
    ]);
  });

  it('sends nothing that the client has already (RFC 9110 §13)', async () => {
    const { headers } = await ask('GET', '/files/digits.txt');
    const again = await ask('GET', '/files/digits.txt', undefined, { 'if-none-match': headers.etag });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it.each(['/files/nope', '/files/.secret', '/files/../package.json', '/files/%2e%2e/package.json', '/files/%00'])(
    'refuses %s',
    async (path) => {
      expect([400, 403, 404]).toContain((await ask('GET', path)).status);
    },
  );
});

describe('GET /events', () => {
  it('tells of the connection that carries it, again and again', async () => {
    const createConnection = () => client.connect({ host: SERVER_ADDRESS, port: 80 });
    const request = http.get({ path: '/events', host: SERVER_ADDRESS, createConnection });
    const parts: { facts: string; ladder: string }[] = [];
    await new Promise<void>((resolve) => {
      request.on('response', (response) => {
        expect(response.headers['content-type']).toBe('text/event-stream');
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          parts.length = 0;
          for (const [, data = ''] of text.matchAll(/event: connection\ndata: (.*)\n\n/g)) parts.push(JSON.parse(data));
          if (parts.length === 2) resolve();
        });
      });
    });
    request.destroy();
    const count = ({ ladder }: { ladder: string }): number => Number(/aria-label="(\d+) segments/.exec(ladder)?.[1]);
    const [first, second] = parts as [(typeof parts)[0], (typeof parts)[0]];
    expect(second.facts).toContain('<td class="value">ESTABLISHED</td>');
    expect(count(second)).toBeGreaterThan(count(first));
  });
});

describe('GET /bytes/N', () => {
  it.each([0, 1, 262_144, 1_000_003])(
    'sends %i bytes, and their SHA-256 in the digest fields of RFC 9530 and at its own path',
    async (count) => {
      const { body, headers } = await ask('GET', `/bytes/${count}`);
      expect(body.length).toBe(count);
      expect(headers['content-length']).toBe(String(count));
      expect(headers['content-digest']).toBe(digestField(sha256(body)));
      expect(headers['repr-digest']).toBe(digestField(sha256(body)));
      expect((await ask('GET', `/bytes/${count}/sha256`)).body.toString()).toBe(`${sha256(body)}\n`);
    },
  );

  it('sends the digest of very many bytes behind them the first time, and in front of them when it is known', async () => {
    const count = 64 * 2 ** 20 + 1;
    const first = await ask('GET', `/bytes/${count}`);
    const field = digestField(sha256(first.body));
    expect(first.headers.trailer).toBe('Content-Digest');
    expect([first.headers['content-digest'], first.trailers['content-digest']]).toEqual([undefined, field]);
    expect((await ask('HEAD', `/bytes/${count}`)).headers['repr-digest']).toBe(field);
  });

  it('sends the same bytes each time, others for another N, and no zeros', async () => {
    const [one, two, other] = await Promise.all([
      ask('GET', '/bytes/4096'),
      ask('GET', '/bytes/4096'),
      ask('GET', '/bytes/4097'),
    ]);
    expect(one.body.equals(two.body)).toBe(true);
    expect(other.body.subarray(0, 4096).equals(one.body)).toBe(false);
    expect(new Set(one.body).size).toBe(256);
  });

  it.each(['', 'x', '-1', '1.5', '99999999999', '10737418241'])('refuses "%s"', async (count) => {
    const { status, body } = await ask('GET', `/bytes/${count}`);
    expect([status, body.toString()]).toEqual([400, 'N in /bytes/N is a whole number from 0 to 10737418240.\n']);
  });

  it('takes numbers up to its limit', () => {
    expect(parseCount(String(BYTES_MAX))).toBe(BYTES_MAX);
    expect(parseCount(String(BYTES_MAX + 1))).toBeNull();
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, body } = await ask('HEAD', '/bytes/1000');
    expect([status, headers['content-length'], body.length]).toEqual([200, '1000', 0]);
    expect(headers['repr-digest']).toMatch(/^sha-256=:[A-Za-z0-9+/]{43}=:$/);
    expect(headers['content-digest']).toBeUndefined(); // there is no content
  });
});

describe('POST /upload', () => {
  it.each([0, 5, 3_000_000])('answers with the SHA-256 and the length of %i bytes', async (count) => {
    const body = randomBytes(count);
    expect((await ask('POST', '/upload', body)).body.toString()).toBe(`${sha256(body)} ${count}\n`);
  });
});

describe('POST /upload with a digest field (RFC 9530)', () => {
  const body = Buffer.from('hello');
  const sha512 = createHash('sha512').update(body).digest('base64');

  it.each([
    [{ 'content-digest': digestField(sha256(body)) }, true],
    [{ 'content-digest': `sha-512=:${sha512}:, sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:` }, true],
    [{ 'repr-digest': `unknown=:AAAA:` }, null],
    [{}, null],
  ])('says whether %j is right: %j', async (headers, asPromised) => {
    const answer = await ask('POST', '/upload', body, { ...headers, accept: 'application/json' });
    expect(JSON.parse(answer.body.toString())).toEqual({
      lengthBytes: 5,
      sha256: sha256(body),
      contentDigest: digestField(sha256(body)),
      asPromised,
    });
  });

  it.each(['sha-256=:AAAA:', `sha-512=:${sha512}:, sha-256=:AAAA:`])(
    'refuses %s, which is wrong, with 400',
    async (field) => {
      const { status, body: said } = await ask('PUT', '/upload', body, { 'content-digest': field });
      expect([status, said.toString()]).toEqual([400, expect.stringContaining('5 bytes came')]);
    },
  );
});

it('tells of each request when it is over', async () => {
  await ask('GET', '/bytes/12');
  expect(requests.at(-1)).toMatchObject({
    method: 'GET',
    path: '/bytes/12',
    status: 200,
    httpVersion: '1.1',
    secure: false,
    complete: true,
    remote: expect.stringMatching(/^10\.77\.0\.1:\d+$/),
  });
});

describe('what is not there', () => {
  it('is 404, and a wrong method 405 with the right ones', async () => {
    expect((await ask('GET', '/nope')).status).toBe(404);
    const wrong = await ask('DELETE', '/');
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await ask('GET', '/upload')).headers.allow).toBe('POST, PUT');
  });
});

it('ends connections and stack in order when it is closed, also one that waits for its next request', async () => {
  const pair = createEmbedded();
  const serving = await serveSite(pair.server, pair.serverLink, { port: 80 });
  const socket = pair.client.connect({ host: SERVER_ADDRESS, port: 80 });
  const ended = new Promise((resolve) => socket.once('end', resolve));
  const failed = new Promise((_, reject) => socket.once('error', reject));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write('GET /bytes/3/sha256 HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  await Promise.all([serving.close(), Promise.race([ended, failed])]);
  expect(pair.server.host.sockets()).toEqual([expect.objectContaining({ state: 'TIME-WAIT' })]);
  await pair.client.close();
});
