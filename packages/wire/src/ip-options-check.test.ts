/** Options of IPv4: what is passed over, and which byte is told to be wrong. */

import { describe, expect, test } from 'vitest';
import { fromHex, HERE, THERE } from '../test/packets.ts';
import { findOptionFault } from './ip-options-check.ts';
import { writeIpv4 } from './ipv4.ts';

/** The fault in these options, padded to whole words, of a header in the middle of 0xff. */
function fault(text: string): number {
  const options = fromHex(text);
  const words = Math.ceil(options.length / 4);
  const bytes = new Uint8Array(80).fill(0xff);
  writeIpv4(bytes, 6, 60, 6, HERE, THERE, 1, 0, 64, 0);
  bytes.fill(0, 26, 26 + 4 * words);
  bytes.set(options, 26);
  bytes[6] = 0x45 + words;
  return findOptionFault(bytes, 6);
}

describe('RFC 1122 §3.2.1.8: "silently ignore the others"', () => {
  test.each([
    ['no options', ''],
    ['options that nobody knows', '5e04aabb de03cc 99021e02'],
    ['no-operations, and what stands behind the end', '0101010100830002'],
    ['a loose route that is completed', '83070811223344'],
    ['a strict route that goes on', '89070411223344'],
    ['a record route with room, and a full one', '070704112233440707081122334401'],
    ['a timestamp with room, and a full one', '44080500112233444408090011223344'],
    ['router alert', '94040000'],
    ['an empty record route, which is full', '070304'],
  ])('%s: right', (_, text) => {
    expect(fault(text)).toBe(0);
  });
});

describe('RFC 791 §3.1: the pointer is at the byte that is wrong', () => {
  test.each([
    ['an option without length', '0101015e', 23],
    ['a length of 1', '015e0100', 21],
    ['a length of 0', '5e000000', 20],
    ['a length beyond the header', '5e050000', 20],
    ['two routes of one kind', '830708112233448307081122334400', 27],
    ['two routes of both kinds', '830708112233448907081122334400', 27],
    ['a route without pointer', '01830200', 22],
    ['a route with half an address', '83050411220000', 21],
    ['a pointer into the head of a route', '83070311223344', 22],
    ['a record route without pointer', '07020000', 21],
    ['a pointer into the head of a record route', '07070311223344', 22],
    ['a record route with room for half an address', '07070511223344', 22],
    ['a timestamp without flags', '44030500', 21],
    ['a pointer into the head of a timestamp', '4408040011223344', 22],
    ['a timestamp with room for half an entry', '4408060011223344', 22],
    ['router alert without value', '01940300', 22],
  ])('%s', (_, text, place) => {
    expect(fault(text)).toBe(place);
  });
});
