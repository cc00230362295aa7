/** What is told while the demo serves: sentences, or the lines of `--json`. */

import { roundMs, sayer } from '@tcpstack/app-kit/say';
import { type RequestEvent, requestText } from './request-event.ts';

export type ServingEvent =
  | { readonly type: 'listening'; readonly timeMs: number; readonly url: string }
  | RequestEvent
  | { readonly type: 'stopping'; readonly timeMs: number; readonly signal: NodeJS.Signals }
  | { readonly type: 'stopped'; readonly timeMs: number };

type Untimed<E> = E extends unknown ? Omit<E, 'timeMs'> : never;

/** How much to tell. */
export interface Telling {
  readonly json: boolean;
  /** People get a line for each request. */
  readonly log: boolean;
}

export interface Teller {
  readonly say: (event: Untimed<Exclude<ServingEvent, RequestEvent>>) => void;
  /** Undefined when nobody wants to know. */
  readonly request: ((event: RequestEvent) => void) | undefined;
}

export function createTeller({ json, log }: Telling): Teller {
  const tell = sayer<ServingEvent>(json, sentenceOf);
  return {
    say: (event) => tell({ timeMs: roundMs(performance.now()), ...event }),
    request: json || log ? tell : undefined,
  };
}

function sentenceOf(event: ServingEvent): string | null {
  switch (event.type) {
    case 'listening':
      return `listening on ${event.url}`;
    case 'request':
      return requestText(event);
    case 'stopping':
      return `${event.signal}: closing connections`;
    case 'stopped':
      return null;
  }
}
