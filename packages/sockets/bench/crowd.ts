/** Very many connections between two Hosts in one process, opened, used and closed in groups. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { Host, type Settings } from '../src/host.ts';

const FIRST_PORT = 80;
/** One client has 28,232 ports towards one port of the server. */
const SERVER_PORTS = 8;
/** Connections that begin, talk or end together. */
const GROUP = 64;
/** Longest that anything lasts once all is closed, TIME-WAIT above all. */
const OUTLASTS_MS = 70_000;
/** One way. */
const DELAY_MS = 0.05;

/** A server and a client. Every method leaves them with nothing more to send. */
export class Crowd {
  readonly server: Host;
  readonly client: Host;
  nowMs = 0.25;
  readonly serverFds: number[] = [];
  readonly clientFds: number[] = [];
  readonly #listeners: number[] = [];
  readonly #batch = new PacketBatch({ capacityPackets: 256, arenaBytes: 512 * 1024 });
  readonly #ready = new Int32Array(512);
  readonly #bytes = new Uint8Array(64);

  constructor(settings: Partial<Settings> = {}) {
    const host = (n: number) =>
      new Host({
        address: `10.0.0.${n}`,
        mtuBytes: 1500,
        entropy: Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + n * 11) & 255),
        settings: { descriptorsMax: 1_000_000, ...settings },
      });
    this.server = host(1);
    this.client = host(2);
    for (let i = 0; i < SERVER_PORTS; i++) {
      const fd = this.server.sys.socket();
      this.server.sys.bind(fd, '0.0.0.0', FIRST_PORT + i);
      this.server.sys.listen(fd, GROUP);
      this.#listeners.push(fd);
    }
  }

  open(count: number): void {
    const { server, client } = this;
    for (let i = 0; i < count; i++) {
      const fd = client.sys.socket();
      client.sys.connect(fd, '10.0.0.1', FIRST_PORT + (this.clientFds.length % SERVER_PORTS));
      this.clientFds.push(fd);
      if ((i + 1) % GROUP !== 0 && i + 1 < count) continue;
      this.settle();
      for (const listener of this.#listeners) {
        for (let fd = server.sys.accept(listener); fd >= 0; fd = server.sys.accept(listener)) this.serverFds.push(fd);
      }
      this.pass(1);
    }
  }

  /** 64 bytes each way on every connection. */
  talk(): void {
    const { clientFds, serverFds, client, server } = this;
    for (let i = 0; i < clientFds.length; i += GROUP) {
      const [cs, ss] = [clientFds.slice(i, i + GROUP), serverFds.slice(i, i + GROUP)];
      this.#move(client, cs, server, ss);
      this.#move(server, ss, client, cs);
      this.pass(1);
    }
  }

  /** The client's ends first: TIME-WAIT is there. */
  close(): void {
    const { clientFds, serverFds } = this;
    for (let i = 0; i < clientFds.length; i += GROUP) {
      for (const fd of clientFds.slice(i, i + GROUP)) this.client.sys.close(fd);
      this.settle();
      for (const fd of serverFds.slice(i, i + GROUP)) this.server.sys.close(fd);
      this.settle();
      this.pass(1);
    }
    clientFds.length = 0;
    serverFds.length = 0;
  }

  /** Closes the listeners, and lets every timer run out. */
  end(): void {
    for (const fd of this.#listeners) this.server.sys.close(fd);
    this.pass(OUTLASTS_MS);
  }

  /** Lets time pass: what is due is done, and its packets move. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let nextMs = this.#nextMs(); nextMs <= untilMs; nextMs = this.#nextMs()) {
      this.nowMs = Math.max(this.nowMs, nextMs);
      for (const host of [this.server, this.client]) host.handleTimeout(this.nowMs);
      this.settle();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Moves packets until there are none. */
  settle(): void {
    while (this.#carry(this.server, this.client) || this.#carry(this.client, this.server));
    for (const host of [this.server, this.client]) while (host.pollReady(this.#ready) > 0);
  }

  /** True when anything moved. */
  #carry(from: Host, to: Host): boolean {
    const batch = this.#batch;
    let any = false;
    for (let more = true; more; ) {
      batch.clear();
      more = from.pollTransmit(this.nowMs, batch);
      if (batch.count === 0) continue;
      any = true;
      this.nowMs += DELAY_MS;
      to.handlePackets(this.nowMs, batch);
    }
    return any;
  }

  #move(from: Host, fromFds: readonly number[], to: Host, toFds: readonly number[]): void {
    for (const fd of fromFds) from.sys.write(fd, this.#bytes);
    this.settle();
    for (const fd of toFds) to.sys.read(fd, this.#bytes);
    this.settle();
  }

  #nextMs(): number {
    return Math.min(this.server.pollDeadlineMs(), this.client.pollDeadlineMs());
  }
}
