/** Draws what happened as a ladder: the client to the left, the server to the right, segments between them. */

import type {
  GapEvent,
  HostName,
  HttpEvent,
  QueueLengths,
  SegmentEvent,
  StoryEvent,
  SyscallEvent,
  TimeWaitEvent,
} from './events.ts';
import { type Cells, columnsFor, Layout } from './layout.ts';
import type { Ink, Paint } from './paint.ts';
import { absoluteText, flagsText, fullText, optionsText, relativeText } from './segment-text.ts';

/** How to draw. */
export interface LadderOptions {
  /** Width in characters; less than 80 is drawn as 80. */
  readonly columns: number;
  readonly paint: Paint;
}

/** A call that only says "not yet" happens too often to be told. */
const TRY_AGAIN = 'EAGAIN';
/** Questions that a program asks and that change nothing. */
const QUIET_CALLS: readonly string[] = ['getsockname', 'getpeername'];
const QUIET_OPTIONS: readonly unknown[] = ['TCP_INFO', 'TCP_CONGESTION'];

/** The chapters, in the order in which they can come. */
const TITLES = {
  sockets: 'The server listens, the client calls',
  open: 'The handshake',
  data: 'Data',
  close: 'The close, each direction by itself',
  reset: 'The connection is reset',
};
type Chapter = keyof typeof TITLES;

/** The story as lines, without line ends. */
export function drawLadder(events: readonly StoryEvent[], options: LadderOptions): string[] {
  const ladder = new Ladder(options);
  for (const event of events) ladder.add(event);
  return ladder.lines;
}

class Ladder {
  readonly lines: string[] = [];
  readonly #layout: Layout;
  readonly #paint: Paint;
  #states: Record<HostName, string> = { client: '', server: '' };
  #queues: QueueLengths | null = null;
  #chapter: Chapter | null = null;
  /** Whose side of the story is told. */
  #hosts = 0;

  constructor({ columns, paint }: LadderOptions) {
    this.#layout = new Layout(columnsFor(columns), paint);
    this.#paint = paint;
  }

  add(event: StoryEvent): void {
    switch (event.type) {
      case 'syscall':
        this.#syscall(event);
        return;
      case 'segment':
        this.#segment(event);
        return;
      case 'http':
        this.#http(event);
        return;
      case 'time-wait':
        this.#timeWait(event);
        return;
      case 'gap':
        this.#gap(event);
        return;
      case 'host':
        this.#hosts++;
        return;
      case 'state': // the states stand beside the calls and segments that caused them
      case 'queue':
      case 'socket':
        return;
    }
  }

  #syscall(event: SyscallEvent): void {
    if (event.error === TRY_AGAIN || QUIET_CALLS.includes(event.call) || QUIET_OPTIONS.includes(event.args[1])) return;
    this.#begin(event.call === 'write' ? 'data' : event.call === 'shutdown' ? 'close' : 'sockets');
    const states = { ...this.#states, [event.host]: event.state };
    const queues = event.queues ?? this.#queues;
    this.#row(event.timeMs, states, queues, this.#layout.aside(event.host, callText(event), event.host));
  }

  #segment(event: SegmentEvent): void {
    this.#chapterOf(event);
    const states = { [event.from]: event.senderState, [event.to]: event.receiverState } as Record<HostName, string>;
    const flags = flagsText(event);
    const { text, details } = this.#textThatFits(event, flags);
    if (event.startLine !== '') details.push(event.startLine);
    const lost = event.arrivedMs === null && this.#hosts !== 1; // where one end is not ours, nobody knows
    this.#row(
      event.timeMs,
      lost ? this.#states : states,
      event.queues ?? this.#queues,
      this.#arrow(event, text, flags.length),
    );
    if (lost) details.push('lost on the way');
    if (!event.checksumValid) details.push('checksum is wrong');
    for (const detail of details) for (const line of this.#layout.wrapped(detail)) this.lines.push(line);
  }

  /** The numbers that do not fit on the arrow go below it, first those on the wire. */
  #textThatFits(event: SegmentEvent, flags: string): { readonly text: string; readonly details: string[] } {
    const room = this.#layout.columns.middle - ARROW_CHARS;
    const options = optionsText(event);
    const full = `${flags} ${fullText(event)}`;
    if (full.length <= room) return { text: full, details: [options] };
    const relative = `${flags} ${relativeText(event)}`;
    if (relative.length <= room) return { text: relative, details: [absoluteText(event), options] };
    return { text: flags, details: [relativeText(event), absoluteText(event), options] };
  }

  /** `── SYN seq 0 ... ──▶`, or the same from right to left. */
  #arrow(event: SegmentEvent, text: string, flagChars: number): string {
    const { middle } = this.#layout.columns;
    const painted = this.#paint(inkOf(event), text.slice(0, flagChars)) + text.slice(flagChars);
    const rest = '─'.repeat(Math.max(0, middle - text.length - ARROW_CHARS));
    return event.from === 'client'
      ? `${this.#paint('client', '──')} ${painted} ${this.#paint('client', `${rest}─▶`)}`
      : `${this.#paint('server', `◀─`)} ${painted} ${this.#paint('server', `${rest}──`)}`;
  }

  #http(event: HttpEvent): void {
    const body =
      event.what === 'body' ? `a body of ${event.bytes.toLocaleString('en-US')} bytes, ${event.text}` : event.text;
    const verb = event.what === 'request' ? 'is asked' : 'has';
    this.#row(
      event.timeMs,
      this.#states,
      this.#queues,
      this.#layout.aside(event.host, `HTTP: ${event.host} ${verb} ${body}`, 'http'),
    );
  }

  #timeWait(event: TimeWaitEvent): void {
    const { local, remote } = event;
    const text = `TIME-WAIT for ${(event.remainingMs / 1000).toFixed(1)} s more (2 MSL): ${local.address}:${local.port} to ${remote.address}:${remote.port}`;
    this.#row(event.timeMs, this.#states, this.#queues, this.#layout.aside(event.host, text, 'close'));
    for (const line of this.#layout.wrapped(
      'its ports stay taken, so that no segment still on the way reaches a new connection',
    )) {
      this.lines.push(line);
    }
  }

  #gap({ segments, payloadBytes, syscalls }: GapEvent): void {
    const [some, bytes, calls] = [segments, payloadBytes, syscalls].map((number) => number.toLocaleString('en-US'));
    this.lines.push('', this.#paint('dim', `… ${some} more segments with ${bytes} bytes, ${calls} more calls …`), '');
  }

  /** Chapters follow from what the segments are. */
  #chapterOf(event: SegmentEvent): void {
    if (event.flags.includes('RST')) this.#begin('reset');
    else if (event.flags.includes('SYN')) this.#begin('open');
    else if (event.flags.includes('FIN')) this.#begin('close');
    else if (event.payloadBytes > 0) this.#begin('data');
  }

  #begin(chapter: Chapter): void {
    const names = Object.keys(TITLES);
    if (this.#chapter !== null && names.indexOf(chapter) <= names.indexOf(this.#chapter)) return;
    if (this.#chapter === null) this.lines.push(...this.#layout.head());
    this.#chapter = chapter;
    const title = chapter === 'sockets' && this.#hosts === 1 ? 'The client calls' : TITLES[chapter];
    this.lines.push('', this.#paint('title', title));
  }

  #row(timeMs: number, states: Record<HostName, string>, queues: QueueLengths | null, middle: string): void {
    const cells: Cells = { timeMs, states, was: this.#states, queues, queuesWere: this.#queues, middle };
    this.lines.push(this.#layout.row(cells));
    this.#states = states;
    this.#queues = queues;
  }
}

/** Two dashes or a head at each end of an arrow, and a space before the text and after it. */
const ARROW_CHARS = 6;

function inkOf({ flags, payloadBytes }: SegmentEvent): Ink {
  if (flags.includes('RST')) return 'reset';
  if (flags.includes('SYN')) return 'open';
  if (flags.includes('FIN')) return 'close';
  return payloadBytes > 0 ? 'data' : 'dim';
}

/** "connect(3, 10.77.0.2, 80) = EINPROGRESS" */
export function callText({ call, args, result, error }: SyscallEvent): string {
  const given = call === 'read' || call === 'write' ? [args[0], `${args[1]} bytes`] : args;
  const answer = error ?? (typeof result === 'number' ? String(result) : `${result.address}:${result.port}`);
  return `${call}(${given.join(', ')}) = ${answer}`;
}
