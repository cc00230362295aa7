/** Routers on a hub: what they advertise becomes addresses, prefixes, routes and values; redirects. */

import { NA_OVERRIDE } from '@tcpstack/wire/ndp';
import {
  SOURCE_LINK_LAYER_ADDRESS,
  TARGET_LINK_LAYER_ADDRESS,
  writeLinkLayerAddress,
  writeMtuOption,
  writePrefix,
} from '@tcpstack/wire/ndp-options';
import {
  type RouterAdvertisementFields,
  writeNeighborAdvertisement,
  writeRedirect,
  writeRouterAdvertisement,
} from '@tcpstack/wire/ndp-write';
import { describe, expect, test } from 'vitest';
import { icmpv6, tell } from '../test/frames.ts';
import { Hub, ip, type Station } from '../test/hub.ts';

const A = 0x0200_0000_000a;
const R1 = 0x0200_0000_0101;
const R2 = 0x0200_0000_0102;
const HOUR_MS = 3_600_000;

interface Prefix {
  readonly prefix?: string;
  readonly bits?: number;
  readonly flags?: number;
  readonly validS?: number;
  readonly preferredS?: number;
}

interface Advertisement extends Partial<RouterAdvertisementFields> {
  readonly router?: 1 | 2;
  readonly prefixes?: readonly Prefix[];
  readonly mtuBytes?: number;
}

/** An advertisement of router 1 or 2, fe80::1 or fe80::2. */
function ra({ router = 1, prefixes = [], mtuBytes, ...fields }: Advertisement): Uint8Array {
  const mac = router === 1 ? R1 : R2;
  return icmpv6({ fromMac: mac, source: `fe80::${router}`, destination: 'ff02::1' }, (bytes, at) => {
    let end = writeRouterAdvertisement(bytes, at, { routerLifetimeS: 1800, ...fields });
    end = writeLinkLayerAddress(bytes, end, SOURCE_LINK_LAYER_ADDRESS, mac);
    if (mtuBytes !== undefined) end = writeMtuOption(bytes, end, mtuBytes);
    for (const { prefix = '2001:db8::', bits = 64, flags = 0xc0, validS = 86_400, preferredS = 14_400 } of prefixes) {
      end = writePrefix(bytes, end, { prefix: ip(prefix), prefixBits: bits, flags, validS, preferredS });
    }
    return end;
  });
}

/** A station that has its link-local address, and has asked for routers. */
function host(): { hub: Hub; a: Station } {
  const hub = new Hub(1000);
  const a = hub.station(A, { linkLocal: true });
  hub.run(3500);
  a.told.length = 0;
  return { hub, a };
}

const MADE = '2001:db8::ff:fe00:a';

describe('an advertised prefix (RFC 4862 §5.5.3)', () => {
  test('becomes an address, which is checked, and a prefix on the link', () => {
    const { hub, a } = host();
    hub.inject(ra({ prefixes: [{}] }));
    hub.run(3000);
    expect(a.told).toEqual(['router fe80::1', '2001:db8::/64 on', `${MADE} tentative`, `${MADE} preferred`]);
  });

  test.each<[string, Prefix, string[]]>([
    ['is not for addresses (a)', { flags: 0x80 }, ['2001:db8::/64 on']],
    ['is not of this link', { flags: 0x40 }, [`${MADE} tentative`]],
    ['is the link-local one (b)', { prefix: 'fe80::' }, []],
    ['is preferred for longer than it is valid (c)', { validS: 100, preferredS: 101 }, ['2001:db8::/64 on']],
    ['has no 64 bits (d)', { bits: 48 }, ['2001:db8::/48 on']],
    ['is over already (d)', { validS: 0, preferredS: 0 }, []],
    ['has more than 128 bits', { bits: 129 }, []],
  ])('that %s does what it says, and no more', (_, prefix, told) => {
    const { hub, a } = host();
    hub.inject(ra({ routerLifetimeS: 0, prefixes: [prefix] }));
    expect(a.told).toEqual(told);
  });

  test('makes a deprecated address when its preferred lifetime ends, and none when the valid one does (§5.5.4)', () => {
    const { hub, a } = host();
    hub.inject(ra({ routerLifetimeS: 0, prefixes: [{ preferredS: 600, validS: 1200 }] }));
    hub.run(599_000);
    expect(a.told.at(-1)).toBe(`${MADE} preferred`);
    hub.run(1000);
    expect(a.told.at(-1)).toBe(`${MADE} deprecated`);
    expect(a.port.addresses.answersFor(ip(MADE))).toBe(true);
    hub.run(600_000);
    expect(a.told.slice(-2)).toEqual(['2001:db8::/64 off', `${MADE} removed`]);
  });

  test('that never ends does not', () => {
    const { hub, a } = host();
    const forever = { validS: 0xffff_ffff, preferredS: 0xffff_ffff };
    hub.inject(ra({ routerLifetimeS: 0, prefixes: [forever] }));
    hub.run(3000);
    a.told.length = 0;
    hub.run(1000 * HOUR_MS);
    expect(a.told).toEqual([]);
  });

  test('that is advertised again is preferred again', () => {
    const { hub, a } = host();
    hub.inject(ra({ prefixes: [{ preferredS: 600 }] }));
    hub.run(700_000);
    expect(a.told.at(-1)).toBe(`${MADE} deprecated`);
    hub.inject(ra({ prefixes: [{ preferredS: 600 }] }));
    expect(a.told.at(-1)).toBe(`${MADE} preferred`);
    hub.inject(ra({ prefixes: [{ preferredS: 0 }] }));
    expect(a.told.at(-1)).toBe(`${MADE} deprecated`);
  });

  test.each<[string, number, number, number]>([
    ['longer than what is left: taken', 3600, 5400, 5400],
    ['longer than two hours: taken', 86_400, 7201, 7201],
    ['less than two hours, with less left: ignored', 3600, 10, 3600],
    ['less than two hours, with more left: two hours', 86_400, 10, 7200],
  ])(
    'nobody ends an address early by a forged lifetime, the rule of two hours (§5.5.3 (e)): %s',
    (_, firstS, thenS, leftS) => {
      const { hub, a } = host();
      hub.inject(ra({ prefixes: [{ validS: firstS, preferredS: 5 }] }));
      hub.inject(ra({ prefixes: [{ validS: thenS, preferredS: 5 }] }));
      const own = a.port.addresses.find(ip(MADE));
      expect((own?.validUntilMs ?? 0) - hub.nowMs).toBe(leftS * 1000);
    },
  );

  test('makes no more than 16 addresses, as in Linux, and 32 prefixes', () => {
    const { hub, a } = host();
    for (let i = 0; i < 50; i++) hub.inject(ra({ prefixes: [{ prefix: `2001:db8:${i.toString(16)}::` }] }));
    expect(a.port.addresses.list.filter(({ origin }) => origin === 'autoconf')).toHaveLength(16);
    expect(a.prefixes).toHaveLength(32);
  });

  test('whose address somebody has makes none', () => {
    const { hub, a } = host();
    hub.inject(ra({ prefixes: [{}] }));
    hub.inject(
      icmpv6({ fromMac: R2, source: MADE, destination: 'ff02::1' }, (bytes, at) =>
        writeNeighborAdvertisement(bytes, at, ip(MADE), NA_OVERRIDE),
      ),
    );
    hub.run(3000);
    expect(a.told.at(-1)).toBe(`${MADE} duplicate`);
    hub.inject(ra({ prefixes: [{}] }));
    expect(a.told.at(-1)).toBe(`${MADE} duplicate`);
  });
});

describe('routers (RFC 4861 §6.3)', () => {
  test('are asked for after a random delay, then more and more rarely, until one answers (§6.3.7, RFC 7559 §2)', () => {
    const hub = new Hub(1000);
    hub.station(A);
    hub.run(100_000);
    const times = hub
      .take()
      .filter(({ bytes }) => tell(bytes).startsWith('RS'))
      .map(({ atMs }) => atMs);
    expect(times).toHaveLength(5);
    const pauses = times.slice(1).map((time, i) => time - (times[i] as number));
    for (const [i, pause] of pauses.entries()) {
      const before = pauses[i - 1] ?? 2105;
      expect(pause / before).toBeGreaterThan(1.7);
      expect(pause / before).toBeLessThan(2.2);
    }
    hub.inject(ra({}));
    hub.take();
    hub.run(10 * HOUR_MS);
    expect(hub.take().filter(({ bytes }) => tell(bytes).startsWith('RS'))).toEqual([]);
  });

  test('are never asked for more rarely than once in about an hour', () => {
    const hub = new Hub(1000);
    hub.station(A);
    hub.run(30 * HOUR_MS);
    const times = hub.take().map(({ atMs }) => atMs);
    expect((times.at(-1) as number) - (times.at(-2) as number)).toBeLessThan(1.11 * HOUR_MS);
  });

  test('are used until their lifetime ends (§6.3.5)', () => {
    const { hub, a } = host();
    hub.inject(ra({ routerLifetimeS: 30 }));
    hub.run(29_999);
    expect(a.told).toEqual(['router fe80::1']);
    hub.run(1);
    expect(a.told).toEqual(['router fe80::1', 'router none']);
  });

  test('that resign by a lifetime of zero, or by an advertisement of a host, are used no more (§6.3.4, §7.2.5)', () => {
    const { hub, a } = host();
    hub.inject(ra({ router: 1 }));
    hub.inject(ra({ router: 2 }));
    hub.inject(ra({ router: 1, routerLifetimeS: 0 }));
    expect(a.told).toEqual(['router fe80::1', 'router fe80::2']);
    hub.inject(
      icmpv6({ fromMac: R2, source: 'fe80::2', destination: 'ff02::1' }, (bytes, at) =>
        writeLinkLayerAddress(
          bytes,
          writeNeighborAdvertisement(bytes, at, ip('fe80::2'), NA_OVERRIDE),
          TARGET_LINK_LAYER_ADDRESS,
          R2,
        ),
      ),
    );
    expect(a.told.at(-1)).toBe('router none');
  });

  test('with a high preference come first (RFC 4191 §3.2); else the first one stays', () => {
    const { hub, a } = host();
    hub.inject(ra({ router: 2 }));
    hub.inject(ra({ router: 1 }));
    expect(a.told).toEqual(['router fe80::2']);
    hub.inject(ra({ router: 1, flags: 0x08 }));
    expect(a.told.at(-1)).toBe('router fe80::1');
    hub.inject(ra({ router: 1, flags: 0x18 }));
    expect(a.told.at(-1)).toBe('router fe80::2');
  });

  test('that do not answer give way to another (§6.3.6, §7.3.3)', () => {
    const { hub, a } = host();
    hub.inject(ra({ router: 1, prefixes: [{}] }));
    hub.inject(ra({ router: 2 }));
    hub.run(3000);
    a.send(a.packet('2001:db8:ffff::1'));
    hub.run(20_000);
    expect(a.told.at(-1)).toBe('router fe80::2');
  });

  test('give values to the whole link; zeros say nothing, and nonsense is not believed (§6.3.4)', () => {
    const { hub, a } = host();
    const { settings } = a.port.ipv6Neighbours;
    hub.inject(ra({ hops: 33, reachableTimeMs: 10_000, retransTimerMs: 2000, mtuBytes: 1400 }));
    expect(a.told).toEqual(['router fe80::1', 'hops 33', 'mtu 1400']);
    expect(settings).toMatchObject({ baseReachableMs: 10_000, retransMs: 2000 });
    hub.inject(ra({ hops: 0, reachableTimeMs: 0, retransTimerMs: 0 }));
    hub.inject(ra({ mtuBytes: 1279, reachableTimeMs: 3_600_001, retransTimerMs: 1 }));
    hub.inject(ra({ mtuBytes: 1501 }));
    expect(a.told).toHaveLength(3);
    expect(settings).toMatchObject({ baseReachableMs: 10_000, retransMs: 10 });
  });

  test('are not listened to when that was asked for', () => {
    const hub = new Hub(1000);
    const a = hub.station(A, { acceptsRouters: false });
    hub.run(10_000);
    expect(hub.take().some(({ bytes }) => tell(bytes).startsWith('RS'))).toBe(false);
    hub.inject(ra({ prefixes: [{}] }));
    expect(a.told.slice(2)).toEqual([]);
  });
});

describe('redirects (RFC 4861 §8)', () => {
  const redirect = (router: 1 | 2, target: string, destination: string) =>
    icmpv6({ fromMac: router === 1 ? R1 : R2, source: `fe80::${router}`, destination: 'ff02::1' }, (bytes, at) =>
      writeLinkLayerAddress(
        bytes,
        writeRedirect(bytes, at, ip(target), ip(destination)),
        TARGET_LINK_LAYER_ADDRESS,
        R2,
      ),
    );
  const routed = () => {
    const { hub, a } = host();
    hub.inject(ra({ router: 1, prefixes: [{}] }));
    hub.run(3000).take();
    return { hub, a };
  };
  const far = '2001:db8:ffff::1';
  const sent = (hub: Hub, a: Station) => {
    hub.take();
    a.send(a.packet(far, MADE));
    return hub.take().map(({ bytes }) => tell(bytes));
  };

  test('of the router in use are followed, to the address that they give (§8.3)', () => {
    const { hub, a } = routed();
    expect(sent(hub, a)).toEqual([`IPv6 ${MADE} > ${far} @02:00:00:00:01:01`]);
    hub.inject(redirect(1, 'fe80::2', far));
    expect(sent(hub, a)).toEqual([`IPv6 ${MADE} > ${far} @02:00:00:00:01:02`]);
    expect(a.port.counters.redirectsTaken).toBe(1);
  });

  test('to the destination itself make it a neighbour', () => {
    const { hub, a } = routed();
    hub.inject(redirect(1, far, far));
    expect(sent(hub, a)).toEqual([`IPv6 ${MADE} > ${far} @02:00:00:00:01:02`]);
  });

  test('of anybody else are ignored (§8.1)', () => {
    const { hub, a } = routed();
    hub.inject(redirect(2, 'fe80::2', far));
    expect(sent(hub, a)).toEqual([`IPv6 ${MADE} > ${far} @02:00:00:00:01:01`]);
    expect(a.port.counters.redirectsIgnored).toBe(1);
  });

  test('are forgotten when the new way leads nowhere (§7.3.3)', () => {
    const { hub, a } = routed();
    hub.inject(redirect(1, 'fe80::2', far));
    sent(hub, a);
    hub.run(20_000);
    expect(sent(hub, a).at(-1)).toContain('02:00:00:00:01:01');
  });

  test('are remembered for 64 destinations', () => {
    const { hub, a } = routed();
    for (let i = 0; i < 65; i++) hub.inject(redirect(1, 'fe80::2', `2001:db8:ffff::${(i + 1).toString(16)}`));
    expect(sent(hub, a)).toEqual([`IPv6 ${MADE} > ${far} @02:00:00:00:01:01`]);
  });
});
