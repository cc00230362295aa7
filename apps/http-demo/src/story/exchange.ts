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
    const site = createSite({ stack: server, link: serverLink, recorder: null });
    await serve(server, site.listener, recorder);
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
    hangUpLater(socket, recorder);
    app.emit('connection', socket);
  });
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(PORT, SERVER_ADDRESS, BACKLOG_SEGS, resolve);
  });
}

/**
 * What a program does at once travels with the stack's own answer. It is easier to see what is what when it does not:
 * the server hangs up once its ACK of the client's FIN has arrived.
 */
function hangUpLater(socket: Socket, recorder: Recorder): void {
  const hangUp = socket._final.bind(socket);
  socket._final = (done) => {
    void recorder.whenState('client', 'FIN-WAIT-2').then(() => hangUp(done));
  };
}

/** Asks for the page; when it is here, the client closes its half of the connection. */
function fetchPage(stack: Stack, recorder: Recorder): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = (_options, connected) => {
    const socket = stack.connect({ host: SERVER_ADDRESS, port: PORT, allowHalfOpen: true, noDelay: true });
    // The request waits until the ACK that ends the handshake has arrived, so that this one travels alone.
    void recorder.whenState('server', 'ESTABLISHED').then(() => connected?.(null, socket));
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
async function bothEndsDone(recorder: Recorder): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const late = new Promise<never>((_, reject) => {
    signal.onabort = () => reject(new Failure(`the connection did not end within ${PATIENCE_MS / 1000} s`));
  });
  await Promise.race([
    late,
    Promise.all([recorder.whenState('client', 'TIME-WAIT'), recorder.whenState('server', 'CLOSED')]),
  ]);
  // What the last segment caused is still to be written down.
  await new Promise(setImmediate);
}
