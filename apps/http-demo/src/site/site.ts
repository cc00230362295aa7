/** What the demo serves: which path is answered by whom. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Answer, json, send, text } from './answers.ts';
import { bytesAnswer, bytesDigestAnswer } from './bytes.ts';
import { filesAnswer } from './files.ts';
import { LiveStreams } from './live.ts';
import { renderPage } from './page.ts';
import { type SiteStack, snapshotOf } from './snapshot.ts';
import { upload } from './upload.ts';

/** For Node's `http`, and for the compatible side of `http2`. */
export type AnyListener = RequestListener;

export interface Site {
  readonly listener: AnyListener;
  /** Ends what would never end by itself. */
  end(): void;
}

/** A path and the methods that it knows. */
interface Route {
  readonly methods: readonly string[];
  readonly answer: Answer;
}

const READ = ['GET', 'HEAD'];

/** The site over connections of a stack; `files` is the folder below `/files/`, default the demo's own. */
export function createSite(site: SiteStack, files?: string): Site {
  const live = new LiveStreams(site);
  const fileOf = filesAnswer(files);
  const routes = (path: string): Route => {
    if (path === '/events') return { methods: ['GET'], answer: (request, response) => live.serve(request, response) };
    if (path.startsWith('/files/')) return { methods: READ, answer: fileOf(path.slice('/files'.length)) };
    return routeOf(site, path);
  };
  return { listener: listenerFor(routes), end: () => live.end() };
}

function listenerFor(routes: (path: string) => Route): AnyListener {
  return (request, response) => {
    const { methods, answer } = routes(pathOf(request));
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

function routeOf(site: SiteStack, path: string): Route {
  if (path === '/') return { methods: READ, answer: (request, response) => page(site, request, response) };
  if (path === '/connection')
    return { methods: READ, answer: (request, response) => connection(site, request, response) };
  if (path === '/upload') return { methods: ['POST', 'PUT'], answer: upload };
  if (path === '/files') return { methods: READ, answer: toFiles };
  const [, count, digest] = /^\/bytes\/([^/]*)(\/sha256)?$/.exec(path) ?? [];
  if (count === undefined) return { methods: READ, answer: notFound };
  return { methods: READ, answer: digest === undefined ? bytesAnswer(count) : bytesDigestAnswer(count) };
}

function page(site: SiteStack, request: IncomingMessage, response: ServerResponse): void {
  const snapshot = snapshotOf(site, request.socket, request.httpVersion);
  send(response, 200, 'text/html; charset=utf-8', renderPage(snapshot));
}

function connection(site: SiteStack, request: IncomingMessage, response: ServerResponse): void {
  json(response, 200, snapshotOf(site, request.socket, request.httpVersion));
}

function toFiles(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Location', '/files/');
  text(response, 301, 'The files are at /files/\n');
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  text(
    response,
    404,
    'Not here. There are /, /connection, /events, /bytes/N, /bytes/N/sha256, /files/ and POST /upload.\n',
  );
}
