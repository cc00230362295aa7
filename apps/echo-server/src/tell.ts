/** Runs the embedded exchange and prints what it did: a line a step, for people or as JSON. */

import { Failure } from '@tcpstack/app-kit/cli';
import { count, place, sayer } from '@tcpstack/app-kit/say';
import { runExchange } from './exchange.ts';
import type { EchoEvent } from './exchange-events.ts';

/** Prints to standard output. Throws a `Failure` when something came back changed. */
export async function tellExchange(options: {
  readonly json: boolean;
  readonly pcap?: string | undefined;
}): Promise<void> {
  const say = sayer<EchoEvent>(options.json, lineOf);
  if (!(await runExchange(say, options.pcap))) throw new Failure('what came back is not what the RFC says');
}

/** The event in a sentence. */
export function lineOf(event: EchoEvent): string {
  return `${event.timeMs.toFixed(3).padStart(9)} ms  ${sentenceOf(event)}`;
}

function sentenceOf(event: EchoEvent): string {
  switch (event.type) {
    case 'listening':
      return `${event.service}: server listens on ${place(event.address, event.port)}`;
    case 'connected':
      return `client ${event.local} is connected to ${event.remote}`;
    case 'echo':
      return (
        `sent ${count(event.sentBytes)} bytes${event.transport === 'udp' ? ' in a datagram' : ''}, ` +
        `got ${count(event.receivedBytes)} back in ${event.durationMs.toFixed(3)} ms: ${verdict(event.asExpected, 'equal')}`
      );
    case 'discard':
      return (
        `sent ${count(event.sentBytes)} bytes in ${event.durationMs.toFixed(3)} ms, ` +
        `got ${count(event.receivedBytes)} back: ${verdict(event.asExpected, 'as it should be')}`
      );
    case 'chargen':
      return (
        `got ${count(event.receivedBytes)} characters in ${event.durationMs.toFixed(3)} ms: ` +
        verdict(event.asExpected, 'each in its place')
      );
    case 'closed':
      return `closed in order: client is in ${event.clientState}, server in ${event.serverState}`;
    case 'packets':
      return `${count(event.toServer)} packets went to the server, ${count(event.toClient)} to the client`;
  }
}

function verdict(asExpected: boolean, good: string): string {
  return asExpected ? good : 'NOT AS IT SHOULD BE';
}
