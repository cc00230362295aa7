/** `/events`: the connection that carries the answer, told again and again by server-sent events, until somebody ends it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from './answers.ts';
import { liveParts } from './page.ts';
import { type SiteStack, snapshotOf } from './snapshot.ts';

/** How often a page hears of its connection. */
const INTERVAL_MS = 1000;
/** How soon a browser comes back when the stream broke. */
const RETRY_MS = 2000;
/** Each stream costs a look at all sockets a second. */
const STREAMS_MAX = 100;

export class LiveStreams {
  readonly #site: SiteStack;
  readonly #streams = new Set<ServerResponse>();

  constructor(site: SiteStack) {
    this.#site = site;
  }

  /** Answers with a stream. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.#streams.size >= STREAMS_MAX) {
      text(response, 503, `There are ${STREAMS_MAX} such streams already.\n`);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const peer = request.socket;
    const tell = (): void => {
      if (response.writableNeedDrain) return; // who does not read misses what was
      const parts = liveParts(snapshotOf(this.#site, peer, request.httpVersion));
      response.write(`event: connection\ndata: ${JSON.stringify(parts)}\n\n`);
    };
    const timer = setInterval(tell, INTERVAL_MS);
    this.#streams.add(response);
    response.once('close', () => {
      clearInterval(timer);
      this.#streams.delete(response);
    });
    tell();
  }

  /** Says good-bye on each stream and ends it: a browser told so does not come back. */
  end(): void {
    for (const response of this.#streams) response.end('event: bye\ndata: {}\n\n');
  }
}
