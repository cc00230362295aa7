/** Node's own HTTP, both sides, over the stack. */

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import type { Stack } from '../src/net.ts';
import { listening, makePair, type Pair, SERVER_ADDRESS, states, until } from './pair.ts';

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly trailers: NodeJS.Dict<string>;
  readonly body: Buffer;
  readonly reused: boolean;
}

function request(options: http.RequestOptions, body?: readonly (string | Buffer)[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: SERVER_ADDRESS, port: 80, ...options }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({
        status: response.statusCode as number,
        headers: response.headers,
        trailers: response.trailers,
        body: Buffer.concat(chunks),
        reused: sent.reusedSocket,
      });
    });
    sent.on('error', reject);
    for (const part of body ?? []) sent.write(part);
    sent.end();
  });
}

/** An http.Server fed by a server of the stack. */
async function serve(pair: Pair, answer: http.RequestListener): Promise<http.Server> {
  const httpServer = http.createServer(answer);
  await listening(
    pair.server.createServer((socket) => httpServer.emit('connection', socket)),
    80,
  );
  return httpServer;
}

function agentOf(stack: Stack, options: http.AgentOptions): http.Agent {
  return Object.assign(new http.Agent(options), { createConnection: stack.createConnection });
}

test('a request by createConnection gets its answer', async () => {
  const pair = makePair();
  await serve(pair, (_request, response) => response.setHeader('x-by', 'tcpstack').end('a page'));
  const answer = await request({ path: '/', createConnection: () => pair.client.connect(80, SERVER_ADDRESS) });
  expect(answer).toMatchObject({ status: 200, headers: { 'x-by': 'tcpstack' } });
  expect(answer.body.toString()).toBe('a page');
});

test('a keep-alive Agent sends many requests over one connection', async () => {
  const pair = makePair();
  await serve(pair, (request, response) => response.end(`you asked for ${request.url}`));
  const agent = agentOf(pair.client, { keepAlive: true, maxSockets: 1 });
  let opened = 0;
  for (let i = 0; i < 20; i++) {
    const answer = await request({ path: `/${i}`, agent });
    expect(answer.body.toString()).toBe(`you asked for /${i}`);
    if (!answer.reused) opened++;
  }
  expect(opened).toBe(1);
  expect(states(pair.server)).toEqual(['ESTABLISHED']);
  agent.destroy();
  await until(() => !states(pair.server).includes('ESTABLISHED'), 'the connection to close');
});

test('many requests at once over an Agent with several sockets', async () => {
  const pair = makePair();
  await serve(pair, (request, response) => setTimeout(() => response.end(request.url), 2));
  const agent = agentOf(pair.client, { keepAlive: true, maxSockets: 10 });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => request({ path: `/${i}`, agent })));
  expect(answers.map(({ body }) => body.toString())).toEqual(Array.from({ length: 100 }, (_, i) => `/${i}`));
  agent.destroy();
});

test('a chunked upload and a chunked download with a trailer, 5 MB each, keep their hashes', async () => {
  const pair = makePair();
  const bytes = randomBytes(5_000_000);
  const digest = createHash('sha256').update(bytes).digest('hex');
  await serve(pair, async (request, response) => {
    const hash = createHash('sha256');
    response.setHeader('trailer', 'x-sha256');
    for await (const chunk of request) {
      hash.update(chunk as Buffer);
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.addTrailers({ 'x-sha256': hash.digest('hex') });
    response.end();
  });
  const parts = Array.from({ length: 50 }, (_, i) => bytes.subarray(i * 100_000, (i + 1) * 100_000));
  const answer = await request(
    { method: 'POST', path: '/', createConnection: () => pair.client.connect(80, SERVER_ADDRESS) },
    parts,
  );
  expect(answer.headers['transfer-encoding']).toBe('chunked');
  expect(createHash('sha256').update(answer.body).digest('hex')).toBe(digest);
  expect(answer.trailers).toEqual({ 'x-sha256': digest });
});

test('a server that nobody runs is ECONNREFUSED to the client', async () => {
  const pair = makePair();
  await expect(request({ createConnection: () => pair.client.connect(80, SERVER_ADDRESS) })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

test('a request that the server drops half-way is "socket hang up" or ECONNRESET', async () => {
  const pair = makePair();
  await serve(pair, (request) => request.socket.destroy());
  await expect(request({ createConnection: () => pair.client.connect(80, SERVER_ADDRESS) })).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
});

test('the time-out of a request works on our sockets', async () => {
  const pair = makePair();
  await serve(pair, () => {});
  const createConnection = (options: { readonly timeout?: number | undefined }): Duplex =>
    pair.client.connect({ port: 80, host: SERVER_ADDRESS, timeout: options.timeout });
  const sent = http.request({ createConnection, timeout: 40 });
  sent.on('error', () => {});
  sent.end();
  await once(sent, 'timeout');
  sent.destroy();
});
