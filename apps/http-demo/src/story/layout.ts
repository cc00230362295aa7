/** The columns of the ladder: time, the client's state, what crosses, the server's state, the queues. */

import type { HostName, QueueLengths } from './events.ts';
import type { Ink, Paint } from './paint.ts';

/** Widths in characters. */
export interface Columns {
  readonly total: number;
  readonly time: number;
  readonly state: number;
  readonly middle: number;
  readonly queue: number;
}

/** What one row shows. */
export interface Cells {
  readonly timeMs: number;
  readonly states: Readonly<Record<HostName, string>>;
  /** The states in the row above: what changed stands out. */
  readonly was: Readonly<Record<HostName, string>>;
  readonly queues: QueueLengths | null;
  readonly queuesWere: QueueLengths | null;
  /** Painted, and exactly as wide as the middle column. */
  readonly middle: string;
}

const TOTAL_MIN = 80;
const TOTAL_MAX = 120;
/** "9999.999" */
const TIME = 8;
/** "SYN-RECEIVED" */
const STATE = 12;
const QUEUE = 3;
/** Two between columns, one between the queues. */
const GAPS = 2 * 4 + 1;

/** The columns that fit into `columns` characters. */
export function columnsFor(columns: number): Columns {
  const total = Math.min(Math.max(columns, TOTAL_MIN), TOTAL_MAX);
  return { total, time: TIME, state: STATE, queue: QUEUE, middle: total - TIME - 2 * STATE - 2 * QUEUE - GAPS };
}

export class Layout {
  readonly columns: Columns;
  readonly #paint: Paint;

  constructor(columns: Columns, paint: Paint) {
    this.columns = columns;
    this.#paint = paint;
  }

  /** The heads of the columns. */
  head(): string[] {
    const { time, state, middle, queue } = this.columns;
    const client = this.#paint('client', 'client'.padEnd(state));
    const server = this.#paint('server', 'server'.padEnd(state));
    const heads = [
      'ms'.padStart(time),
      client,
      'calls and segments'.padEnd(middle),
      server,
      'SYN'.padStart(queue),
    ].join('  ');
    return [`${heads} ${'acc'.padStart(queue)}`, this.#paint('dim', '─'.repeat(this.columns.total))];
  }

  row({ timeMs, states, was, queues, queuesWere, middle }: Cells): string {
    const { time, queue } = this.columns;
    const length = (now: number | undefined, before: number | undefined): string => {
      const text = (now === undefined ? '' : String(now)).padStart(queue);
      return now === before ? this.#paint('dim', text) : this.#paint('bold', text);
    };
    return [
      this.#paint('dim', timeMs.toFixed(3).padStart(time)),
      this.#state('client', states, was),
      middle,
      this.#state('server', states, was),
      `${length(queues?.synQueueLength, queuesWere?.synQueueLength)} ${length(queues?.acceptQueueLength, queuesWere?.acceptQueueLength)}`,
    ]
      .join('  ')
      .trimEnd();
  }

  /** What happens at one host: at its side of the middle column. Too long a text is cut. */
  aside(host: HostName, text: string, ink: Ink): string {
    const { middle } = this.columns;
    const cut = text.length > middle ? `${text.slice(0, middle - 1)}…` : text;
    const space = ' '.repeat(middle - cut.length);
    return host === 'client' ? this.#paint(ink, cut) + space : space + this.#paint(ink, cut);
  }

  /** Lines below a row, in the middle column. */
  wrapped(text: string): string[] {
    const { time, state, middle } = this.columns;
    const indent = ' '.repeat(time + state + 2 * 2 + INDENT);
    const width = middle - INDENT;
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = '';
      }
      line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line].map((each) => indent + this.#paint('dim', each));
  }

  #state(host: HostName, states: Cells['states'], was: Cells['was']): string {
    const text = states[host].padEnd(this.columns.state);
    return states[host] === was[host] ? this.#paint('dim', text) : this.#paint(host, text);
  }
}

/** The text of an arrow begins here. */
const INDENT = 3;
