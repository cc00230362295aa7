/** The door of a listener for both families, on a dual-stack socket: cookies, Fast Open, shared ports. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  MSG_FASTOPEN,
  SO_REUSEPORT,
  SOL_SOCKET,
  TCP_FASTOPEN,
} from '../src/constants.ts';
import { Host, type Settings } from '../src/host.ts';
import { drain, said, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { entropy } from './world.ts';

/** Two hosts with an address of each family. */
class Pair {
  readonly server: Host;
  readonly client: Host;
  readonly #batch = new PacketBatch({ capacityPackets: 64, arenaBytes: 128 * 1024 });
  nowMs = 0;
  /** The first packet of the server. */
  answer: Uint8Array | null = null;

  constructor(settings: Partial<Settings>) {
    const host = (n: number): Host =>
      new Host({
        address: `10.0.0.${n}`,
        moreAddresses: [`fd00::${n}/64`],
        mtuBytes: 1500,
        entropy: entropy(n),
        settings: { fastOpen: 3, ...settings },
      });
    this.server = host(1);
    this.client = host(2);
  }

  run(ms: number): void {
    this.nowMs += ms;
    for (const host of [this.server, this.client]) host.handleTimeout(this.nowMs);
    for (let moved = 1; moved > 0; ) {
      moved = this.#carry(this.client, this.server) + this.#carry(this.server, this.client);
    }
  }

  #carry(from: Host, to: Host): number {
    let moved = 0;
    for (let more = true; more; ) {
      this.#batch.clear();
      more = from.pollTransmit(this.nowMs, this.#batch);
      moved += this.#batch.count;
      if (from === this.server && this.#batch.count > 0) this.answer ??= this.#batch.arena.slice(0, 60);
      to.handlePackets(this.nowMs, this.#batch);
    }
    return moved;
  }

  listen(): number {
    const { sys } = this.server;
    const fd = sys.socket(AF_INET6);
    sys.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    sys.setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, 8);
    expect(said(sys.bind(fd, '::', 80))).toBe(0);
    expect(said(sys.listen(fd, 100))).toBe(0);
    return fd;
  }
}

const FAMILIES = [
  ['IPv4', AF_INET, '10.0.0.1', '::ffff:10.0.0.2', 1460],
  ['IPv6', AF_INET6, 'fd00::1', 'fd00::2', 1440],
] as const;

describe.each(FAMILIES)('over %s', (_name, family, address, clientAddress, mss) => {
  test('a cookie makes the connection that its SYN asked for', () => {
    const pair = new Pair({ synCookies: 2 });
    const listener = pair.listen();
    const { sys } = pair.server;
    for (const name of [IP_TOS, IP_TTL]) sys.setsockopt(listener, IPPROTO_IP, name, 0x28);
    for (const name of [IPV6_TCLASS, IPV6_UNICAST_HOPS]) sys.setsockopt(listener, IPPROTO_IPV6, name, 0x48);
    const c = pair.client.sys.socket(family);
    pair.client.sys.connect(c, address, 80);
    pair.run(1);
    // Diffserv field and hops of the SYN-ACK, as the options of its family say.
    const bytes = pair.answer ?? expect.fail('there is an answer');
    const fields =
      family === AF_INET ? [bytes[1], bytes[8]] : [(((bytes[0] ?? 0) << 4) & 0xf0) | ((bytes[1] ?? 0) >> 4), bytes[7]];
    expect(fields).toEqual(family === AF_INET ? [0x28, 0x28] : [0x48, 0x48]);
    expect(pair.server.counters()).toMatchObject({ synCookiesSent: 1, synCookiesReceived: 1, halfOpens: 0 });
    const s = pair.server.sys.accept(listener);
    expect(pair.server.sys.getpeername(s)).toMatchObject({ address: clientAddress });
    expect(viewOf(pair.server, s).tcp).toMatchObject({ mssBytes: mss - 12, sack: true, timestamps: true, sndScale: 8 });
    expect(viewOf(pair.client, c).tcp).toMatchObject({ mssBytes: mss - 12 });
    pair.client.sys.write(c, pattern(20_000));
    pair.run(1);
    expect(drain(pair.server, s).bytes).toEqual(pattern(20_000));
  });

  test('data rides on the SYN of the second connection', () => {
    const pair = new Pair({});
    const listener = pair.listen();
    const to = { address, port: 80 };
    const open = (): number | string => {
      const fd = pair.client.sys.socket(family);
      return said(pair.client.sys.sendto(fd, pattern(5000), 0, 5000, MSG_FASTOPEN, to));
    };
    expect(open()).toBe('EINPROGRESS');
    pair.run(1);
    expect(open()).toBe(mss - 40);
    pair.run(1);
    expect(pair.server.counters()).toMatchObject({ fastOpenCookiesAsked: 1, fastOpenPassive: 1 });
    pair.server.sys.accept(listener);
    expect(drain(pair.server, pair.server.sys.accept(listener)).bytes).toEqual(pattern(mss - 40));
  });

  test('a group of listeners shares what comes', () => {
    const pair = new Pair({});
    const fds = [0, 0, 0, 0].map(() => pair.listen());
    for (let i = 0; i < 200; i++) pair.client.sys.connect(pair.client.sys.socket(family), address, 80);
    pair.run(1);
    const shares = fds.map((fd) => viewOf(pair.server, fd).acceptQueueLength);
    expect(shares.reduce((a, b) => a + b)).toBe(200);
    for (const share of shares) expect(share).toBeGreaterThan(20);
  });
});
