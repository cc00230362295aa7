/** Two hosts of this stack on one cable, in virtual time. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { Host, type Settings } from '@tcpstack/sockets/host';
import { formatIpv4 } from '@tcpstack/wire/address';
import { destination } from '@tcpstack/wire/ipv4';
import { DESCRIPTOR_LIMIT } from './limits.ts';
import { CLIENT, type Hosts, type Needs, SERVER } from './trial.ts';

/** Standard streams are not counted among what a process of ours may open. */
const STANDARD_STREAMS = 3;
/** Turns without the clock after which hosts that answer each other for ever are a failure. */
const TURNS_MAX = 20_000;
const BATCH = { capacityPackets: 64, arenaBytes: 256 * 1024 };

/** Like the kernel's two namespaces: nothing in them but their addresses and a cable. */
export function ourHosts(needs: Needs = {}): Hosts {
  const cable = new Cable([SERVER, CLIENT].map((address, i) => makeHost(address, i, needs.ours)));
  const [server, client] = cable.hosts as [Host, Host];
  return {
    server: server.sys,
    client: client.sys,
    settle: () => cable.settle(),
    pass: (ms) => cable.pass(ms),
  };
}

function makeHost(address: string, i: number, settings: Partial<Settings> = {}): Host {
  return new Host({
    address,
    prefixBits: 24,
    mtuBytes: 1500,
    entropy: Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + i * 101 + 11) & 0xff),
    settings: { descriptorsMax: DESCRIPTOR_LIMIT - STANDARD_STREAMS, congestion: 'reno', ...settings },
  });
}

/** Moves what each host sends to whom it is for; what is for nobody is lost. */
class Cable {
  readonly hosts: readonly Host[];
  readonly #out = new PacketBatch(BATCH);
  readonly #in = new PacketBatch(BATCH);
  #nowMs = 0;

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts;
  }

  settle(): void {
    for (let turn = 0; this.#turn(); turn++) {
      if (turn > TURNS_MAX) throw new Error('the hosts never fall silent');
    }
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    this.settle();
    for (let nextMs = this.#nextMs(); nextMs <= untilMs; nextMs = this.#nextMs()) {
      this.#setClock(Math.max(nextMs, this.#nowMs));
      for (const host of this.hosts) host.handleTimeout(this.#nowMs);
      this.settle();
    }
    this.#setClock(untilMs);
  }

  #nextMs(): number {
    return Math.min(...this.hosts.map((host) => host.pollDeadlineMs()));
  }

  #setClock(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const host of this.hosts) host.advance(nowMs);
  }

  /** Each host sends, and the other one takes it. False when nobody had anything to send. */
  #turn(): boolean {
    let any = false;
    this.hosts.forEach((from, i) => {
      const to = this.hosts[1 - i] as Host;
      for (let more = true; more; ) {
        this.#out.clear();
        more = from.pollTransmit(this.#nowMs, this.#out);
        if (this.#out.count === 0) continue;
        any = true;
        this.#carry(to);
      }
    });
    return any;
  }

  #carry(to: Host): void {
    this.#in.clear();
    for (let i = 0; i < this.#out.count; i++) {
      const at = this.#out.offsetAt(i);
      const packet = this.#out.arena.subarray(at, at + this.#out.lengthAt(i));
      if (!isFor(packet, to)) continue;
      this.#in.arena.set(packet, this.#in.reserve(packet.length));
      this.#in.commit(packet.length, this.#out.flagsAt(i), this.#out.segmentBytesAt(i));
    }
    if (this.#in.count > 0) to.handlePackets(this.#nowMs, this.#in);
  }
}

function isFor(packet: Uint8Array, host: Host): boolean {
  const isIpv4 = (packet[0] as number) >> 4 === 4;
  return !isIpv4 || formatIpv4(destination(packet, 0)) === host.address;
}
