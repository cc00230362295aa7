/** Extension headers: what is walked over, what is refused, and where the fault is. */

import { describe, expect, test } from 'vitest';
import { toHex } from '../test/packets.ts';
import { packet6 } from '../test/packets6.ts';
import * as Ext from './ipv6-extensions.ts';

const PAYLOAD = new Uint8Array(16).fill(0xdd);
/** Six bytes of padding: a header of 8. */
const PAD = '010400000000';

type Headers = readonly (readonly [number, string])[];

function walk(extensions: Headers, payload = PAYLOAD): [Ext.ExtensionFault | null, Ext.ExtensionChain] {
  const bytes = new Uint8Array([...new Uint8Array(8), ...packet6({ protocol: 6, payload, extensions })]);
  const chain = Ext.createExtensionChain();
  return [Ext.walkExtensions(bytes, 8, chain), chain];
}

test('RFC 8200 §3: without extension headers the upper layer follows the header', () => {
  expect(walk([])).toMatchObject([null, { protocol: 6, transportAt: 48, namedAt: 14, fragmentAt: 0, routingAt: 0 }]);
});

test('RFC 8200 §4.1: headers are taken in any order, any number of times, to where the upper layer begins', () => {
  const [fault, chain] = walk([
    [Ext.HOP_BY_HOP, PAD],
    [Ext.DESTINATION_OPTIONS, `${PAD}1e06aabbccddeeff`],
    [Ext.AUTHENTICATION, '0000 00000000 00000000'],
    [Ext.ROUTING, '0400 00000000'],
    [Ext.DESTINATION_OPTIONS, PAD],
  ]);
  expect(fault).toBeNull();
  expect(chain).toMatchObject({ protocol: 6, transportAt: 8 + 40 + 8 + 16 + 12 + 8 + 8, routingAt: 84, namedAt: 92 });
});

test('RFC 8200 §4.1: the hop-by-hop header stands directly behind the IPv6 header, and points at who named it elsewhere', () => {
  const [fault, chain] = walk([
    [Ext.DESTINATION_OPTIONS, PAD],
    [Ext.HOP_BY_HOP, PAD],
  ]);
  expect(fault).toBe('misplaced-hop-by-hop');
  // The next header field of the first extension header (§4: "in any header other than an IPv6 header").
  expect(chain).toMatchObject({ tellSender: true, problemCode: Ext.PARAMETER_UNKNOWN_NEXT_HEADER, pointer: 40 });
});

describe('RFC 8200 §4.2: the first two bits of an option that is not known say what to do', () => {
  test.each([
    ['00, skip it', '05020000 0100', null, false, false],
    ['01, discard', '45020000 0100', 'unknown-option', false, false],
    ['10, discard and tell', '85020000 0100', 'unknown-option', true, false],
    ['11, discard and tell unless it was multicast', 'c5020000 0100', 'unknown-option', true, true],
  ] as const)('%s', (_, text, fault, tellSender, tellOnlyUnicast) => {
    for (const header of [Ext.HOP_BY_HOP, Ext.DESTINATION_OPTIONS]) {
      const [got, chain] = walk([[header, text]]);
      expect(got).toBe(fault);
      expect(chain).toMatchObject({ tellSender, tellOnlyUnicast });
      if (tellSender) expect(chain).toMatchObject({ problemCode: Ext.PARAMETER_UNKNOWN_OPTION, pointer: 42 });
    }
  });

  test('the pointer is the place of the option, behind others', () => {
    const [, chain] = walk([
      [Ext.DESTINATION_OPTIONS, PAD],
      [Ext.DESTINATION_OPTIONS, '0502ffff 8500'],
    ]);
    expect(chain.pointer).toBe(40 + 8 + 2 + 4);
  });

  test.each([
    ['an option that runs out of its header', '05050000 0000', 'bad-option'],
    ['an option without its length', '0502ffff 0005', 'bad-option'],
    ['padding that is not zero (PadN)', '0104 00000001', 'bad-option'],
  ] as const)('%s', (_, text, fault) => {
    expect(walk([[Ext.DESTINATION_OPTIONS, text]])[0]).toBe(fault);
  });

  test('padding aligns: 7 bytes of it are the most, in one piece or in several', () => {
    expect(walk([[Ext.DESTINATION_OPTIONS, '05050000000000 0105 0000000000']])[0]).toBeNull();
    expect(walk([[Ext.DESTINATION_OPTIONS, '05040000 0000 0106 000000000000']])[0]).toBe('bad-option');
    expect(walk([[Ext.DESTINATION_OPTIONS, '05040000 0000 0000 0104 00000000']])[0]).toBe('bad-option');
  });

  test('padding that an option divides is counted anew', () => {
    expect(walk([[Ext.DESTINATION_OPTIONS, '0102 0000 0500 0104 00000000']])[0]).toBeNull();
  });

  test('8 options are read and no more', () => {
    const eight = '0500'.repeat(8);
    expect(walk([[Ext.DESTINATION_OPTIONS, `${eight}0104 00000000`]])[0]).toBeNull();
    expect(walk([[Ext.DESTINATION_OPTIONS, `${eight}0500 0102 0000`]])[0]).toBe('too-many-options');
  });
});

describe('RFC 8200 §4.4: a routing header', () => {
  test('with no segments left is passed over', () => {
    expect(walk([[Ext.ROUTING, '0000 00000000']])).toMatchObject([null, { routingAt: 48, protocol: 6 }]);
  });

  test.each([0, 2, 3, 4, 253])(
    'of type %i with segments left is refused, and the pointer is at its type — RFC 5095 §3',
    (type) => {
      const [fault, chain] = walk([
        [Ext.DESTINATION_OPTIONS, PAD],
        [Ext.ROUTING, `${toHex(Uint8Array.of(type, 1))}00000000`],
      ]);
      expect(fault).toBe('source-route');
      expect(chain).toMatchObject({ tellSender: true, problemCode: Ext.PARAMETER_ERRONEOUS_FIELD, pointer: 50 });
    },
  );
});

describe('bounds', () => {
  test('12 headers are walked over and no more', () => {
    const twelve = Array.from({ length: 12 }, () => [Ext.DESTINATION_OPTIONS, PAD] as const);
    expect(walk(twelve)[0]).toBeNull();
    expect(walk([...twelve, [Ext.DESTINATION_OPTIONS, PAD]])[0]).toBe('too-many-extensions');
  });

  test.each([Ext.HOP_BY_HOP, Ext.ROUTING, Ext.FRAGMENT, Ext.AUTHENTICATION, Ext.DESTINATION_OPTIONS])(
    'header %i that is cut, or longer than its packet, is short',
    (number) => {
      const bytes = packet6({ protocol: number, payload: new Uint8Array(7) });
      expect(Ext.walkExtensions(bytes, 0, Ext.createExtensionChain())).toBe('short-extension');
      if (number === Ext.FRAGMENT) return;
      const long = packet6({ protocol: number, payload: Uint8Array.of(6, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) });
      expect(Ext.walkExtensions(long, 0, Ext.createExtensionChain())).toBe('short-extension');
    },
  );

  test('what cannot be seen into is not walked over: ESP, no next header', () => {
    expect([50, 59, 6, 17, 58, 135].filter(Ext.isExtension)).toEqual([]);
  });
});

describe('RFC 8200 §4.5: the fragment header', () => {
  test('the walk stops behind it, and goes on when asked', () => {
    const bytes = packet6({
      protocol: 6,
      payload: PAYLOAD,
      extensions: [
        [Ext.HOP_BY_HOP, PAD],
        [Ext.FRAGMENT, '0001 01020304'],
        [Ext.DESTINATION_OPTIONS, PAD],
      ],
    });
    const chain = Ext.createExtensionChain();
    expect(Ext.walkExtensions(bytes, 0, chain)).toBeNull();
    expect(chain).toMatchObject({
      fragmentAt: 48,
      fragmentNamedAt: 40,
      namedAt: 48,
      transportAt: 56,
      protocol: Ext.DESTINATION_OPTIONS,
    });
    const { protocol, transportAt, namedAt } = chain;
    expect(Ext.walkOn(bytes, 0, bytes.length, protocol, transportAt, namedAt, chain)).toBeNull();
    expect(chain).toMatchObject({ fragmentAt: 48, namedAt: 56, transportAt: 64, protocol: 6 });
  });

  test('it is read as it was written', () => {
    const bytes = new Uint8Array(12).fill(0xee);
    Ext.writeFragmentHeader(bytes, 2, 17, 0xfff8, true, 0xdeadbeef | 0);
    expect(toHex(bytes)).toBe('eeee1100fff9deadbeefeeee');
    expect([Ext.fragmentOffsetBytes(bytes, 2), Ext.moreFragments(bytes, 2)]).toEqual([0xfff8, true]);
    expect(Ext.fragmentId(bytes, 2)).toBe(0xdeadbeef | 0);
    Ext.writeFragmentHeader(bytes, 2, 17, 8, false, 1);
    expect([Ext.fragmentOffsetBytes(bytes, 2), Ext.moreFragments(bytes, 2)]).toEqual([8, false]);
  });
});
