/** Two hosts with two links between them: connections go on when the route moves from one link to the other. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { decodeFrame } from '@tcpstack/wire/decode';
import { parseMac, writeEthernet } from '@tcpstack/wire/ethernet';
import { finishPacket } from '@tcpstack/wire/finish';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { writeRouterAdvertisement } from '@tcpstack/wire/ndp-write';
import { expect, test } from 'vitest';
import { AF_INET6 } from '../src/constants.ts';
import { Host } from '../src/host.ts';
import { said } from './calls.ts';
import { pattern } from './packets.ts';
import { entropy } from './world.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const LINKS = [1, 2] as const;
type Link = (typeof LINKS)[number];
const MTU_BYTES = { 1: 1500, 2: 1300 } as const;
const TOTAL_BYTES = 400_000;
const BLOCK_BYTES = 20_000;
const ROUNDS_MAX = 200;

/** Each is the other's router, on both links. */
class TwoLinks {
  nowMs = 0;
  readonly hosts: readonly [Host, Host] = [hostOf(0), hostOf(1)];
  /** Sizes of the IP packets of TCP that crossed each link. */
  readonly sizes: Record<Link, number[]> = { 1: [], 2: [] };
  readonly isUp: Record<Link, boolean> = { 1: true, 2: true };
  readonly #batch = new PacketBatch({ capacityPackets: 64, arenaBytes: 256 * 1024, headroomBytes: 16 });

  run(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      while (LINKS.map((link) => this.#cross(0, link) || this.#cross(1, link)).includes(true));
      const nextMs = Math.min(...this.hosts.map((host) => host.pollDeadlineMs()));
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs);
      for (const host of this.hosts) host.handleTimeout(this.nowMs);
    }
    this.nowMs = untilMs;
    for (const host of this.hosts) host.advance(untilMs);
  }

  /** Both say on the link that they are routers for so long: 0 for no more. */
  advertise(link: Link, routerLifetimeS: number): void {
    for (const i of [0, 1] as const) {
      const [from, to] = [ip(`fe80::ff:fe00:${link}0${i + 1}`), ip('ff02::1')];
      const bytes = new Uint8Array(200);
      const ipAt = writeEthernet(bytes, 0, 0x3333_0000_0001, parseMac(macOf(i, link)) as number, 0x86dd);
      const end = writeRouterAdvertisement(bytes, ipAt + 40, { routerLifetimeS });
      writeIpv6(bytes, ipAt, end - ipAt, PROTOCOL_ICMPV6, from, to, 255, 0, 0);
      finishIcmpv6(bytes, ipAt + 40, end, pseudoHeaderSum6(from, to, PROTOCOL_ICMPV6));
      this.#give(this.hosts[1 - i] as Host, link, bytes.slice(0, end), 0, 0);
    }
  }

  #cross(from: 0 | 1, link: Link): boolean {
    const batch = this.#batch;
    batch.clear();
    this.hosts[from].pollTransmit(this.nowMs, batch, link);
    const frames = Array.from({ length: batch.count }, (_, i) => {
      const at = batch.offsetAt(i);
      return [batch.arena.slice(at, at + batch.lengthAt(i)), batch.flagsAt(i), batch.segmentBytesAt(i)] as const;
    });
    if (!this.isUp[link]) return false;
    for (const [bytes, flags, segmentBytes] of frames) {
      if ((flags & PKT_CSUM_PARTIAL) !== 0) finishPacket(bytes, 14, bytes.length);
      const { fault, tcp } = decodeFrame(bytes);
      expect(fault).toBeNull();
      if (tcp !== null && tcp !== undefined) this.sizes[link].push(bytes.length - 14);
      this.#give(this.hosts[1 - from] as Host, link, bytes, 0, segmentBytes);
    }
    return frames.length > 0;
  }

  #give(host: Host, link: Link, bytes: Uint8Array, flags: number, segmentBytes: number): void {
    const batch = new PacketBatch({ capacityPackets: 1, arenaBytes: 72 * 1024 });
    batch.arena.set(bytes, batch.reserve(bytes.length));
    batch.commit(bytes.length, flags, segmentBytes);
    host.handlePackets(this.nowMs, batch, link);
  }
}

function macOf(i: number, link: Link): string {
  return `02:00:00:00:0${link}:0${i + 1}`;
}

function addressOf(i: number): string {
  return `fd00:${i + 1}::1`;
}

function hostOf(i: number): Host {
  const interfaces = LINKS.map((link) => ({
    name: `eth${link}`,
    kind: 'ethernet' as const,
    mtuBytes: MTU_BYTES[link],
    macAddress: macOf(i, link),
    addresses: link === 1 ? [`${addressOf(i)}/128`] : [],
  }));
  return new Host({ interfaces, entropy: entropy(i + 1) });
}

/** Sends all of `bytes` and gives what came, with `onWay` called once between. */
function carry(w: TwoLinks, c: number, s: number, bytes: Uint8Array, onWay: () => void): Uint8Array {
  const [client, server] = w.hosts;
  const came = new Uint8Array(bytes.length);
  let [sent, read, hasCalled] = [0, 0, false];
  for (let round = 0; read < bytes.length && round < ROUNDS_MAX; round++) {
    // Some of it is in the buffers, and on its way, when it happens.
    const wrote = client.sys.write(c, bytes.subarray(sent, sent + BLOCK_BYTES));
    if (wrote > 0) sent += wrote;
    if (!hasCalled && sent >= bytes.length / 2) {
      hasCalled = true;
      onWay();
    }
    w.run(100);
    const got = server.sys.read(s, came.subarray(read));
    if (got > 0) read += got;
  }
  return came.subarray(0, read);
}

test('it takes the new link from then on, with segments that fit it, and comes back', () => {
  const w = new TwoLinks();
  const [client, server] = w.hosts;
  w.run(5000);
  w.advertise(1, 1800);
  const l = server.sys.socket(AF_INET6);
  expect([said(server.sys.bind(l, '::', 80)), said(server.sys.listen(l, 1))]).toEqual([0, 0]);
  const c = client.sys.socket(AF_INET6);
  expect(said(client.sys.bind(c, addressOf(0), 0))).toBe(0);
  client.sys.connect(c, addressOf(1), 80);
  w.run(100);
  const s = server.sys.accept(l);
  const move = (from: Link, to: Link) => () => {
    w.isUp[to] = true;
    w.advertise(to, 1800);
    w.isUp[from] = false;
    w.advertise(from, 0);
    w.sizes[from].length = 0;
  };
  for (const [from, to] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const bytes = pattern(TOTAL_BYTES);
    expect(carry(w, c, s, bytes, move(from, to))).toEqual(bytes);
    expect(w.sizes[from]).toEqual([]);
    expect(Math.max(...w.sizes[to])).toBe(MTU_BYTES[to]);
  }
  expect(client.sockets().find(({ fd }) => fd === c)?.state).toBe('ESTABLISHED');
});
