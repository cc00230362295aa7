/** Fragments on the way in: what is whole by itself, what waits, what is told to the sender. */

import { IpAddress } from '@tcpstack/wire/ip-address';
import { createExtensionChain, type ExtensionFault, walkExtensions } from '@tcpstack/wire/ipv6-extensions';
import { describe, expect, test } from 'vitest';
import { asPacket, fragment4, fragment6 } from '../test/fragments.ts';
import { HASH } from '../test/hash.ts';
import { PARAMETER_PROBLEMS } from './icmp-send.ts';
import { type JoinInput, type JoinVerdict, joinIpv4, joinIpv6 } from './join.ts';
import { Reassembly } from './reassembly.ts';
import { createTrouble, setChainProblem } from './trouble.ts';

function inputOf(): JoinInput {
  return { nowMs: 0, fragments: new Reassembly(HASH), chain: createExtensionChain(), trouble: createTrouble() };
}

function join(input: JoinInput, bytes: Uint8Array): JoinVerdict {
  expect(walkExtensions(bytes, 0, input.chain)).toBeNull();
  return joinIpv6(input, asPacket(bytes));
}

const OPTIONS = [1, 4, 0, 0, 0, 0];

test('IPv4: whole with the last one', () => {
  const input = inputOf();
  expect(joinIpv4(input, asPacket(fragment4({ data: new Uint8Array(8), from: 0, more: true })))).toBe(false);
  expect(joinIpv4(input, asPacket(fragment4({ data: new Uint8Array(8), from: 8, more: false })))).toBe(true);
  expect(input.fragments.whole).toHaveLength(36);
});

describe('RFC 6946: a fragment that is all of its packet', () => {
  test('is whole by itself, whatever else has its identification', () => {
    const input = inputOf();
    join(input, fragment6({ data: new Uint8Array(16), from: 0, more: true, protocol: 17 }));
    const atomic = fragment6({ data: Uint8Array.of(58, 0, ...OPTIONS, 128, 0), from: 0, more: false, protocol: 60 });
    expect(join(input, atomic)).toBe('atomic');
    expect(input.chain).toMatchObject({ protocol: 58, transportAt: 56 });
    expect(input.fragments).toMatchObject({ size: 1, counters: { fragmentsReceived: 1 } });
  });

  test('is refused where its headers are damaged, or one more fragment header follows', () => {
    const input = inputOf();
    expect(join(input, fragment6({ data: Uint8Array.of(58, 9), from: 0, more: false, protocol: 60 }))).toBe('refused');
    const twice = fragment6({ data: Uint8Array.of(58, 0, 0, 0, 0, 0, 0, 1, 128), from: 0, more: false, protocol: 44 });
    expect(join(input, twice)).toBe('refused');
    const unknown = fragment6({ data: Uint8Array.of(58, 0, 0x85, 4, 0, 0, 0, 0), from: 0, more: false, protocol: 60 });
    expect(join(input, unknown)).toBe('refused');
    expect(input.chain).toMatchObject({ tellSender: true, problemCode: 2, pointer: 50 });
  });
});

describe('RFC 7112 §5: the first fragment has all headers', () => {
  test.each([
    ['TCP', 6, 24, 16],
    ['UDP', 17, 8, 0],
    ['ICMPv6', 58, 8, 0],
    ['a protocol of which nothing is known', 132, 8, 0],
  ])('%s: with its header it is kept, with less the sender is told', (_, protocol, enough, less) => {
    const input = inputOf();
    expect(join(input, fragment6({ data: new Uint8Array(enough), from: 0, more: true, protocol, id: 1 }))).toBe('held');
    expect([input.fragments.size, input.trouble.about]).toEqual([1, null]);
    const wrapped = Uint8Array.of(protocol, 0, ...OPTIONS, ...new Uint8Array(less));
    expect(join(input, fragment6({ data: wrapped, from: 0, more: true, protocol: 60, id: 2 }))).toBe('held');
    expect(input.fragments.size).toBe(1);
    expect(input.trouble).toEqual({ about: PARAMETER_PROBLEMS[3], pointer: 0 });
  });

  test('headers that go on in the next fragment', () => {
    const input = inputOf();
    expect(
      join(input, fragment6({ data: Uint8Array.of(17, 1, 1, 12, 0, 0, 0, 0), from: 0, more: true, protocol: 60 })),
    ).toBe('held');
    expect([input.fragments.size, input.trouble.about]).toEqual([0, PARAMETER_PROBLEMS[3]]);
  });

  test('no next header needs none', () => {
    const input = inputOf();
    join(input, fragment6({ data: Uint8Array.of(59, 0, ...OPTIONS), from: 0, more: true, protocol: 60 }));
    expect([input.fragments.size, input.trouble.about]).toEqual([1, null]);
  });
});

test('other faults of a first fragment wait until the packet is whole', () => {
  const input = inputOf();
  const data = Uint8Array.of(58, 0, 0x85, 4, 0, 0, 0, 0);
  expect(join(input, fragment6({ data, from: 0, more: true, protocol: 60 }))).toBe('held');
  expect([input.fragments.size, input.trouble.about, input.chain.tellSender]).toEqual([1, null, false]);
  expect(join(input, fragment6({ data: new Uint8Array(8), from: 8, more: false, protocol: 60 }))).toBe('whole');
  expect(walkExtensions(input.fragments.whole, 0, input.chain)).toBe<ExtensionFault>('unknown-option');
  expect(input.chain).toMatchObject({ tellSender: true, pointer: 42 });
});

test('RFC 8200 §4.5: a wrong length is told', () => {
  const input = inputOf();
  expect(join(input, fragment6({ data: new Uint8Array(9), from: 8, more: true }))).toBe('held');
  expect(input.trouble).toEqual({ about: PARAMETER_PROBLEMS[0], pointer: 4 });
});

describe('RFC 8200 §4.2: who is told of an option that is not known', () => {
  test.each([
    [0x45, false, false],
    [0x85, true, true],
    [0xc5, true, false],
  ])('type %i: the sender of a packet to us %s, to a group %s', (type, toUs, toGroup) => {
    for (const [first, isTold] of [
      [0xfd00_0000, toUs],
      [0xff02_0000, toGroup],
    ] as const) {
      const bytes = fragment6({ data: new Uint8Array(8), from: 0, more: false });
      bytes[6] = 60;
      bytes.set([6, 0, type, 4, 0, 0, 0, 0], 40);
      const chain = createExtensionChain();
      expect(walkExtensions(bytes, 0, chain)).toBe('unknown-option');
      const packet = Object.assign(asPacket(bytes), { destination: new IpAddress(first | 0, 0, 0, 1) });
      const trouble = createTrouble();
      setChainProblem(trouble, chain, packet);
      expect(trouble).toEqual(isTold ? { about: PARAMETER_PROBLEMS[2], pointer: 42 } : createTrouble());
    }
  });
});
