/** A client that connects to a server; both write, read and close, and we measure. */

import { EINPROGRESS, errnoName } from '@tcpstack/sockets/errno';
import { Endpoint } from './endpoint.ts';
import type { SimHost } from './sim-host.ts';
import type { World } from './world.ts';

/** Who sends how much to whom. */
export interface TransferOptions {
  readonly client: SimHost;
  readonly server: SimHost;
  /** Default 80. Each transfer of one world to one server has its own. */
  readonly port?: number;
  /** Bytes from client to server, and back; `Infinity`: without end. */
  readonly upBytes: number;
  readonly downBytes: number;
  /** When the client connects. Default: now. */
  readonly startMs?: number;
  /** Whether each byte that arrives is looked at. Default true. */
  readonly checks?: boolean;
  /** The server reads at most `readBytesMax` once in so long. Default 0: everything, at once. */
  readonly readEveryMs?: number;
  readonly readBytesMax?: number;
}

/** Where in the pattern the two directions begin, so that they cannot be taken for each other. */
const UP_FROM = 0;
const DOWN_FROM = 500_009;
const DEFAULT_PORT = 80;

/** One connection with a program at each end. */
export class Transfer {
  readonly options: TransferOptions;
  readonly startMs: number;
  client: Endpoint | null = null;
  server: Endpoint | null = null;
  readonly #world: World;
  #listener = -1;

  constructor(world: World, options: TransferOptions) {
    this.#world = world;
    this.options = options;
    this.startMs = options.startMs ?? world.nowMs;
    world.touch(() => this.#listen());
    world.at(this.startMs, () => this.#connect());
  }

  /** Both ends have read everything and closed. */
  get done(): boolean {
    return this.client?.closed === true && this.server?.closed === true;
  }

  /** What went wrong first, by its POSIX name; '' while nothing did. */
  get error(): string {
    return this.client?.error || this.server?.error || '';
  }

  /** When the last byte was read by whoever was slower; -1 before. */
  get endedAtMs(): number {
    return this.done ? Math.max(this.client?.endedAtMs ?? -1, this.server?.endedAtMs ?? -1) : -1;
  }

  /** Bytes that the server has read. */
  get upReceivedBytes(): number {
    return this.server?.receivedBytes ?? 0;
  }

  /** Bytes that the client has read. */
  get downReceivedBytes(): number {
    return this.client?.receivedBytes ?? 0;
  }

  /** Ends the server's program, also when it still waits for its client. */
  endServer(): void {
    this.server?.kill();
    if (this.server !== null || this.#listener < 0) return;
    this.options.server.watch(this.#listener, null);
    must(this.options.server.sys.close(this.#listener));
    this.#listener = -1;
  }

  /** Bytes that arrived each way in a millisecond, from the first SYN until now or until the end. */
  goodputBytesPerMs(): number {
    const untilMs = this.done ? this.endedAtMs : this.#world.nowMs;
    const bytes = this.upReceivedBytes + this.downReceivedBytes;
    return untilMs > this.startMs ? bytes / (untilMs - this.startMs) : 0;
  }

  #listen(): void {
    const { server, port = DEFAULT_PORT } = this.options;
    const { sys } = server;
    this.#listener = sys.socket();
    must(sys.bind(this.#listener, '0.0.0.0', port));
    must(sys.listen(this.#listener, 16));
    server.watch(this.#listener, () => this.#accept());
  }

  #accept(): void {
    const { server, downBytes, checks = true, readEveryMs = 0, readBytesMax = 65_536 } = this.options;
    const fd = server.sys.accept(this.#listener);
    if (fd < 0 || this.server !== null) return;
    const own = { sendBytes: downBytes, sendsFrom: DOWN_FROM, readsFrom: UP_FROM };
    this.server = new Endpoint(this.#world, server, fd, { ...own, checks, readEveryMs, readBytesMax });
    server.watch(this.#listener, null);
    must(server.sys.close(this.#listener));
    this.server.write();
  }

  #connect(): void {
    const { client, server, port = DEFAULT_PORT, upBytes, checks = true } = this.options;
    const fd = client.sys.socket();
    const own = { sendBytes: upBytes, sendsFrom: UP_FROM, readsFrom: DOWN_FROM };
    this.client = new Endpoint(this.#world, client, fd, { ...own, checks, readEveryMs: 0, readBytesMax: 0 });
    const result = client.sys.connect(fd, server.address, port);
    if (result !== -EINPROGRESS) must(result);
  }
}

function must(result: number): void {
  if (result < 0) throw new Error(`a transfer could not be set up: ${errnoName(result)}`);
}
