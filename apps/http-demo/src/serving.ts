/** The site on ports of our stack: HTTP/1.1, and HTTPS with HTTP/1.1 and HTTP/2; and its end in order. */

import http from 'node:http';
import http2 from 'node:http2';
import { closeInOrder } from '@tcpstack/app-kit/orderly';
import type { Server, Socket, Stack } from '@tcpstack/net';
import type { Link } from '@tcpstack/runtime/link';
import { type RequestEvent, tellRequest } from './request-event.ts';
import { type AnyListener, createSite } from './site/site.ts';
import type { Identity } from './tls/certificate.ts';
import { createSecureDoor } from './tls/secure-door.ts';
import type { FlightRecorder } from './watch/flight-recorder.ts';

export interface ServingOptions {
  /** For plain HTTP/1.1. */
  readonly port: number;
  readonly tls?: { readonly port: number; readonly identity: Identity } | undefined;
  /** What watches the link, so that pages can show segments. */
  readonly recorder?: FlightRecorder | undefined;
  /** A folder to serve below `/files/`; default the demo's own. */
  readonly files?: string | undefined;
  readonly onRequest?: ((event: RequestEvent) => void) | undefined;
}

export interface Serving {
  /** Takes no more connections, lets answers under way finish, closes every connection and stops the stack. */
  close(): Promise<void>;
}

/** How long answers under way may take once we are told to stop. */
const GRACE_MS = 2000;
/** Half-open: a request that was sent before its sender's end is still answered. */
const LISTENER = { allowHalfOpen: true, noDelay: true } as const;

/** What ends in order: a socket between two requests, a session of HTTP/2. */
interface Endable {
  readonly destroyed: boolean;
  end(): unknown;
}

/** Resolves when the stack listens. */
export async function serveSite(stack: Stack, link: Link, options: ServingOptions): Promise<Serving> {
  const site = createSite({ stack, link, recorder: options.recorder ?? null }, options.files);
  const doors = new Doors(tellRequest(site.listener, options.onRequest));
  const listeners = [
    await listening(
      stack.createServer(LISTENER, (socket) => doors.plain(socket)),
      options.port,
    ),
  ];
  if (options.tls !== undefined) {
    const open = createSecureDoor(options.tls.identity, doors.secureServer);
    listeners.push(await listening(stack.createServer(LISTENER, open), options.tls.port));
  }
  return {
    close: async () => {
      for (const listener of listeners) listener.close();
      site.end();
      doors.close();
      await closeInOrder(stack, GRACE_MS);
    },
  };
}

/** Node's servers, and which connections have no request under way: these can be closed at once. */
class Doors {
  readonly #http: http.Server;
  readonly secureServer: http2.Http2SecureServer;
  readonly #idle = new Set<Endable>();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  #stopping = false;

  constructor(listener: AnyListener) {
    this.#http = http.createServer(listener as http.RequestListener);
    // It never listens: what it gets has been through TLS, so it needs no certificate.
    this.secureServer = http2.createSecureServer({ allowHTTP1: true }, listener as never);
    for (const server of [this.#http, this.secureServer])
      server.on('request', (request, response) => this.#busy(request, response));
    this.secureServer.on('secureConnection', (socket) => {
      if (socket.alpnProtocol !== 'h2') this.#rest(socket); // sessions are ended as such
    });
    this.secureServer.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => {}); // the peer broke it; its streams are told
      session.once('close', () => this.#sessions.delete(session));
    });
    this.secureServer.on('sessionError', () => {});
  }

  plain(socket: Socket): void {
    this.#rest(socket);
    this.#http.emit('connection', socket);
  }

  close(): void {
    this.#stopping = true;
    for (const session of this.#sessions) session.close(); // GOAWAY, and the end once its streams have ended
    for (const socket of this.#idle) socket.end();
  }

  #busy(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (request.httpVersionMajor > 1) return; // its session knows
    const { socket } = request;
    this.#idle.delete(socket);
    response.once('close', () => this.#rest(socket));
  }

  #rest(socket: Endable & NodeJS.EventEmitter): void {
    if (this.#stopping) socket.end();
    else if (!socket.destroyed && !this.#idle.has(socket)) {
      this.#idle.add(socket);
      socket.once('close', () => this.#idle.delete(socket));
    }
  }
}

function listening(listener: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(port, () => resolve(listener));
  });
}
