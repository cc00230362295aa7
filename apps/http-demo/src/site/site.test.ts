import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serveSite } from '../serving.ts';
import { BYTES_MAX, parseCount } from './random-bytes.ts';

const { client, server, serverLink } = createEmbedded();
let site: Serving;

beforeAll(async () => {
  site = await serveSite(server, serverLink, 80);
});
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
function ask(method: string, path: string, body?: Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const createConnection = () => client.connect({ host: SERVER_ADDRESS, port: 80 });
    const request = http.request({ method, path, host: SERVER_ADDRESS, createConnection }, (response) => {
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
    expect(page).toContain('1448 bytes'); // MSS without the timestamps' 12 bytes
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('gives the same facts as JSON', async () => {
    const facts = JSON.parse((await ask('GET', '/connection')).body.toString()) as { name: string; value: string }[];
    expect(facts.find(({ name }) => name === 'State')?.value).toBe('ESTABLISHED');
  });
});

describe('GET /bytes/N', () => {
  it.each([0, 1, 262_144, 1_000_003])(
    'sends %i bytes, and their SHA-256 in a trailer and at its own path',
    async (count) => {
      const { body, trailers } = await ask('GET', `/bytes/${count}`);
      expect(body.length).toBe(count);
      expect(trailers['x-content-sha256']).toBe(sha256(body));
      expect((await ask('GET', `/bytes/${count}/sha256`)).body.toString()).toBe(`${sha256(body)}\n`);
    },
  );

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
    expect((await ask('GET', `/bytes/${count}`)).status).toBe(400);
  });

  it('takes numbers up to its limit', () => {
    expect(parseCount(String(BYTES_MAX))).toBe(BYTES_MAX);
    expect(parseCount(String(BYTES_MAX + 1))).toBeNull();
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, body } = await ask('HEAD', '/bytes/1000');
    expect([status, headers['content-length'], body.length]).toEqual([200, '1000', 0]);
  });
});

describe('POST /upload', () => {
  it.each([0, 5, 3_000_000])('answers with the SHA-256 and the length of %i bytes', async (count) => {
    const body = randomBytes(count);
    expect((await ask('POST', '/upload', body)).body.toString()).toBe(`${sha256(body)} ${count}\n`);
  });
});

describe('what is not there', () => {
  it('is 404, and a wrong method 405 with the right ones', async () => {
    expect((await ask('GET', '/nope')).status).toBe(404);
    const wrong = await ask('DELETE', '/');
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await ask('GET', '/upload')).headers.allow).toBe('POST');
  });
});

it('ends connections and stack in order when it is closed, also one that waits for its next request', async () => {
  const pair = createEmbedded();
  const serving = await serveSite(pair.server, pair.serverLink, 80);
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
