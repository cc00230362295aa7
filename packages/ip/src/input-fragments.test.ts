/** The way in for fragments, options and extension headers: what becomes a packet, what is refused, what is told. */

import { PROTOCOL_TCP, PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { createExtensionChain } from '@tcpstack/wire/ipv6-extensions';
import { describe, expect, test } from 'vitest';
import { fragment4, fragment6 } from '../test/fragments.ts';
import { HASH } from '../test/hash.ts';
import { INTERFACES, packet6 } from '../test/packets.ts';
import { createIpCounters, type IpCounters } from './counters.ts';
import { NO_PROTOCOL, PARAMETER_PROBLEMS } from './icmp-send.ts';
import { type IpInput, receive } from './input.ts';
import { createIpPacket, type IpPacket } from './packet.ts';
import { Reassembly } from './reassembly.ts';
import { createTrouble } from './trouble.ts';

function inputOf(acceptSourceRoute = false): IpInput {
  return {
    interfaces: INTERFACES,
    settings: { acceptSourceRoute, forwardIpv4: false, forwardIpv6: false },
    counters: createIpCounters(),
    chain: createExtensionChain(),
    nowMs: 0,
    fragments: new Reassembly(HASH),
    trouble: createTrouble(),
    isForOthers: false,
  };
}

/** The packet that these bytes lead to, or `null`. */
function take(input: IpInput, bytes: Uint8Array): IpPacket | null {
  const into = createIpPacket();
  return receive(input, bytes, 0, bytes.length, 1, into) ? into : null;
}

/** What was counted besides that it came. */
function counted({ counters }: IpInput): Partial<IpCounters> {
  const { received: _, ...others } = counters;
  return Object.fromEntries(Object.entries(others).filter(([, n]) => n > 0));
}

const DATA = Uint8Array.from({ length: 40 }, (_, i) => i);
const PAD = [1, 4, 0, 0, 0, 0];

test.each([
  ['IPv4', fragment4, 20],
  ['IPv6', fragment6, 40],
] as const)('%s: two fragments are handed on as one packet, which lies in memory of its own', (_, build, header) => {
  const input = inputOf();
  const [a, b] = [
    build({ data: DATA.subarray(0, 24), from: 0, more: true, protocol: PROTOCOL_UDP }),
    build({ data: DATA.subarray(24), from: 24, more: false, protocol: PROTOCOL_UDP }),
  ];
  expect(take(input, b)).toBeNull();
  const whole = take(input, a);
  expect(whole).toMatchObject({
    at: 0,
    end: header + 40,
    transportAt: header,
    protocol: PROTOCOL_UDP,
    interfaceIndex: 1,
  });
  expect(whole?.bytes).not.toBe(a);
  expect(whole?.bytes.subarray(header)).toEqual(DATA);
  expect(counted(input)).toEqual({ fragmentsHeld: 1, delivered: 1 });
});

describe('RFC 8200 §4: extension headers', () => {
  /** The data behind one extension header of 8 bytes. */
  const behind = (number: number, header: readonly number[], next = PROTOCOL_TCP): Uint8Array =>
    packet6(number, Uint8Array.of(next, 0, ...header, ...DATA));

  test('what is behind them is handed on', () => {
    const input = inputOf();
    expect(take(input, behind(60, PAD))).toMatchObject({ protocol: PROTOCOL_TCP, transportAt: 48, hasOptions: true });
    expect(take(input, behind(43, [0, 0, 0, 0, 0, 0]))).toMatchObject({ protocol: PROTOCOL_TCP, transportAt: 48 });
  });

  test.each([
    ['an option that ends the packet silently', 60, [0x45, 4, 0, 0, 0, 0], { badOptions: 1 }, null, 0],
    ['an option that is told', 60, [0x85, 4, 0, 0, 0, 0], { badOptions: 1 }, PARAMETER_PROBLEMS[2], 42],
    ['a route with segments left', 43, [0, 1, 0, 0, 0, 0], { sourceRoutesDropped: 1 }, PARAMETER_PROBLEMS[0], 42],
  ])('%s', (_, number, header, counters, about, pointer) => {
    const input = inputOf();
    expect(take(input, behind(number, header))).toBeNull();
    expect(counted(input)).toEqual(counters);
    expect(input.trouble).toEqual({ about, pointer });
    // The next packet has no trouble.
    expect(take(input, behind(60, PAD))).not.toBeNull();
    expect(input.trouble.about).toBeNull();
  });

  test('an atomic fragment is a packet; one with damaged headers is refused', () => {
    const input = inputOf();
    const atomic = fragment6({ data: Uint8Array.of(6, 0, ...PAD, ...DATA), from: 0, more: false, protocol: 60 });
    expect(take(input, atomic)).toMatchObject({ protocol: PROTOCOL_TCP, transportAt: 56 });
    expect(take(input, fragment6({ data: Uint8Array.of(6, 9), from: 0, more: false, protocol: 60 }))).toBeNull();
    expect(counted(input)).toEqual({ delivered: 1, badOptions: 1 });
  });

  test('faults of headers that came in fragments are told when the packet is whole', () => {
    const input = inputOf();
    const header = Uint8Array.of(6, 0, 0x85, 4, 0, 0, 0, 0, ...DATA.subarray(0, 24));
    expect(take(input, fragment6({ data: header, from: 0, more: true, protocol: 60 }))).toBeNull();
    expect(input.trouble.about).toBeNull();
    expect(take(input, fragment6({ data: DATA.subarray(24), from: 32, more: false, protocol: 60 }))).toBeNull();
    expect(input.trouble).toEqual({ about: PARAMETER_PROBLEMS[2], pointer: 42 });
    expect(counted(input)).toEqual({ fragmentsHeld: 1, badOptions: 1 });
  });

  test('headers that came in fragments are passed over as others are', () => {
    const input = inputOf();
    const header = Uint8Array.of(6, 0, ...PAD, ...DATA.subarray(0, 24));
    take(input, fragment6({ data: header, from: 0, more: true, protocol: 60 }));
    const whole = take(input, fragment6({ data: DATA.subarray(24), from: 32, more: false, protocol: 60 }));
    expect(whole).toMatchObject({ protocol: PROTOCOL_TCP, transportAt: 48, end: 88 });
  });
});

describe('a protocol that nobody speaks is told, with the place of what named it (RFC 8200 §4)', () => {
  test.each([
    ['directly', packet6(132, DATA), 6],
    ['behind an extension header', packet6(60, Uint8Array.of(132, 0, ...PAD, ...DATA)), 40],
    ['behind an atomic fragment header', fragment6({ data: DATA, from: 0, more: false, protocol: 132 }), 40],
  ])('%s', (_, bytes, pointer) => {
    const input = inputOf();
    expect(take(input, bytes)).toBeNull();
    expect(input.trouble).toEqual({ about: NO_PROTOCOL, pointer });
    expect(counted(input)).toEqual({ unknownProtocols: 1 });
  });

  test('but not "no next header", behind which nothing follows (RFC 8200 §4.7)', () => {
    const input = inputOf();
    expect(take(input, packet6(59, DATA))).toBeNull();
    expect(input.trouble.about).toBeNull();
  });
});

test('RFC 1122 §3.2.2.5: a damaged option of IPv4 is told with its place', () => {
  const input = inputOf();
  const plain = fragment4({ data: DATA, from: 0, more: false, protocol: PROTOCOL_TCP });
  const bytes = Uint8Array.of(...plain.subarray(0, 20), 1, 7, 2, 0, ...plain.subarray(20));
  bytes[0] = 0x46;
  bytes[3] = bytes.length;
  bytes[10] = 0;
  bytes[11] = 0;
  let sum = 0;
  for (let i = 0; i < 24; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  bytes.set([sum >> 8, sum & 0xff], 10);
  expect(take(input, bytes)).toBeNull();
  expect(input.trouble).toEqual({ about: PARAMETER_PROBLEMS[0], pointer: 22 });
  expect(counted(input)).toEqual({ badOptions: 1 });
});
