/** Captures: the blocks as a reader of the format finds them. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { ascii, toHex } from '../test/packets.ts';
import { interfaceBlock, LINKTYPE_ETHERNET, LINKTYPE_RAW, packetBlock, sectionHeaderBlock } from './pcapng.ts';

interface Block {
  readonly type: number;
  readonly body: DataView;
  readonly options: Map<number, Uint8Array>;
}

/** Reads one block; `bodyBytes` of it stand before its options. */
function readBlock(bytes: Uint8Array, bodyBytes: number): Block {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect(bytes.length % 4).toBe(0);
  expect(view.getUint32(4, true)).toBe(bytes.length);
  expect(view.getUint32(bytes.length - 4, true)).toBe(bytes.length);
  const options = new Map<number, Uint8Array>();
  let at = 8 + bodyBytes;
  const end = bytes.length - 4;
  while (at < end) {
    const [code, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (code === 0) {
      expect([length, at + 4]).toEqual([0, end]);
      break;
    }
    options.set(code, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  expect(at).toBeLessThanOrEqual(end);
  return { type: view.getUint32(0, true), body: new DataView(bytes.buffer, bytes.byteOffset + 8, bodyBytes), options };
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function ticks(timestampMs: number, resolution: 'microseconds' | 'nanoseconds'): bigint {
  const block = packetBlock(new Uint8Array(0), 0, 0, { interfaceId: 0, resolution, timestampMs });
  const { body } = readBlock(block, 20);
  return (BigInt(body.getUint32(4, true)) << 32n) | BigInt(body.getUint32(8, true));
}

test('pcapng §4.1: a section header says its byte order, version 1.0 and an unknown length', () => {
  expect(toHex(sectionHeaderBlock())).toBe(
    '0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffffffffffff 1c000000'.replaceAll(' ', ''),
  );
  const named = readBlock(sectionHeaderBlock('tcpstack'), 16);
  expect(text(named.options.get(4))).toBe('tcpstack');
});

test.each([
  [LINKTYPE_RAW, 101, 'microseconds', 6],
  [LINKTYPE_ETHERNET, 1, 'nanoseconds', 9],
] as const)('pcapng §4.2: an interface of link type %i', (linkType, number, resolution, exponent) => {
  const { type, body, options } = readBlock(
    interfaceBlock({ linkType, resolution, name: 'tcp0', snapLengthBytes: 96 }),
    8,
  );
  expect([type, body.getUint16(0, true), body.getUint16(2, true), body.getUint32(4, true)]).toEqual([1, number, 0, 96]);
  expect([...(options.get(9) ?? [])]).toEqual([exponent]);
  expect(text(options.get(2))).toBe('tcp0');
  const plain = readBlock(interfaceBlock({ linkType, resolution }), 8);
  expect(plain.body.getUint32(4, true)).toBe(0);
  expect([...plain.options.keys()]).toEqual([9]);
});

describe('pcapng §4.3: an enhanced packet', () => {
  test('it carries a copy of the packet, padded to 32 bits, and how long it was', () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 99 }), fc.nat(9), fc.nat(9), (content, before, after) => {
        const memory = new Uint8Array(before + content.length + after).fill(0xee);
        memory.set(content, before);
        const end = before + content.length;
        const block = packetBlock(memory, before, end, {
          interfaceId: 3,
          resolution: 'microseconds',
          timestampMs: 0,
          originalLengthBytes: 1500,
        });
        memory.fill(0);
        const padded = Math.ceil(content.length / 4) * 4;
        const { type, body, options } = readBlock(block, 20 + padded);
        expect([type, body.getUint32(0, true), body.getUint32(12, true), body.getUint32(16, true)]).toEqual([
          6,
          3,
          content.length,
          1500,
        ]);
        expect(block.subarray(28, 28 + content.length)).toEqual(content);
        expect(block.subarray(28 + content.length, 28 + padded).every((byte) => byte === 0)).toBe(true);
        expect(options.size).toBe(0);
      }),
    );
  });

  test('its original length is its captured length when nothing else is said', () => {
    const block = packetBlock(ascii('hello'), 0, 5, { interfaceId: 0, resolution: 'microseconds', timestampMs: 0 });
    expect(readBlock(block, 28).body.getUint32(16, true)).toBe(5);
  });

  test.each([
    ['inbound', [1, 0, 0, 0]],
    ['outbound', [2, 0, 0, 0]],
    [null, undefined],
  ] as const)('its direction: %s', (direction, expected) => {
    const block = packetBlock(ascii('hello'), 0, 5, {
      interfaceId: 0,
      resolution: 'microseconds',
      timestampMs: 0,
      direction,
    });
    const flags = readBlock(block, 28).options.get(2);
    expect(flags === undefined ? undefined : [...flags]).toEqual(expected);
  });

  test('its comment in UTF-8, whatever the text; a lone surrogate becomes U+FFFD', () => {
    holds(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 50 }),
        fc.constantFrom('', '\ud800', '\udfffx'),
        (start, end) => {
          const comment = start + end;
          const block = packetBlock(ascii('hi'), 0, 2, {
            interfaceId: 0,
            resolution: 'microseconds',
            timestampMs: 0,
            direction: 'inbound',
            comment,
          });
          const { options } = readBlock(block, 24);
          expect([...(options.get(1) ?? [])]).toEqual([...new TextEncoder().encode(comment)]);
          expect(options.has(2)).toBe(true);
        },
      ),
    );
  });

  test('a comment longer than an option may be is cut between characters', () => {
    const comment = `x${'€'.repeat(30_000)}`; // 90,001 bytes
    const block = packetBlock(ascii('hi'), 0, 2, {
      interfaceId: 0,
      resolution: 'microseconds',
      timestampMs: 0,
      comment,
    });
    expect(text(readBlock(block, 24).options.get(1))).toBe(`x${'€'.repeat(21_844)}`);
  });
});

describe('pcapng §4.3: timestamps count ticks since 1970 in 64 bits', () => {
  test('a time of today keeps its microseconds', () => {
    expect(ticks(1_795_235_938_123.456, 'microseconds')).toBe(1_795_235_938_123_456n);
  });

  test('nanoseconds of today, which fit no double, are exact for whole milliseconds', () => {
    expect(ticks(1_795_235_938_123, 'nanoseconds')).toBe(1_795_235_938_123_000_000n);
    expect(ticks(1_795_235_938_123.5, 'nanoseconds')).toBe(1_795_235_938_123_500_000n);
  });

  test('every whole millisecond until 64 bits of nanoseconds end in the year 2554, and a fraction that rounds up to the next', () => {
    holds(
      fc.property(fc.nat(18_446_744_073_708), (ms) => {
        expect(ticks(ms, 'microseconds')).toBe(BigInt(ms) * 1000n);
        expect(ticks(ms, 'nanoseconds')).toBe(BigInt(ms) * 1_000_000n);
      }),
    );
    expect(ticks(0.9999999, 'microseconds')).toBe(1000n);
    expect(ticks(65_535.9999999, 'nanoseconds')).toBe(65_536_000_000n);
  });
});
