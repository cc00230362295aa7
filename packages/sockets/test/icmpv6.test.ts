/** ICMPv6 errors find the connection that they are about, and mean what Linux makes of them (RFC 4443, RFC 5461, RFC 8201). */

import {
  ICMPV6_HEADER_BYTES,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
  writeMessage6,
} from '@tcpstack/wire/icmpv6';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { describe, expect, test } from 'vitest';
import { SO_ERROR, SOL_SOCKET } from '../src/constants.ts';
import { connected, connecting, drain, said, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { type Logged, World } from './world.ts';

const ROUTER = 'fd00::fe';

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

/** A message from a router to who sent the packet that it quotes. */
function errorAbout({ bytes: about, from }: Logged, type: number, code = 0, word = 0, quotedBytes = 1000): Uint8Array {
  const quote = about.subarray(0, quotedBytes);
  const bytes = new Uint8Array(IPV6_HEADER_BYTES + ICMPV6_HEADER_BYTES + quote.length);
  const [source, destination] = [address(ROUTER), address(from)];
  writeIpv6(bytes, 0, bytes.length, PROTOCOL_ICMPV6, source, destination, 64, 0, 0);
  bytes.set(quote, IPV6_HEADER_BYTES + ICMPV6_HEADER_BYTES);
  const pseudoSum = pseudoHeaderSum6(source, destination, PROTOCOL_ICMPV6);
  writeMessage6(bytes, IPV6_HEADER_BYTES, bytes.length, type, code, word, pseudoSum);
  return bytes;
}

/** Host 1 calls host 0, whose answers are lost, and a router says this of the SYN. */
function whileCalling(type: number, code: number): { state: string; error: string | number } {
  const world = new World({ family: 6 });
  world.passes = () => false;
  const c = connecting(world.host(1), world.host(0));
  world.settle();
  world.inject(errorAbout(world.last(), type, code)).run(10);
  const error = Number(world.host(1).sys.getsockopt(c, SOL_SOCKET, SO_ERROR));
  return { state: viewOf(world.host(1), c).state, error: said(-error) };
}

describe('while a connection is being opened', () => {
  test.each([
    ['port unreachable', ICMPV6_UNREACHABLE, 4, 'ECONNREFUSED'],
    ['administratively prohibited', ICMPV6_UNREACHABLE, 1, 'EACCES'],
  ])('RFC 5461 §2.2: %s ends it', (_, type, code, error) => {
    expect(whileCalling(type, code)).toEqual({ state: 'CLOSED', error });
  });

  test.each([
    ['no route', ICMPV6_UNREACHABLE, 0, 'ENETUNREACH'],
    ['address unreachable', ICMPV6_UNREACHABLE, 3, 'EHOSTUNREACH'],
    ['hop limit exceeded', ICMPV6_TIME_EXCEEDED, 0, 'EHOSTUNREACH'],
    ['parameter problem', ICMPV6_PARAMETER_PROBLEM, 1, 'EPROTO'],
  ])('%s does not (§4: soft), and is told as what Linux makes of it', (_, type, code, error) => {
    expect(whileCalling(type, code)).toEqual({ state: 'SYN-SENT', error });
  });
});

describe('packet too big (RFC 8201)', () => {
  function tooBig(mtuBytes: number): { world: World; sizes: number[]; counters: Record<string, number> } {
    const world = new World({ family: 6, hosts: [{ mtuBytes: 1500 }, { mtuBytes: 1500 }] });
    const { server, client, s, c } = connected(world);
    world.passes = ({ bytes }) => bytes.length <= Math.max(mtuBytes, 1280);
    client.sys.write(c, pattern(20_000));
    world.settle();
    const lost = world.sentBy(1).find(({ bytes }) => bytes.length === 1500);
    if (lost === undefined) throw new Error('nothing of 1500 bytes was sent');
    world.log.length = 0;
    world.inject(errorAbout(lost, ICMPV6_PACKET_TOO_BIG, 0, mtuBytes)).run(500);
    const sizes = world.sentBy(1).map(({ bytes }) => bytes.length);
    if (mtuBytes >= 1280) expect(drain(server, s).bytes).toEqual(pattern(20_000));
    return { world, sizes, counters: client.counters() };
  }

  test('what was too big is sent again at once in smaller segments, and nothing larger after it', () => {
    const { sizes, counters } = tooBig(1400);
    expect(Math.max(...sizes)).toBe(1400);
    expect(counters).toMatchObject({ pathMtuLearnt: 1, connectionIcmpErrors: 1 });
  });

  test('§4: "If a node receives a Packet Too Big message reporting a next-hop MTU that is less than the IPv6 minimum link MTU, it must discard it"', () => {
    const { counters } = tooBig(1279);
    expect(counters).toMatchObject({ pathMtuLearnt: 0, pathMtuIgnored: 1 });
  });
});

describe('what is no word about a connection of ours', () => {
  test.each([
    ['a quote that is cut before the ports', (world: World) => errorAbout(world.last(), ICMPV6_UNREACHABLE, 4, 0, 44)],
    ['a code that there is not', (world: World) => errorAbout(world.last(), ICMPV6_UNREACHABLE, 99)],
  ])('%s is dropped and counted', (_, build) => {
    const world = new World({ family: 6 });
    world.passes = () => false;
    const c = connecting(world.host(1), world.host(0));
    world.settle();
    world.inject(build(world)).run(10);
    expect(viewOf(world.host(1), c).state).toBe('SYN-SENT');
    expect(world.host(1).counters()).toMatchObject({ icmpBadQuotes: 1, connectionIcmpErrors: 0 });
  });

  test('a wrong checksum', () => {
    const world = new World({ family: 6 });
    world.passes = () => false;
    const c = connecting(world.host(1), world.host(0));
    world.settle();
    const bytes = errorAbout(world.last(), ICMPV6_UNREACHABLE, 4);
    bytes[60] = (bytes[60] as number) ^ 1;
    world.inject(bytes).run(10);
    expect(viewOf(world.host(1), c).state).toBe('SYN-SENT');
    expect(world.host(1).counters()).toMatchObject({ icmpErrors: 1 });
  });
});
