/** One line for each request that was answered, or was not. */

import { place, roundMs } from '@tcpstack/app-kit/say';
import type { AnyListener } from './site/site.ts';

/** A line of `--json` while serving. */
export interface RequestEvent {
  readonly type: 'request';
  /** Milliseconds since the process began. */
  readonly timeMs: number;
  readonly remote: string;
  /** "1.1", "2.0" */
  readonly httpVersion: string;
  readonly secure: boolean;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The answer reached its end. */
  readonly complete: boolean;
  readonly durationMs: number;
}

/** `listener`, with `onRequest` told of each answer when it is over. */
export function tellRequest(
  listener: AnyListener,
  onRequest: ((event: RequestEvent) => void) | undefined,
): AnyListener {
  if (onRequest === undefined) return listener;
  return (request, response) => {
    const startMs = performance.now();
    const { remoteAddress = '', remotePort = 0 } = request.socket;
    const secure = 'encrypted' in request.socket; // a stream of HTTP/2 forgets its socket
    response.once('close', () => {
      onRequest({
        type: 'request',
        timeMs: roundMs(startMs),
        remote: place(remoteAddress, remotePort),
        httpVersion: request.httpVersion,
        secure,
        method: request.method ?? '',
        path: request.url ?? '',
        status: response.statusCode,
        complete: response.writableFinished,
        durationMs: roundMs(performance.now() - startMs),
      });
    });
    listener(request, response);
  };
}

/** "10.77.0.1:4711 GET /bytes/1000 HTTP/1.1 200 in 3.2 ms" */
export function requestText(event: RequestEvent): string {
  const { remote, method, path, httpVersion, secure, status, complete, durationMs } = event;
  const protocol = `${secure ? 'HTTPS' : 'HTTP'}/${httpVersion}`;
  return `${remote} ${method} ${path} ${protocol} ${status} in ${durationMs.toFixed(1)} ms${complete ? '' : ', broken off'}`;
}
