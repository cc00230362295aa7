/** Something for each service from a client in the same process, and what came back. */

import { createHash } from 'node:crypto';
import { createEmbedded, type Embedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { connectionsEnded } from '@tcpstack/app-kit/orderly';
import { place, roundMs } from '@tcpstack/app-kit/say';
import { ask, askByDatagram, askToTheEnd, connectTo, hangUp } from './client.ts';
import type { EchoEvent } from './exchange-events.ts';
import { CHARGEN, characterAt } from './services/chargen.ts';
import { serveDatagrams } from './services/datagrams.ts';
import { DISCARD } from './services/discard.ts';
import { ECHO } from './services/echo.ts';
import type { Service } from './services/service.ts';
import { type StreamServer, serveStreams } from './services/streams.ts';

/** How long the last acknowledgment may take to cross. */
const PATIENCE_MS = 5000;
/** A word, a line, more than one segment, more than one window. */
const MESSAGES: readonly Uint8Array[] = [
  Buffer.from('hello'),
  Buffer.from('The quick brown fox jumps over the lazy dog.\n'),
  pattern(10_000),
  pattern(2 ** 20),
];
/** Characters asked for: more than the pattern has before it repeats. */
const CHARACTERS = 2 ** 18;
const NOTHING = new Uint8Array(0);

/**
 * Runs the exchange and tells each step.
 *
 * @returns Whether everything came back as the RFCs say.
 */
export async function runExchange(onEvent: (event: EchoEvent) => void, pcap?: string): Promise<boolean> {
  const exchange = new Exchange(onEvent, pcap);
  try {
    await exchange.run();
  } finally {
    await exchange.close();
  }
  return exchange.allAsExpected;
}

class Exchange {
  allAsExpected = true;
  readonly #say: (event: EchoEvent) => void;
  readonly #startMs = performance.now();
  readonly #pair: Embedded;

  constructor(say: (event: EchoEvent) => void, pcap: string | undefined) {
    this.#say = say;
    this.#pair = createEmbedded({ pcap });
  }

  async run(): Promise<void> {
    await this.#visit(ECHO, () => this.#echoes());
    await this.#visit(DISCARD, () => this.#discards());
    await this.#visit(CHARGEN, () => this.#generates());
    const datagrams = serveDatagrams(this.#pair.server, ECHO, ECHO.port);
    const message = pattern(1000);
    const sentMs = performance.now();
    this.#echoed('udp', message, await askByDatagram(this.#pair.client, SERVER_ADDRESS, ECHO.port, message), sentMs);
    datagrams.close();
    const { receivedPackets, sentPackets } = this.#pair.serverLink.stats;
    this.#say({ type: 'packets', timeMs: this.#nowMs(), toServer: receivedPackets, toClient: sentPackets });
  }

  async close(): Promise<void> {
    const { client, server, closeCapture } = this.#pair;
    await Promise.all([client.close(), server.close()]);
    closeCapture();
  }

  /** Starts a service, uses it, and lets its connection end. */
  async #visit(service: Service, use: () => Promise<void>): Promise<void> {
    const { server } = this.#pair;
    const listener: StreamServer = await serveStreams(server, service, service.port);
    const { name, port } = service;
    this.#say({ type: 'listening', timeMs: this.#nowMs(), service: name, address: SERVER_ADDRESS, port });
    await use();
    listener.end();
    await connectionsEnded(server, PATIENCE_MS); // the client's last acknowledgment still crosses
    const state = ({ host }: typeof server): string =>
      host.sockets().find(({ remote, local }) => remote?.port === port || (remote !== null && local.port === port))
        ?.state ?? 'CLOSED';
    this.#say({
      type: 'closed',
      timeMs: this.#nowMs(),
      service: name,
      clientState: state(this.#pair.client),
      serverState: state(server),
    });
  }

  async #echoes(): Promise<void> {
    const socket = await this.#connect(ECHO);
    for (const message of MESSAGES) {
      const sentMs = performance.now();
      this.#echoed('tcp', message, await ask(socket, message, message.length), sentMs);
    }
    await hangUp(socket);
  }

  async #discards(): Promise<void> {
    const socket = await this.#connect(DISCARD);
    const message = pattern(2 ** 20);
    const sentMs = performance.now();
    const answer = await askToTheEnd(socket, message);
    this.#say({ type: 'discard', ...this.#step('tcp', message, answer, answer.length === 0, sentMs) });
    await hangUp(socket);
  }

  async #generates(): Promise<void> {
    const socket = await this.#connect(CHARGEN);
    const sentMs = performance.now();
    const answer = await ask(socket, NOTHING, CHARACTERS);
    const expected = answer.length >= CHARACTERS && answer.every((byte, position) => byte === characterAt(position));
    this.#say({ type: 'chargen', ...this.#step('tcp', NOTHING, answer, expected, sentMs) });
    await hangUp(socket);
  }

  #echoed(transport: 'tcp' | 'udp', message: Uint8Array, answer: Buffer, sentMs: number): void {
    const sha256 = createHash('sha256').update(answer).digest('hex');
    this.#say({ type: 'echo', ...this.#step(transport, message, answer, answer.equals(message), sentMs), sha256 });
  }

  #step(transport: 'tcp' | 'udp', message: Uint8Array, answer: Uint8Array, asExpected: boolean, sentMs: number) {
    this.allAsExpected &&= asExpected;
    const durationMs = roundMs(performance.now() - sentMs);
    const [sentBytes, receivedBytes] = [message.length, answer.length];
    return { timeMs: this.#nowMs(), transport, sentBytes, receivedBytes, asExpected, durationMs };
  }

  async #connect({ port }: Service) {
    const socket = await connectTo(this.#pair.client, SERVER_ADDRESS, port);
    const { localAddress = '', localPort = 0 } = socket;
    const local = place(localAddress, localPort);
    this.#say({ type: 'connected', timeMs: this.#nowMs(), local, remote: place(SERVER_ADDRESS, port) });
    return socket;
  }

  #nowMs(): number {
    return roundMs(performance.now() - this.#startMs);
  }
}

/** Bytes in which a piece lost, repeated or moved would show. */
function pattern(lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let state = 1;
  for (let i = 0; i < lengthBytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
