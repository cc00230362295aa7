/** Neighbor Discovery messages: the rules by which they are refused, and what is written is read again. */

import { describe, expect, test } from 'vitest';
import { formatAddress, IpAddress, parseAddress } from './ip-address.ts';
import * as Ndp from './ndp.ts';
import * as Options from './ndp-options.ts';
import * as Write from './ndp-write.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const MAC = 0x0200_0000_0001;
const US = 'fe80::1';
const PEER = 'fe80::2';
const GLOBAL = '2001:db8::2';
const SOLICITED = 'ff02::1:ff00:1';
const ALL = 'ff02::1';

type Builder = (bytes: Uint8Array) => number;

/** The fault of the message that `build` writes at offset 3. */
function check(build: Builder, source: string, destination: string, hops = 255): Ndp.NdpFault | null {
  const bytes = new Uint8Array(300);
  const end = build(bytes);
  return Ndp.checkNdp(bytes, 3, end, hops, ip(source), ip(destination));
}

const sourceOption = (bytes: Uint8Array, at: number) =>
  Options.writeLinkLayerAddress(bytes, at, Options.SOURCE_LINK_LAYER_ADDRESS, MAC);

const rs: Builder = (bytes) => Write.writeRouterSolicitation(bytes, 3);
const rsWithSource: Builder = (bytes) => sourceOption(bytes, rs(bytes));
const ra: Builder = (bytes) => Write.writeRouterAdvertisement(bytes, 3, { routerLifetimeS: 1800 });
const ns: Builder = (bytes) => Write.writeNeighborSolicitation(bytes, 3, ip(US));
const nsWithSource: Builder = (bytes) => sourceOption(bytes, ns(bytes));
const nsForGroup: Builder = (bytes) => Write.writeNeighborSolicitation(bytes, 3, ip(ALL));
const na: Builder = (bytes) => Write.writeNeighborAdvertisement(bytes, 3, ip(PEER), Ndp.NA_OVERRIDE);
const naSolicited: Builder = (bytes) => Write.writeNeighborAdvertisement(bytes, 3, ip(PEER), Ndp.NA_SOLICITED);
const naForGroup: Builder = (bytes) => Write.writeNeighborAdvertisement(bytes, 3, ip(ALL), 0);
const redirect =
  (target: string, destination: string): Builder =>
  (bytes) =>
    Write.writeRedirect(bytes, 3, ip(target), ip(destination));

describe('a message is refused', () => {
  test.each<[string, Builder, string, string, Ndp.NdpFault | null]>([
    ['a router solicitation (§6.1.1)', rs, US, 'ff02::2', null],
    ['a router solicitation with its sender (§6.1.1)', rsWithSource, US, 'ff02::2', null],
    ['a router solicitation from nobody (§6.1.1)', rs, '::', 'ff02::2', null],
    [
      'a router solicitation from nobody with a link-layer address (§6.1.1)',
      rsWithSource,
      '::',
      'ff02::2',
      'bad-ndp-option',
    ],
    ['a router advertisement (§6.1.2)', ra, PEER, ALL, null],
    ['a router advertisement from a global address (§6.1.2)', ra, GLOBAL, ALL, 'bad-ndp-source'],
    ['a neighbor solicitation (§7.1.1)', nsWithSource, PEER, SOLICITED, null],
    ['a neighbor solicitation for a group (§7.1.1)', nsForGroup, PEER, SOLICITED, 'bad-ndp-target'],
    ['a neighbor solicitation from a group (§7.1.1)', ns, ALL, SOLICITED, 'bad-ndp-source'],
    ['a neighbor solicitation from nobody (§7.1.1)', ns, '::', SOLICITED, null],
    ['a neighbor solicitation from nobody to one host (§7.1.1)', ns, '::', US, 'bad-ndp-destination'],
    [
      'a neighbor solicitation from nobody with a link-layer address (§7.1.1)',
      nsWithSource,
      '::',
      SOLICITED,
      'bad-ndp-option',
    ],
    ['a neighbor advertisement (§7.1.2)', na, PEER, ALL, null],
    ['a solicited advertisement (§7.1.2)', naSolicited, PEER, US, null],
    ['a solicited advertisement to all (§7.1.2)', naSolicited, PEER, ALL, 'bad-ndp-destination'],
    ['a neighbor advertisement of a group (§7.1.2)', naForGroup, PEER, US, 'bad-ndp-target'],
    ['a redirect to a router (§8.1)', redirect('fe80::3', GLOBAL), PEER, US, null],
    ['a redirect to the destination itself (§8.1)', redirect(GLOBAL, GLOBAL), PEER, US, null],
    ['a redirect to another host (§8.1)', redirect('2001:db8::3', GLOBAL), PEER, US, 'bad-ndp-target'],
    ['a redirect of a group (§8.1)', redirect('fe80::3', ALL), PEER, US, 'bad-ndp-target'],
    ['a redirect from a global address (§8.1)', redirect('fe80::3', GLOBAL), GLOBAL, US, 'bad-ndp-source'],
  ])('or not: %s', (_, build, source, destination, fault) => {
    expect(check(build, source, destination)).toBe(fault);
  });

  test.each([rs, ra, ns, na, redirect('fe80::3', GLOBAL)])(
    'when a router may have forwarded it: its hop limit is not 255 (§6.1, §7.1, §8.1)',
    (build) => {
      expect(check(build, PEER, SOLICITED, 254)).toBe('bad-ndp-hops');
      expect(check(build, PEER, SOLICITED, 255)).toBeNull();
    },
  );

  test.each([rs, ra, ns, na, redirect('fe80::3', GLOBAL)])('when its code is not 0 (§6.1, §7.1, §8.1)', (build) => {
    const coded: Builder = (bytes) => {
      const end = build(bytes);
      bytes[4] = 1;
      return end;
    };
    expect(check(coded, PEER, SOLICITED)).toBe('bad-ndp-code');
  });

  test.each([
    [rs, 8],
    [ra, 16],
    [ns, 24],
    [na, 24],
    [redirect('fe80::3', GLOBAL), 40],
  ])('when it is shorter than its header (§6.1, §7.1, §8.1)', (build, headerBytes) => {
    expect(check((bytes) => build(bytes) - 1, PEER, SOLICITED)).toBe('short-ndp');
    expect(check((bytes) => build(bytes) - 0, PEER, SOLICITED)).toBeNull();
    expect(build(new Uint8Array(300))).toBe(3 + headerBytes);
  });

  test('when an option has the length 0, or ends behind the message (§6.1.1)', () => {
    const option =
      (lengthField: number, lengthBytes: number): Builder =>
      (bytes) => {
        const at = ns(bytes);
        bytes[at] = 200;
        bytes[at + 1] = lengthField;
        return at + lengthBytes;
      };
    expect(check(option(1, 8), PEER, SOLICITED)).toBeNull();
    expect(check(option(0, 8), PEER, SOLICITED)).toBe('bad-ndp-option');
    expect(check(option(2, 8), PEER, SOLICITED)).toBe('bad-ndp-option');
    expect(check(option(1, 1), PEER, SOLICITED)).toBe('bad-ndp-option');
  });

  test('when its type is another one', () => {
    const other: Builder = (bytes) => {
      bytes[3] = 138;
      return 11;
    };
    expect(check(other, PEER, US)).toBe('not-ndp');
    expect(check(() => 10, PEER, US)).toBe('short-ndp');
  });
});

test('a router advertisement is read as it was written (§4.2, §4.6)', () => {
  const bytes = new Uint8Array(200);
  let end = Write.writeRouterAdvertisement(bytes, 3, {
    hops: 64,
    flags: 0xc8,
    routerLifetimeS: 9000,
    reachableTimeMs: 3_600_000,
    retransTimerMs: 4_000_000_000,
  });
  expect(Ndp.currentHops(bytes, 3)).toBe(64);
  expect(Ndp.routerFlags(bytes, 3)).toBe(0xc8);
  expect(Ndp.routerLifetimeS(bytes, 3)).toBe(9000);
  expect(Ndp.reachableTimeMs(bytes, 3)).toBe(3_600_000);
  expect(Ndp.retransTimerMs(bytes, 3)).toBe(4_000_000_000);
  const optionsAt = end;
  const prefix = { prefix: ip('2001:db8::'), prefixBits: 64, flags: 0xc0, validS: 0xffff_ffff, preferredS: 14_400 };
  end = Options.writeMtuOption(bytes, end, 1400);
  end = sourceOption(bytes, end);
  end = Options.writePrefix(bytes, end, prefix);
  expect(Ndp.checkNdp(bytes, 3, end, 255, ip(PEER), ip(ALL))).toBeNull();
  const mtuAt = Options.findNdpOption(bytes, optionsAt, end, Options.MTU_OPTION);
  expect(Options.mtuOptionBytes(bytes, mtuAt)).toBe(1400);
  const macAt = Options.findNdpOption(bytes, optionsAt, end, Options.SOURCE_LINK_LAYER_ADDRESS);
  expect(Options.linkLayerAddress(bytes, macAt)).toBe(MAC);
  const prefixAt = Options.findNdpOption(bytes, optionsAt, end, Options.PREFIX_INFORMATION);
  expect([Options.prefixBits(bytes, prefixAt), Options.prefixFlags(bytes, prefixAt)]).toEqual([64, 0xc0]);
  expect(Options.validLifetimeS(bytes, prefixAt)).toBe(Options.INFINITE_LIFETIME_S);
  expect(Options.preferredLifetimeS(bytes, prefixAt)).toBe(14_400);
  const into = new IpAddress();
  Options.readPrefix(bytes, prefixAt, into);
  expect(formatAddress(into)).toBe('2001:db8::');
  expect(Options.findNdpOption(bytes, optionsAt, end, Options.NONCE)).toBe(-1);
});

test('an option that we know, of a length that it cannot have, is not found', () => {
  const bytes = new Uint8Array(64);
  bytes.set([Options.MTU_OPTION, 2], 0);
  bytes.set([Options.PREFIX_INFORMATION, 1], 16);
  bytes.set([Options.SOURCE_LINK_LAYER_ADDRESS, 1], 24);
  expect(Options.optionsAreWhole(bytes, 0, 32)).toBe(true);
  expect(Options.findNdpOption(bytes, 0, 32, Options.MTU_OPTION)).toBe(-1);
  expect(Options.findNdpOption(bytes, 0, 32, Options.PREFIX_INFORMATION)).toBe(-1);
  expect(Options.findNdpOption(bytes, 0, 32, Options.SOURCE_LINK_LAYER_ADDRESS)).toBe(24);
});

test('the solicited-node group ends in the last 24 bits of the address (RFC 4291 §2.7.1)', () => {
  const into = new IpAddress();
  Ndp.solicitedNodeOf(ip('4037::1:800:200e:8c6c'), into);
  expect(formatAddress(into)).toBe('ff02::1:ff0e:8c6c');
  expect(Ndp.isSolicitedNode(into)).toBe(true);
  expect(Ndp.isSolicitedNode(ip('ff02::1'))).toBe(false);
  expect(Ndp.isSolicitedNode(ip('ff05::1:ff0e:8c6c'))).toBe(false);
});
