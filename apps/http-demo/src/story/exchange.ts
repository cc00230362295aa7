/** One HTTP exchange between two hosts in this process, watched from the first socket to TIME-WAIT. */

import http from 'node:http';
import { Failure } from '@tcpstack/app-kit/cli';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import type { Socket, Stack } from '@tcpstack/net';
import { createSite } from '../site/site.ts';
import type { StoryEvent } from './events.ts';
import { Recorder } from './recorder.ts';

const PORT = 80;
/** Connections that may wait for accept(): small, so that the number can be told from a default. */
const BACKLOG_SEGS = 8;
/**
 * How long the programs take before they send their first byte, and before they hang up after their peer. What a
 * program does at once travels with the stack's own answer; it is easier to see what is what when it does not.
 */
const PAUSE_MS = 3;
/** Far more than it takes; a story without an end is a bug. */
const PATIENCE_MS = 10_000;

/**
 * Runs the exchange and returns what happened.
 *
 * @param pcap File for a capture.
 * @throws {Failure} When it does not end.
 */
export async function runExchange(pcap?: string): Promise<StoryEvent[]> {
  const recorder = new Recorder();
  // One packet at a time, so that what each one did can be seen.
  const { client, server, serverLink, closeCapture } = createEmbedded({
    wire: { packetsPerDelivery: 1 },
    pcap,
    watch: (name, link) => recorder.watchLink(name, link),
  });
  recorder.watchStack('client', client);
  recorder.watchStack('server', server);
  try {
    const site = createSite({ host: server.host, link: serverLink });
    await serve(server, site, recorder);
    await Promise.all([bothEndsDone(recorder), fetchPage(client, recorder)]);
    recorder.finish();
  } finally {
    await Promise.all([client.close(), server.close()]);
    closeCapture();
  }
  return recorder.events;
}

function serve(stack: Stack, site: http.RequestListener, recorder: Recorder): Promise<void> {
  const app = http.createServer((request, response) => {
    recorder.http('server', 'request', `${request.method} ${request.url} HTTP/${request.httpVersion}`);
    site(request, response);
  });
  const listener = stack.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    hangUpLater(socket);
    app.emit('connection', socket);
  });
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(PORT, SERVER_ADDRESS, BACKLOG_SEGS, resolve);
  });
}

/** A server often has something left to do when its client has gone, a line to log for one. */
function hangUpLater(socket: Socket): void {
  const hangUp = socket._final.bind(socket);
  socket._final = (done) => {
    afterPause(() => hangUp(done));
  };
}

/** The stack answers what arrived in an immediate that is queued already: even on a busy machine it comes first. */
function afterPause(run: () => void): void {
  setImmediate(() => setTimeout(run, PAUSE_MS));
}

/** Asks for the page; when it is here, the client closes its half of the connection. */
function fetchPage(stack: Stack, recorder: Recorder): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = (_options, connected) => {
    const socket = stack.connect({ host: SERVER_ADDRESS, port: PORT, allowHalfOpen: true, noDelay: true });
    // The ACK that ends the handshake then travels alone, and not with the request.
    socket.once('connect', () => afterPause(() => connected?.(null, socket)));
    socket.once('error', (error) => connected?.(error, socket));
    return null;
  };
  agent.keepSocketAlive = () => true; // as the default, without asking for TCP's keep-alive
  return new Promise((resolve, reject) => {
    agent.on('free', (socket: Socket) => {
      socket.end();
      resolve();
    });
    const request = http.get({ host: SERVER_ADDRESS, path: '/', agent }, (response) => {
      recorder.http(
        'client',
        'response',
        `HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}`,
      );
      let bodyBytes = 0;
      response.on('data', (chunk: Buffer) => {
        bodyBytes += chunk.length;
      });
      response.on('end', () => {
        recorder.http('client', 'body', response.headers['content-type'] ?? '', bodyBytes);
      });
    });
    request.on('error', reject);
  });
}

/** Resolves when the client is in TIME-WAIT and the server has forgotten the connection. */
function bothEndsDone(recorder: Recorder): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Failure(`the connection did not end within ${PATIENCE_MS / 1000} s`));
    }, PATIENCE_MS);
    const state = { client: '', server: '' };
    recorder.onChange = () => {
      for (const event of recorder.events) {
        if (event.type === 'state' && event.remote !== null) state[event.host] = event.to;
      }
      if (state.client !== 'TIME-WAIT' || state.server !== 'CLOSED') return;
      clearTimeout(timer);
      // What the last segment caused is still to be written down.
      setImmediate(resolve);
    };
  });
}
