/** Runs the embedded exchange and prints what it did: a line a step, for people or as JSON. */

import { Failure } from '@tcpstack/app-kit/cli';
import { type EchoEvent, runExchange } from './exchange.ts';

/** Prints to standard output. Throws a `Failure` when something came back changed. */
export async function tellExchange(options: {
  readonly json: boolean;
  readonly pcap?: string | undefined;
}): Promise<void> {
  const say = (event: EchoEvent): void => console.log(options.json ? JSON.stringify(event) : lineOf(event));
  if (!(await runExchange(say, options.pcap))) throw new Failure('what came back is not what was sent');
}

/** The event in a sentence. */
export function lineOf(event: EchoEvent): string {
  return `${event.timeMs.toFixed(3).padStart(9)} ms  ${sentenceOf(event)}`;
}

function sentenceOf(event: EchoEvent): string {
  switch (event.type) {
    case 'listening':
      return `server listens on ${event.address}:${event.port}`;
    case 'connected':
      return `client ${event.local} is connected to ${event.remote}`;
    case 'echo':
      return (
        `sent ${count(event.sentBytes)} bytes, got ${count(event.receivedBytes)} back in ${event.durationMs.toFixed(3)} ms: ` +
        (event.equal ? 'equal' : 'NOT EQUAL')
      );
    case 'closed':
      return `closed in order: client is in ${event.clientState}, server in ${event.serverState}`;
    case 'packets':
      return `${count(event.toServer)} packets went to the server, ${count(event.toClient)} to the client`;
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
