/** What is read of an ICMP error, and what is dropped under which name. */

import { ipv4Address } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { errorAbout } from '../test/icmp.ts';
import { OURS, PEER, packet, ping, received, taken } from '../test/packets.ts';
import { createIpCounters } from './counters.ts';
import { createIcmpError, type IcmpError, readIcmpError } from './icmp-error.ts';

const OUR_PACKET = packet({ source: OURS, destination: PEER, payloadBytes: 1000 });
const QUOTE = OUR_PACKET.subarray(0, 28);

function read(bytes: Uint8Array): { verdict: string; error: IcmpError; counted: string[] } {
  const counters = createIpCounters();
  const error = createIcmpError();
  const verdict = readIcmpError(taken(bytes), counters, error);
  const counted = Object.entries(counters).flatMap(([name, value]) => (value > 0 ? [name] : []));
  return { verdict, error, counted };
}

test("type, code, MTU, sender, and of the quoted packet the protocol, the addresses, the length and the ports' place", () => {
  const { verdict, error, counted } = read(errorAbout(QUOTE, 3, 4, 1400));
  expect([verdict, counted]).toEqual(['error', []]);
  expect(error).toEqual({
    version: 4,
    isTooBig: true,
    type: 3,
    code: 4,
    nextHopMtuBytes: 1400,
    offender: ipv4Address(PEER),
    protocol: 6,
    source: ipv4Address(OURS),
    destination: ipv4Address(PEER),
    totalBytes: 1020,
    transportAt: 48,
  });
});

test('options of the quoted header are passed over', () => {
  const quote = new Uint8Array(60 + 8);
  quote.set(QUOTE);
  quote[0] = 0x4f;
  expect(read(errorAbout(quote, 11)).error.transportAt).toBe(28 + 60);
});

test.each([
  [3, 16],
  [11, 2],
  [12, 3],
])('type %i has %i codes; a message with another is dropped', (type, codes) => {
  for (let code = 0; code < codes; code++) expect(read(errorAbout(QUOTE, type, code)).verdict).toBe('error');
  expect(read(errorAbout(QUOTE, type, codes))).toMatchObject({ verdict: 'drop', counted: ['icmpBadQuotes'] });
});

test('a source quench is dropped in silence (RFC 9293 §3.9.2.2) [MUST-55]', () => {
  expect(read(errorAbout(QUOTE, 4))).toMatchObject({ verdict: 'drop', counted: ['sourceQuenches'] });
});

test('echo, redirect and the rest are none of these', () => {
  for (const type of [0, 5, 8, 9, 10, 13, 14, 255]) expect(read(errorAbout(QUOTE, type)).verdict).toBe('other');
  expect(read(ping(new Uint8Array(3), 1, 1)).verdict).toBe('other');
  expect(read(packet({ protocol: 1, payloadBytes: 7 }))).toMatchObject({ verdict: 'other', counted: [] });
});

describe('what is dropped', () => {
  test('a wrong checksum', () => {
    const bytes = errorAbout(QUOTE, 3);
    bytes[40] = (bytes[40] as number) ^ 1;
    expect(read(bytes)).toMatchObject({ verdict: 'drop', counted: ['icmpErrors'] });
  });

  test.each([
    ['without the ports', QUOTE.subarray(0, 27)],
    ['shorter than a header', QUOTE.subarray(0, 19)],
    ['nothing', new Uint8Array(0)],
    ['of another version', Uint8Array.from(QUOTE, (byte, i) => (i === 0 ? 0x65 : byte))],
    ['of a header too short to be one', Uint8Array.from(QUOTE, (byte, i) => (i === 0 ? 0x44 : byte))],
    ['of a header longer than the quote', Uint8Array.from(QUOTE, (byte, i) => (i === 0 ? 0x46 : byte))],
    ['of a later fragment', Uint8Array.from(QUOTE, (byte, i) => (i === 7 ? 1 : byte))],
  ])('a quote %s', (_, quote) => {
    expect(read(errorAbout(quote, 3))).toMatchObject({ verdict: 'drop', counted: ['icmpBadQuotes'] });
  });
});

test('any quote: no throw, at most one counter moves, and 8 bytes of transport are there', () => {
  holds(
    fc.property(
      fc.uint8Array({ maxLength: 90 }),
      fc.boolean(),
      fc.constantFrom(3, 4, 11, 12),
      fc.nat(20),
      (noise, real, type, code) => {
        const quote = real ? Uint8Array.from([...QUOTE.subarray(0, 8), ...noise]) : noise;
        const bytes = errorAbout(quote, type, code);
        expect(received(bytes)?.protocol).toBe(1);
        const { verdict, error, counted } = read(bytes);
        expect(counted).toHaveLength(verdict === 'error' ? 0 : 1);
        if (verdict === 'error') expect(error.transportAt + 8).toBeLessThanOrEqual(bytes.length);
      },
    ),
    { numRuns: 2000 },
  );
});
