/** Fetches a URL through our stack, while the recorder writes down what happens. */

import { once } from 'node:events';
import { createReadStream, createWriteStream, openSync, statSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import tls from 'node:tls';
import { Failure } from '@tcpstack/app-kit/cli';
import { createProgress } from '@tcpstack/app-kit/progress';
import { BodyDigest, digestField } from '../site/digest-field.ts';
import type { Recorder } from '../story/recorder.ts';
import { type Answer, askHttp1, askHttp2, type Question } from './ask.ts';
import type { Way } from './way.ts';

export interface FetchOptions {
  /** Trust any certificate. */
  readonly insecure: boolean;
  /** HTTP/1.1 also where the server has HTTP/2. */
  readonly http1: boolean;
  /** A file to send by POST. */
  readonly upload?: string | undefined;
  /** A file for the body; "-" for standard output. */
  readonly output?: string | undefined;
  /** Without any byte for so long, it has failed. */
  readonly timeoutSeconds: number;
}

/** What came of it. */
export interface Fetched {
  /** "HTTP/1.1 200 OK" */
  readonly statusLine: string;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly bodyBytes: number;
  readonly sha256: string;
  /** Whether the body is what its digest field says (RFC 9530); `null` when there is none. */
  readonly asPromised: boolean | null;
  /** The first of it, for people to read. */
  readonly beginning: Buffer;
  /** From the call to connect() to the last byte. */
  readonly durationMs: number;
}

/** Bytes of the body shown to people. */
const BEGINNING_BYTES = 1024;
/** How long the close may take once the answer is here. */
const CLOSE_MS = 3000;
const LOOK_MS = 5;

export async function fetchOver(way: Way, recorder: Recorder, options: FetchOptions): Promise<Fetched> {
  const startMs = performance.now();
  const { client, target } = way;
  const raw = client.connect({ host: target.address, port: target.port, noDelay: true });
  const patience = `nothing came for ${options.timeoutSeconds} s`;
  raw.setTimeout(options.timeoutSeconds * 1000, () => raw.destroy(new Failure(patience)));
  await once(raw, 'connect');
  raw.on('error', () => {}); // who reads has it too
  const answer = await ask(raw as unknown as Duplex, way, options);
  const statusLine = `HTTP/${answer.httpVersion} ${answer.status} ${answer.statusText}`.trimEnd();
  recorder.http('client', 'response', statusLine);
  const body = await receive(answer, options.output);
  recorder.http('client', 'body', answer.headers['content-type'] ?? 'of no type', body.bodyBytes);
  const durationMs = performance.now() - startMs;
  await closed(way);
  return { statusLine, headers: answer.headers, trailers: answer.trailers(), ...body, durationMs };
}

async function ask(raw: Duplex, { target, ca }: Way, options: FetchOptions): Promise<Answer> {
  const question: Question = { url: target.url, upload: uploadOf(options.upload) };
  if (!target.secure) return askHttp1(raw, question);
  const host = target.url.hostname;
  const socket = tls.connect({
    socket: raw,
    host,
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }), // an address is no name (RFC 6066 §3)
    ALPNProtocols: options.http1 ? ['http/1.1'] : ['h2', 'http/1.1'],
    rejectUnauthorized: !options.insecure,
    ...(ca === undefined ? {} : { ca }),
  });
  await once(socket, 'secureConnect');
  return socket.alpnProtocol === 'h2' ? askHttp2(socket, question) : askHttp1(socket, question);
}

function uploadOf(path: string | undefined): Question['upload'] {
  if (path === undefined) return null;
  const lengthBytes = statSync(path).size;
  const progress = createProgress('sent');
  let sentBytes = 0;
  const source = createReadStream(path).on('close', () => progress.end());
  source.on('data', (chunk) => {
    sentBytes += chunk.length;
    progress.update(sentBytes, lengthBytes);
  });
  return { source: source.pause(), lengthBytes };
}

type Body = Pick<Fetched, 'bodyBytes' | 'sha256' | 'asPromised' | 'beginning'>;

async function receive(answer: Answer, output: string | undefined): Promise<Body> {
  const { headers, status, body } = answer;
  // Of a part, Repr-Digest says something about the whole (RFC 9530 §3.1).
  const digest = new BodyDigest(
    headers['content-digest'] as string,
    status === 200 ? (headers['repr-digest'] as string) : '',
  );
  const totalBytes = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  const progress = createProgress('received');
  const sink = output === undefined ? null : openSink(output);
  const beginning: Buffer[] = [];
  let beginningBytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      digest.update(chunk);
      progress.update(digest.lengthBytes, totalBytes);
      if (beginningBytes < BEGINNING_BYTES) {
        beginning.push(Buffer.from(chunk.subarray(0, BEGINNING_BYTES - beginningBytes)));
        beginningBytes += chunk.length;
      }
      if (sink?.write(chunk) === false) await once(sink, 'drain');
    }
  } finally {
    progress.end();
    await flushed(sink);
  }
  const { sha256, asPromised } = digest.end();
  const trailer = answer.trailers()['content-digest'] as string | undefined;
  const behind = trailer === undefined ? null : trailer.includes(digestField(sha256));
  return {
    bodyBytes: digest.lengthBytes,
    sha256,
    asPromised: asPromised ?? behind,
    beginning: Buffer.concat(beginning),
  };
}

function openSink(output: string): Writable {
  return output === '-' ? process.stdout : createWriteStream(output, { fd: openSync(output, 'w') });
}

async function flushed(sink: Writable | null): Promise<void> {
  if (sink === null || sink === process.stdout) return;
  sink.end();
  await once(sink, 'close');
}

/** Resolves when our end is closed, or waits in TIME-WAIT, and after a while in any case. */
async function closed({ client }: Way): Promise<void> {
  const endMs = performance.now() + CLOSE_MS;
  const isOpen = (): boolean => client.host.sockets().some(({ state }) => state !== 'TIME-WAIT' && state !== 'CLOSED');
  while (isOpen() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  await new Promise(setImmediate); // what the last segment caused is still to be written down
}
