/** Whole answers in one piece. */

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers one request; a rejection breaks the answer off. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export function text(response: ServerResponse, status: number, body: string): void {
  send(response, status, 'text/plain; charset=utf-8', body);
}

export function json(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', `${JSON.stringify(body, null, 2)}\n`);
}

/** The body is left out for HEAD by Node itself. */
export function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
