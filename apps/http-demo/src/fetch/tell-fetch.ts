/** `demo fetch URL`: fetches, and prints the story of the connection with the answer: for people, or one event a line. */

import { Failure, UsageError } from '@tcpstack/app-kit/cli';
import { count, place, roundMs } from '@tcpstack/app-kit/say';
import { untilSignal } from '@tcpstack/app-kit/signals';
import type { TunOptions } from '@tcpstack/app-kit/tun-mode';
import type { SegmentEvent, StoryEvent } from '../story/events.ts';
import { drawLadder } from '../story/ladder.ts';
import { type Paint, paintFor } from '../story/paint.ts';
import { Recorder } from '../story/recorder.ts';
import { type Fetched, type FetchOptions, fetchOver } from './fetch.ts';
import { openMemoryWay, openTunWay, type Way } from './way.ts';

/** The last line of `--json`, after the events of the story; or the one that says why there is no answer. */
export type FetchEvent =
  | {
      readonly type: 'answer';
      readonly url: string;
      readonly statusLine: string;
      readonly headers: Fetched['headers'];
      readonly trailers: Fetched['trailers'];
      readonly bodyBytes: number;
      readonly sha256: string;
      readonly asPromised: boolean | null;
      readonly durationMs: number;
    }
  | { readonly type: 'failed'; readonly url: string; readonly message: string };

export interface TellOptions extends FetchOptions, TunOptions {
  readonly json: boolean;
}

/** A handshake of TLS, a request and the first of the answer; and a close. */
const LIMITS = { first: 90, latest: 40 };
/** Width of what is not a terminal. */
const COLUMNS_DEFAULT = 120;
const PREVIEW_LINES = 12;

/** @throws {Failure} When there is no answer, or its body is not what its digest field says; the story is told before. */
export async function tellFetch(text: string, options: TellOptions): Promise<void> {
  const recorder = new Recorder(LIMITS);
  const way =
    options.tun === undefined
      ? await openMemoryWay(text, recorder, options.pcap)
      : await openTunWay(text, recorder, options);
  const signal = untilSignal().then((name) => Promise.reject(new Failure(`${name}: broken off`)));
  let fetched: Fetched | null = null;
  let failure: Error | null = null;
  try {
    fetched = await Promise.race([fetchOver(way, recorder, options), way.lost, signal]);
  } catch (error) {
    failure = failureOf(error);
  } finally {
    recorder.finish();
    await way.close();
  }
  // The body may have standard output for itself.
  const stream = options.output === '-' ? process.stderr : process.stdout;
  const lines = options.json
    ? jsonLines(recorder.events, way, fetched, failure)
    : storyLines(recorder.events, way, fetched, paintFor(stream), stream.columns ?? COLUMNS_DEFAULT);
  stream.write(`${lines.join('\n')}\n`);
  if (failure !== null) throw failure;
  if (fetched?.asPromised === false) throw new Failure('the body is not what its digest field says');
}

/** What a server or a network did wrong is no bug of ours: it has a code. */
function failureOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof Failure || error instanceof UsageError || code === undefined) return error;
  if (!/CERT|SELF_SIGNED|ALTNAME|ISSUER/.test(code)) return new Failure(error.message);
  return new Failure(`${error.message.split(';', 1)[0]}: --insecure trusts it`); // the rest are hints for Node's users
}

function jsonLines(events: readonly StoryEvent[], { target }: Way, fetched: Fetched | null, failure: Error | null) {
  const url = target.url.href;
  const last: FetchEvent[] = [];
  if (fetched !== null) {
    const { beginning, ...answer } = fetched;
    last.push({ type: 'answer', url, ...answer, durationMs: roundMs(answer.durationMs) });
  }
  if (failure !== null) last.push({ type: 'failed', url, message: failure.message });
  return [...events, ...last].map((event) => JSON.stringify(event));
}

function storyLines(events: readonly StoryEvent[], way: Way, fetched: Fetched | null, paint: Paint, columns: number) {
  const { url, address, port } = way.target;
  const call = events.find((event) => event.type === 'segment' && event.from === 'client') as SegmentEvent | undefined;
  const ours = call?.source.address ?? way.client.host.address;
  return [
    `${paint('bold', `${url.href} over our own TCP`)}, ${way.over}: ${paint('client', 'client')} ${ours} ` +
      `and ${paint('server', 'server')} ${place(address, port)}.`,
    paint('dim', 'Sequence numbers count from the initial ones; in parentheses, the numbers on the wire.'),
    '',
    ...drawLadder(events, { columns, paint }),
    ...(fetched === null ? [] : answerLines(fetched, paint)),
    '',
    segmentsText(events),
  ];
}

function answerLines(fetched: Fetched, paint: Paint): string[] {
  const { statusLine, headers, trailers, bodyBytes, sha256, asPromised, durationMs } = fetched;
  const rate = durationMs > 0 ? ` (${(bodyBytes / durationMs / 1000).toFixed(1)} MB/s)` : '';
  const verdict =
    asPromised === null ? '' : asPromised ? ', as its digest field says' : ', NOT WHAT ITS DIGEST FIELD SAYS';
  return [
    '',
    paint('title', 'The answer'),
    paint('bold', statusLine),
    ...fieldLines(headers, paint),
    ...previewLines(fetched),
    ...fieldLines(trailers, paint),
    '',
    `${count(bodyBytes)} bytes in ${durationMs.toFixed(1)} ms${rate}, SHA-256 ${sha256}${verdict}.`,
  ];
}

function fieldLines(fields: Fetched['headers'], paint: Paint): string[] {
  return Object.entries(fields).map(([name, value]) => `${paint('dim', `${name}:`)} ${value}`);
}

/** The first lines of a text. What would move the cursor of a terminal is not printed. */
function previewLines({ headers, beginning, bodyBytes }: Fetched): string[] {
  if (!/^(?:text\/|application\/(?:json|xml))/.test(headers['content-type'] ?? '')) return [];
  const lines = beginning.toString('utf8').trimEnd().split('\n');
  const shown = lines
    .slice(0, PREVIEW_LINES)
    .map((line) => line.replace(/\p{Cc}/gu, (char) => (char === '\t' ? char : '�')));
  const cut = lines.length > PREVIEW_LINES || beginning.length < bodyBytes;
  return ['', ...shown, ...(cut ? ['…'] : [])];
}

function segmentsText(events: readonly StoryEvent[]): string {
  let [segments, sentBytes, receivedBytes] = [0, 0, 0];
  let gapBytes = 0;
  for (const event of events) {
    if (event.type === 'gap') {
      segments += event.segments;
      gapBytes += event.payloadBytes;
    } else if (event.type === 'segment') {
      segments++;
      if (event.from === 'client') sentBytes += event.payloadBytes;
      else receivedBytes += event.payloadBytes;
    }
  }
  const rest = gapBytes === 0 ? '' : `, and ${count(gapBytes)} more in what is left out`;
  return `${count(segments)} segments: ${count(sentBytes)} bytes to the server, ${count(receivedBytes)} bytes to the client${rest}.`;
}
