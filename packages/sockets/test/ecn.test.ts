/** Marks of congestion, from the IP header of one host to the window of the other (RFC 3168). */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import { finishPacket } from '@tcpstack/wire/finish';
import { IPV4_HEADER_BYTES } from '@tcpstack/wire/ipv4';
import { ACK, CWR, ECE, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { IP_TOS, IPPROTO_IP } from '../src/constants.ts';
import { connected, drain, listening, viewOf } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { type Logged, World, type WorldOptions } from './world.ts';

const asks: WorldOptions = { settings: { ecn: 1 }, delayMs: 5 };
const ecnOf = ({ bytes }: Logged) => (bytes[1] as number) & 3;

/** What a router does to a packet instead of dropping it. */
function mark({ bytes }: Logged): void {
  bytes[1] = (bytes[1] as number) | 3;
  bytes[10] = bytes[11] = 0;
  const sum = complement(onesSum(bytes, 0, 20));
  bytes[10] = sum >> 8;
  bytes[11] = sum & 0xff;
}

/** Sends `n` bytes from client to server; what was read must be what was sent. */
function transfer(world: World, ends: ReturnType<typeof connected>, n: number): void {
  const { client, server, c, s } = ends;
  const sent = pattern(n);
  const got: number[] = [];
  for (let at = 0, turns = 0; got.length < n; turns++) {
    expect(turns, 'the transfer ends').toBeLessThan(10_000);
    if (at < n) at += Math.max(0, client.sys.write(c, sent, at));
    world.run(5);
    got.push(...drain(server, s).bytes);
  }
  expect(Uint8Array.from(got)).toEqual(sent);
}

describe('a transfer through a router that marks (RFC 9293 [SHLD-8])', () => {
  test('is whole, makes the window smaller, and loses nothing', () => {
    const world = new World(asks);
    let marked = 0;
    let seen = 0;
    world.passes = (packet) => {
      if (ecnOf(packet) !== 0 && ++seen % 40 === 0) {
        mark(packet);
        marked++;
      }
      return true;
    };
    const ends = connected(world);
    expect(viewOf(ends.client, ends.c).tcp?.ecn).toBe(true);
    transfer(world, ends, 1_000_000);
    expect(marked).toBeGreaterThan(10);
    const server = ends.server.counters();
    const client = ends.client.counters();
    expect(server.ceSegments).toBe(marked);
    expect(client.congestionEchoes).toBeGreaterThan(5);
    expect(client.congestionEchoes).toBeLessThanOrEqual(marked);
    expect(client.retransmittedSegments).toBe(0);
    expect(viewOf(ends.client, ends.c).tcp?.ssthreshBytes).toBeLessThan(200_000);
  });

  test('marks and losses together: still whole', () => {
    const world = new World(asks);
    let seen = 0;
    world.passes = (packet) => {
      if (packet.payloadBytes === 0) return true;
      seen++;
      if (ecnOf(packet) !== 0 && seen % 7 === 0) mark(packet);
      return seen % 31 !== 0;
    };
    const ends = connected(world);
    transfer(world, ends, 300_000);
    expect(ends.client.counters().congestionEchoes).toBeGreaterThan(0);
    expect(ends.client.counters().retransmittedSegments).toBeGreaterThan(0);
  });

  test('the bits of ECN stand beside the Diffserv field of the user, and only around new data', () => {
    const world = new World(asks);
    const ends = connected(world);
    ends.client.sys.setsockopt(ends.c, IPPROTO_IP, IP_TOS, 0xb8);
    transfer(world, ends, 100);
    expect(world.sentBy(1).map(({ bytes, payloadBytes }) => [bytes[1], payloadBytes])).toEqual([[0xba, 100]]);
    expect(new Set(world.sentBy(0).map(({ bytes }) => bytes[1]))).toEqual(new Set([0]));
  });
});

test.each([
  [2, 2, false],
  [1, 2, true],
  [1, 0, false],
  [0, 1, false],
  [1, 1, true],
] as const)(
  'a client set to %s and a server set to %s: ECN is %s, as with `tcp_ecn` of Linux',
  (client, server, on) => {
    const world = new World({ hosts: [{ settings: { ecn: server } }, { settings: { ecn: client } }] });
    const ends = connected(world);
    expect(viewOf(ends.client, ends.c).tcp?.ecn).toBe(on);
    expect(viewOf(ends.server, ends.s).tcp?.ecn).toBe(on);
  },
);

test('a SYN that asks for accurate ECN (RFC 9768 §3.1) is answered as one that asks for RFC 3168', () => {
  const world = new World();
  const server = world.host(0);
  listening(server);
  const bytes = segment({ flags: SYN | ECE | CWR });
  // The AE bit, beside CWR.
  bytes[IPV4_HEADER_BYTES + 12] = (bytes[IPV4_HEADER_BYTES + 12] as number) | 1;
  finishPacket(bytes, 0, bytes.length);
  world.inject(bytes).settle();
  expect(world.last().tcp?.controlBits).toBe(SYN | ACK | ECE);
});
