/** Runs the exchange and prints its story: a ladder for people, or one event a line for programs. */

import { runExchange } from './exchange.ts';
import { drawLadder } from './ladder.ts';
import { paintFor } from './paint.ts';
import { introduce, summarize } from './summary.ts';

export interface TellOptions {
  readonly json: boolean;
  readonly pcap?: string | undefined;
}

/** Width of what is not a terminal. */
const COLUMNS_DEFAULT = 120;

/** Prints to standard output. */
export async function tellStory({ json, pcap }: TellOptions): Promise<void> {
  const events = await runExchange(pcap);
  const { stdout } = process;
  if (json) {
    stdout.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return;
  }
  const paint = paintFor(stdout);
  const columns = stdout.columns ?? COLUMNS_DEFAULT;
  const lines = [...introduce(events, paint), ...drawLadder(events, { columns, paint }), ...summarize(events, paint)];
  stdout.write(`${lines.join('\n')}\n`);
}
