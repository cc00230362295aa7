/** Two hosts of this stack on one cable, in virtual time. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { Host, type Settings } from '@tcpstack/sockets/host';
import {
  IpAddress,
  isMulticast,
  parseAddress,
  readIpv4Address,
  readIpv6Address,
  sameAddress,
} from '@tcpstack/wire/ip-address';
import { type IcmpError, icmpMessage, icmpPacket, isIpv6 } from './icmp-words.ts';
import { DESCRIPTOR_LIMIT } from './limits.ts';
import { CLIENT, CLIENT6, DEVICE, type Hosts, type Needs, SERVER, SERVER6 } from './trial.ts';

/** Standard streams are not counted among what a process of ours may open. */
const STANDARD_STREAMS = 3;
/** Turns without the clock after which hosts that answer each other for ever are a failure. */
const TURNS_MAX = 20_000;
const ADDRESSES = [
  [SERVER, SERVER6],
  [CLIENT, CLIENT6],
] as const;
const BATCH = { capacityPackets: 64, arenaBytes: 256 * 1024 };

const OWN = ADDRESSES.map((pair) => pair.map((text) => parseAddress(text) ?? new IpAddress()));
const target = new IpAddress();

/** Like the kernel's two namespaces: nothing in them but their addresses and a cable. */
export function ourHosts(needs: Needs = {}): Hosts {
  const cable = new Cable(ADDRESSES.map((pair, i) => makeHost(pair, i, needs.ours)));
  const [server, client] = cable.hosts as [Host, Host];
  return {
    server: server.sys,
    client: client.sys,
    settle: () => cable.settle(),
    pass: (ms) => cable.pass(ms),
    icmp: (error) => cable.answer(error),
    proc: (who, path) => (who === 'server' ? server : client).proc(path) ?? '',
    ss: (who, kind) => (who === 'server' ? server : client).ss({ datagrams: kind === 'udp' }),
  };
}

function makeHost([address, address6]: readonly [string, string], i: number, settings: Partial<Settings> = {}): Host {
  return new Host({
    interfaces: [{ name: DEVICE, mtuBytes: 1500, addresses: [`${address}/24`, `${address6}/64`] }],
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
  /** The last packet that the client sent to anybody. */
  #last: Uint8Array | null = null;

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

  /** The server's host tells the client of what became of its last packet. */
  answer(error: IcmpError): void {
    if (this.#last === null) throw new Error('nothing came that could be answered');
    const overIpv6 = isIpv6(this.#last);
    const [from, to] = OWN.map((pair) => pair[overIpv6 ? 1 : 0]) as [IpAddress, IpAddress];
    const packet = icmpPacket(icmpMessage(this.#last, error), from, to, overIpv6);
    this.#in.clear();
    this.#in.arena.set(packet, this.#in.reserve(packet.length));
    this.#in.commit(packet.length, 0, 0);
    (this.hosts[1] as Host).handlePackets(this.#nowMs, this.#in);
    this.settle();
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
        this.#carry(to, 1 - i);
      }
      // What it sends to itself.
      if (from.pollDeadlineMs() <= this.#nowMs) {
        from.handleTimeout(this.#nowMs);
        any = true;
      }
    });
    return any;
  }

  #carry(to: Host, i: number): void {
    this.#in.clear();
    for (let k = 0; k < this.#out.count; k++) {
      const at = this.#out.offsetAt(k);
      const packet = this.#out.arena.subarray(at, at + this.#out.lengthAt(k));
      if (i === 0) this.#last = packet.slice();
      if (!isFor(packet, OWN[i] ?? [])) continue;
      this.#in.arena.set(packet, this.#in.reserve(packet.length));
      this.#in.commit(packet.length, this.#out.flagsAt(k), this.#out.segmentBytesAt(k));
    }
    if (this.#in.count > 0) to.handlePackets(this.#nowMs, this.#in);
  }
}

/** Everybody on the cable: 10.0.0.255 and 255.255.255.255. */
function isLinkBroadcast({ w3 }: IpAddress): boolean {
  return w3 === -1 || w3 === 0x0a00_00ff;
}

function isFor(packet: Uint8Array, own: readonly IpAddress[]): boolean {
  if ((packet[0] as number) >> 4 === 4) readIpv4Address(packet, 16, target);
  else readIpv6Address(packet, 24, target);
  return isMulticast(target) || isLinkBroadcast(target) || own.some((one) => sameAddress(one, target));
}
