/** What the demo serves: which path is answered by whom. */

import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { factsOf, type SiteStack } from './facts.ts';
import { renderPage } from './page.ts';
import { BYTES_MAX, parseCount, randomBytesOf, sha256Of } from './random-bytes.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** A path and the methods that it knows. */
interface Route {
  readonly methods: readonly string[];
  readonly answer: Answer;
}

const READ = ['GET', 'HEAD'];

/** A listener for Node's `http`, over connections of `stack`. */
export function createSite(stack: SiteStack): RequestListener {
  return (request, response) => {
    const { methods, answer } = routeOf(stack, pathOf(request));
    if (!methods.includes(request.method ?? '')) {
      response.setHeader('Allow', methods.join(', '));
      text(response, 405, `${request.method} is not for this path; ${methods.join(' and ')} are.\n`);
      return;
    }
    Promise.resolve(answer(request, response)).catch(() => {
      // The connection broke, or the answer cannot be finished: the peer must not take it for a whole one.
      response.destroy();
    });
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string;
}

function routeOf(stack: SiteStack, path: string): Route {
  if (path === '/') return { methods: READ, answer: (request, response) => page(stack, request, response) };
  if (path === '/connection')
    return { methods: READ, answer: (request, response) => connection(stack, request, response) };
  if (path === '/upload') return { methods: ['POST'], answer: upload };
  const [, count, digest] = /^\/bytes\/([^/]*)(\/sha256)?$/.exec(path) ?? [];
  if (count !== undefined) return { methods: READ, answer: bytesAnswer(parseCount(count), digest !== undefined) };
  return { methods: READ, answer: notFound };
}

function page(stack: SiteStack, request: IncomingMessage, response: ServerResponse): void {
  send(response, 200, 'text/html; charset=utf-8', renderPage(factsOf(stack, request.socket)));
}

function connection(stack: SiteStack, request: IncomingMessage, response: ServerResponse): void {
  send(response, 200, 'application/json', `${JSON.stringify(factsOf(stack, request.socket), null, 2)}\n`);
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  text(response, 404, 'Not here. There are /, /connection, /bytes/N, /bytes/N/sha256 and POST /upload.\n');
}

function bytesAnswer(count: number | null, digest: boolean): Answer {
  if (count === null) {
    return (_request, response) => text(response, 400, `N in /bytes/N is a whole number from 0 to ${BYTES_MAX}.\n`);
  }
  return (request, response) => (digest ? bytesDigest(count, request, response) : bytes(count, request, response));
}

/** Streams as fast as the peer reads; the digest comes when all bytes are known to have been made. */
async function bytes(count: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Content-Type', 'application/octet-stream');
  // A trailer needs chunks: HTTP/1.0 does not have them, and HEAD no body to cut.
  const trailer = request.httpVersion !== '1.0' && request.method === 'GET';
  if (trailer) response.setHeader('Trailer', 'X-Content-SHA256');
  else response.setHeader('Content-Length', count);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const source = randomBytesOf(count, (sha256) => {
    if (trailer) response.addTrailers({ 'X-Content-SHA256': sha256 });
  });
  await pipeline(source, response);
}

async function bytesDigest(count: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'HEAD') {
    text(response, 200, '');
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  text(response, 200, `${await sha256Of(count, gone.signal)}\n`);
}

/** "<SHA-256 in hex> <bytes>". */
async function upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256');
  let lengthBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    lengthBytes += chunk.length;
  }
  text(response, 200, `${hash.digest('hex')} ${lengthBytes}\n`);
}

function text(response: ServerResponse, status: number, body: string): void {
  send(response, status, 'text/plain; charset=utf-8', body);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
