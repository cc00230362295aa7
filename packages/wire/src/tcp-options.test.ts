/** TCP options: read in any order, skipped when unknown, refused when their length is illegal. */

import { type Seq, seq, toUint32 } from '@tcpstack/seq/seq';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { fromHex, toHex } from '../test/packets.ts';
import {
  createTcpOptions,
  readTcpOptions,
  type TcpOptions,
  writeFastOpen,
  writeMss,
  writeNops,
  writeSackBlock,
  writeSackHeader,
  writeSackPermitted,
  writeTimestamps,
  writeWindowScale,
} from './tcp-options.ts';

function read(hex: string, into = createTcpOptions()): TcpOptions {
  const bytes = fromHex(`eeee${hex}eeee`);
  readTcpOptions(bytes, 2, bytes.length - 2, into);
  return into;
}

describe('RFC 9293 §3.2 [MUST-5]: an option is received in any segment', () => {
  test('RFC 9293 §3.2: the maximum segment size', () => {
    expect(read('020405b4')).toMatchObject({ mssBytes: 1460, malformed: false });
  });

  test('RFC 7323 §2.2: the window scale as sent, even beyond 14', () => {
    expect(read('030307')).toMatchObject({ windowScale: 7, malformed: false });
    expect(read('0303ff')).toMatchObject({ windowScale: 255, malformed: false });
  });

  test('RFC 2018 §2: SACK permitted', () => {
    expect(read('0402')).toMatchObject({ sackPermitted: true, malformed: false });
  });

  test.each([
    ['after two no-operations, the common layout', '0101080a1122334455667788'],
    ['before two no-operations', '080a11223344556677880101'],
  ])('RFC 7323 §3.2: timestamps %s', (_, hex) => {
    const options = read(hex);
    expect(options).toMatchObject({ hasTimestamps: true, malformed: false });
    expect([toUint32(options.tsVal), toUint32(options.tsEcr)]).toEqual([0x11223344, 0x55667788]);
  });

  test('RFC 2018 §3: SACK blocks, one to four', () => {
    for (let count = 1; count <= 4; count++) {
      const blocks = Array.from({ length: count }, (_, i) => `f000000${i}0000000${i}`).join('');
      const options = read(`05${(2 + 8 * count).toString(16).padStart(2, '0')}${blocks}`);
      expect(options.sackCount).toBe(count);
      for (let i = 0; i < count; i++) {
        expect([toUint32(options.sackLeft[i] as Seq), toUint32(options.sackRight[i] as Seq)]).toEqual([
          0xf0000000 + i,
          i,
        ]);
      }
    }
  });

  test('all of them in the order that Linux sends them on a SYN', () => {
    expect(read('020405b40402080a000000010000000001030307')).toMatchObject({
      mssBytes: 1460,
      sackPermitted: true,
      hasTimestamps: true,
      windowScale: 7,
      malformed: false,
    });
  });
});

describe('RFC 9293 §3.2: the list and what is not in it', () => {
  test('[MUST-6] an unknown option is skipped by its length', () => {
    expect(read('fe04abcd020405b4')).toMatchObject({ mssBytes: 1460, malformed: false });
  });

  test('[MUST-68] all kinds but 0 and 1 have a length, those of the future too', () => {
    for (let kind = 2; kind <= 255; kind++) {
      // The data of the option looks like an MSS.
      const options = read(`${kind.toString(16).padStart(2, '0')}06020405b40402`);
      expect(options, `kind ${kind}`).toMatchObject({ mssBytes: -1, sackPermitted: true });
    }
  });

  test('[MUST-4] end of list, no-operation and MSS, in any place and however often', () => {
    expect(read('01020405b40101')).toMatchObject({ mssBytes: 1460, malformed: false });
    expect(read('0101020405b400')).toMatchObject({ mssBytes: 1460, malformed: false });
    expect(read('00020405b4')).toMatchObject({ mssBytes: -1, malformed: false });
  });

  test('RFC 9293 §3.2: nothing is read behind the end of the list', () => {
    expect(read('0402000000020405b4')).toMatchObject({ sackPermitted: true, mssBytes: -1, malformed: false });
  });

  test.each([
    ['zero', '0200 05b4'],
    ['one', '0201 05b4'],
    ['beyond the header', '0205 05b4'],
    ['missing', '01010102'],
    ['wrong for its kind: window scale', '0304 0700'],
    ['wrong for its kind: SACK permitted', '0403 0000'],
    ['wrong for its kind: timestamps', '0808 000000000000'],
    ['wrong for its kind: SACK with half a block', '0506 00000000'],
    ['wrong for its kind: SACK with no block', '0502 0101'],
  ])('[MUST-7] an illegal length is survived and told: %s', (_, hex) => {
    expect(read(hex.replace(' ', ''))).toMatchObject({ malformed: true });
  });

  test('[MUST-7] what stood before an illegal length counts, what stands behind it does not', () => {
    expect(read('0204020008000402')).toMatchObject({ mssBytes: 512, malformed: true, sackPermitted: false });
  });

  test('a reused record keeps nothing of the segment before', () => {
    const options = read('020405b40402080a000000010000000001030307');
    read('050a0000000100000002', options);
    read('', options);
    expect(options).toMatchObject({
      mssBytes: -1,
      windowScale: -1,
      sackPermitted: false,
      hasTimestamps: false,
      sackCount: 0,
      malformed: false,
    });
  });
});

test('what is written is read again', () => {
  const u32 = fc.nat(0xffff_ffff);
  holds(
    fc.property(fc.nat(0xffff), fc.nat(14), u32, u32, u32, u32, (mss, shift, tsVal, tsEcr, left, right) => {
      const bytes = new Uint8Array(44).fill(0xee);
      let at = writeMss(bytes, 0, mss);
      at = writeSackPermitted(bytes, at);
      at = writeTimestamps(bytes, at, seq(tsVal), seq(tsEcr));
      at = writeWindowScale(bytes, at, shift);
      at = writeNops(bytes, at, 2);
      at = writeSackBlock(bytes, writeSackHeader(bytes, at, 1), seq(left), seq(right));
      expect(at).toBe(32);
      expect(toHex(bytes.subarray(32))).toBe('ee'.repeat(12));
      const options = createTcpOptions();
      readTcpOptions(bytes, 0, at, options);
      expect(options).toMatchObject({ mssBytes: mss, windowScale: shift, sackPermitted: true, sackCount: 1 });
      expect([options.tsVal, options.tsEcr, options.sackLeft[0], options.sackRight[0]]).toEqual(
        [tsVal, tsEcr, left, right].map(seq),
      );
      expect(options.malformed).toBe(false);
    }),
  );
});

describe('the Fast Open option (RFC 7413 §4.1.1)', () => {
  test.each([
    ['itself', false],
    ['the experiment that it once was (§10)', true],
  ])('is read and written as %s, with a cookie of 4 to 16 bytes, an even number, or none', (_, isExperiment) => {
    for (let length = 0; length <= 18; length++) {
      const bytes = new Uint8Array(40);
      const cookie = Uint8Array.from({ length }, (_, i) => i + 1);
      const end = writeFastOpen(bytes, 4, cookie, isExperiment);
      expect(end % 4).toBe(0);
      const options = createTcpOptions();
      readTcpOptions(bytes, 4, end, options);
      const isValid = length === 0 || (length >= 4 && length <= 16 && length % 2 === 0);
      expect([options.fastOpenBytes, options.malformed]).toEqual(isValid ? [length, false] : [-1, true]);
      if (isValid) expect(options.fastOpenIsExperiment).toBe(isExperiment);
      if (isValid) expect(bytes.subarray(options.fastOpenAt, options.fastOpenAt + length)).toEqual(cookie);
    }
  });

  test('is not any other experiment', () => {
    const bytes = Uint8Array.of(254, 8, 0xf9, 0x88, 1, 2, 3, 4, 254, 4, 0, 0, 254, 3, 0xf9, 1, 254, 2, 1, 1);
    const options = createTcpOptions();
    readTcpOptions(bytes, 0, bytes.length, options);
    expect([options.fastOpenBytes, options.malformed]).toEqual([-1, false]);
  });
});
