/** Packets for other hosts: passed on where the Host is told to, and otherwise as RFC 1812, 4443 and 8200 say. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { insertOptions } from '@tcpstack/wire/ip-options';
import { IPV4_DF, IPV4_MF, PROTOCOL_UDP, writeIpv4 } from '@tcpstack/wire/ipv4';
import { writeIpv6 } from '@tcpstack/wire/ipv6';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { ACK, CWR, FIN, PSH } from '@tcpstack/wire/tcp';
import { finishChecksum, writeUdp } from '@tcpstack/wire/udp';
import { describe, expect, test } from 'vitest';
import { Host } from '../src/host.ts';
import { drain, listening, said } from './calls.ts';
import { EthernetWorld } from './ethernet-world.ts';
import { pattern, segment } from './packets.ts';
import { addressOn, type Crossed, FORWARDS, type RoutedOptions, RoutedWorld } from './routed-world.ts';
import { entropy, FAMILIES, type Family } from './world.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;

/** What a datagram may be besides plain. */
interface DatagramShape {
  readonly hops?: number;
  readonly dataBytes?: number;
  /** Flags and offset of IPv4. */
  readonly word?: number;
  readonly from?: string;
  readonly to?: string;
}

/** A UDP datagram, by default from the near host to the far one. */
function datagram(family: Family, shape: DatagramShape = {}): Uint8Array {
  const { hops = 64, dataBytes = 8, word = 0 } = shape;
  const [from, to] = [ip(shape.from ?? addressOn(family, 'near', 2)), ip(shape.to ?? addressOn(family, 'far', 2))];
  const header = family === 4 ? 20 : 40;
  const bytes = new Uint8Array(header + 8 + dataBytes);
  bytes.set(pattern(dataBytes), header + 8);
  if (family === 4) writeIpv4(bytes, 0, bytes.length, PROTOCOL_UDP, from.w3, to.w3, 7, word, hops, 0);
  else writeIpv6(bytes, 0, bytes.length, PROTOCOL_UDP, from, to, hops, 0, 0);
  writeUdp(bytes, header, 1000, 53, 8 + dataBytes);
  finishChecksum(bytes, header, bytes.length, pseudoHeaderSumOf(from, to, PROTOCOL_UDP));
  return bytes;
}

function fromRouter(log: readonly Crossed[], side: 'near' | 'far'): Crossed[] {
  return log.filter((packet) => packet.way === 'from-router' && packet.side === side);
}

const hopsOf = ({ ipv4, ipv6 }: DecodedPacket): number | undefined => ipv4?.ttl ?? ipv6?.hopLimit;

/** Opens a connection through the router and sends bytes both ways. */
function talk(options: RoutedOptions, bytes: number): RoutedWorld {
  const { family = 4 } = options;
  const world = new RoutedWorld(options);
  const listener = listening(world.far);
  const c = world.near.sys.socket(family === 4 ? 2 : 10);
  expect(said(world.near.sys.connect(c, addressOn(family, 'far', 2), 80))).toBe('EINPROGRESS');
  world.run(0);
  const s = world.far.sys.accept(listener);
  expect(said(s)).toBe(4);
  const [forth, back] = [pattern(bytes), pattern(bytes, 1)];
  expect(world.near.sys.write(c, forth)).toBe(bytes);
  expect(world.far.sys.write(s, back)).toBe(bytes);
  world.run(10_000);
  expect(Buffer.compare(drain(world.far, s).bytes, forth)).toBe(0);
  expect(Buffer.compare(drain(world.near, c).bytes, back)).toBe(0);
  return world;
}

const LARGE = { superSegmentBytes: 65_535, checksum: 'offload' as const };

/** What goes no further whatever the routes: why, what it is, and what counts it. */
const KEPT: Readonly<Record<Family, readonly (readonly [string, DatagramShape, Record<string, number>])[]>> = {
  4: [
    ['a link-local source (RFC 3927 §7)', { from: '169.254.0.9' }, { notForUs: 1 }],
    ['a link-local destination (RFC 3927 §7)', { to: '169.254.0.9' }, { notForUs: 1 }],
    ['a loopback source', { from: '127.0.0.1' }, { martians: 1 }],
    ['a loopback destination', { to: '127.0.0.9' }, { martians: 1 }],
    ['a multicast destination', { to: '224.0.0.9' }, { notForUs: 1 }],
    ['the limited broadcast (RFC 1812 §5.3.5.1)', { to: '255.255.255.255' }, { notForUs: 0, delivered: 1 }],
    ['a broadcast of the next link (RFC 2644)', { to: '10.0.1.255' }, { notForUs: 0, delivered: 1 }],
    ['a destination on network 0 (RFC 1812 §5.3.7)', { to: '0.0.0.7' }, { notForUs: 1 }],
    ['a source that is nobody (RFC 1812 §5.3.7)', { from: '0.0.0.0' }, { badSources: 1 }],
    ['a broadcast source', { from: '10.0.0.255' }, { badSources: 1 }],
    ['a source of our own', { from: '10.0.1.1' }, { badSources: 1 }],
  ],
  6: [
    ['a link-local destination (RFC 4291 §2.5.6)', { to: 'fe80::9' }, { notForUs: 1 }],
    ['a loopback source', { from: '::1' }, { martians: 1 }],
    ['a multicast destination', { to: 'ff0e::9' }, { notForUs: 1 }],
    ['a mapped destination', { to: '::ffff:10.0.1.2' }, { badSources: 1 }],
    ['a source that is nobody', { from: '::' }, { badSources: 1 }],
    ['a multicast source (RFC 4291 §2.7)', { from: 'ff02::1' }, { badSources: 1 }],
    ['a source of our own', { from: 'fd00:2::1' }, { badSources: 1 }],
  ],
};

describe.each(FAMILIES)('a packet for another host, %s', (_name, family) => {
  const counter = family === 4 ? 'forwardedIpv4' : 'forwardedIpv6';
  const setting = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';

  test('is dropped by default, and nobody is told (RFC 1122 §3.2.1.3, §3.3.1.1)', () => {
    const world = new RoutedWorld({ family, settings: {} });
    expect(world.router.sysctl.get(setting)).toBe('0');
    expect(world.inject('near', datagram(family))).toEqual([]);
    expect(world.router.counters()).toMatchObject({ notForUs: 1, [counter]: 0 });
  });

  test('goes out of the other interface with one hop less and otherwise the same (RFC 1812 §5.3.1, RFC 8200 §3)', () => {
    const world = new RoutedWorld({ family, settings: {} });
    expect(world.router.sysctl.set(setting, 1)).toBe(0);
    const before = datagram(family, { hops: 2 });
    world.passes = () => false;
    const [after, ...more] = fromRouter(world.inject('near', before), 'far');
    const [was, is] = [decodePacket(before), after as Crossed];
    expect(hopsOf(is)).toBe(1);
    expect({ ...is.ipv4, ttl: 2, headerChecksum: was.ipv4?.headerChecksum }).toMatchObject(was.ipv4 ?? {});
    expect({ ...is.ipv6, hopLimit: 2 }).toMatchObject(was.ipv6 ?? {});
    expect(is.udp).toEqual(was.udp);
    expect(is.bytes.subarray(family === 4 ? 20 : 40)).toEqual(before.subarray(family === 4 ? 20 : 40));
    expect(more).toEqual([]);
    expect(world.router.counters()).toMatchObject({ notForUs: 0, [counter]: 1 });
    expect(world.router.snmp()['Ip.ForwDatagrams']).toBe(1);
  });

  test('without a hop left goes no further, and its sender is told: time exceeded (RFC 1812 §5.3.1, RFC 4443 §3.3)', () => {
    const world = new RoutedWorld({ family });
    for (const hops of [1, 0]) {
      const log = world.inject('near', datagram(family, { hops }));
      expect(fromRouter(log, 'far')).toEqual([]);
      const [told] = fromRouter(log, 'near');
      expect(told?.icmp ?? told?.icmpv6).toMatchObject({ type: family === 4 ? 11 : 3, code: 0 });
      expect(told?.ipv4?.source ?? told?.ipv6?.source).toBe(addressOn(family, 'near', 1));
    }
    expect(world.router.counters()).toMatchObject({ hopsExceeded: 2 });
    expect(world.router.snmp()['Ip.InHdrErrors']).toBe(2);
  });

  test('to where no route leads: its sender is told (RFC 1812 §5.2.7.1, RFC 4443 §3.1)', () => {
    const world = new RoutedWorld({ family });
    const log = world.inject('near', datagram(family, { to: family === 4 ? '192.0.2.1' : '2001:db8::1' }));
    const [told] = fromRouter(log, 'near');
    expect(told?.icmp ?? told?.icmpv6).toMatchObject({ type: family === 4 ? 3 : 1, code: 0 });
    expect(world.router.snmp()['IpExt.InNoRoutes']).toBe(1);
  });

  test('too large for the next link and not to be cut: its sender is told of the MTU there (RFC 1191 §4, RFC 4443 §3.2)', () => {
    const world = new RoutedWorld({ family, far: { mtuBytes: 1300 } });
    const log = world.inject('near', datagram(family, { dataBytes: 1300, word: IPV4_DF }));
    expect(fromRouter(log, 'far')).toEqual([]);
    const [told] = fromRouter(log, 'near');
    expect(told?.icmp ?? told?.icmpv6).toMatchObject(family === 4 ? { type: 3, code: 4 } : { type: 2, code: 0 });
    const at = family === 4 ? 20 : 40;
    expect(told?.bytes.subarray(at + 4, at + 8)).toEqual(Uint8Array.of(0, 0, 1300 >> 8, 1300 & 0xff));
    expect(world.router.counters()).toMatchObject({ forwardTooBig: 1 });
  });

  test('for which there is no room any more is counted', () => {
    const world = new RoutedWorld({ family });
    const one = datagram(family);
    // Nothing leaves between the packets of one batch.
    for (let i = 0; i < 1100; i++) world.giveRouter('near', one);
    expect(world.router.counters()).toMatchObject({ [counter]: 1024, forwardDrops: 76 });
    world.settle();
    expect(fromRouter(world.log, 'far').length).toBe(1024);
    expect(world.router.wantsTransmit()).toBe(false);
  });

  test('is of no concern to who forwards only the other family', () => {
    const settings = family === 4 ? { forwardIpv6: true } : { forwardIpv4: true };
    const world = new RoutedWorld({ family, settings });
    expect(world.inject('near', datagram(family))).toEqual([]);
    expect(world.router.counters()).toMatchObject({ notForUs: 1 });
  });

  test.each(KEPT[family])('with %s goes no further, and nobody is told', (_what, shape, counted) => {
    const world = new RoutedWorld({ family });
    expect(world.inject('near', datagram(family, shape))).toEqual([]);
    expect(world.router.counters()).toMatchObject({ ...counted, [counter]: 0, icmpErrorsSent: 0 });
  });

  test.each([
    ['in one piece a segment', {}, {}],
    ['in super-segments, which go on as they are', LARGE, LARGE],
    ['in super-segments, which the router has to split', LARGE, {}],
    ['over a narrow link, which the sender finds (RFC 1191, RFC 8201)', {}, { mtuBytes: 1280 }],
    ['in super-segments to a narrow link', LARGE, { mtuBytes: 1280 }],
    ['in super-segments to a narrow link that splits', LARGE, { ...LARGE, mtuBytes: 1280 }],
    ['from a link that sums to one that does not', { checksum: 'offload' as const }, {}],
  ])('carries a connection both ways, %s', (_what, near, far) => {
    const world = talk({ family, near, far }, 200_000);
    expect(world.router.counters()).toMatchObject({ forwardDrops: 0, badSources: 0, notForUs: 0 });
    expect(world.router.counters()[counter]).toBeGreaterThan(10);
    expect(world.far.counters()).toMatchObject({ badChecksums: 0, badSegments: 0 });
    expect(world.near.counters()).toMatchObject({ badChecksums: 0, badSegments: 0 });
    const farMtu = 'mtuBytes' in far ? far.mtuBytes : 1500;
    for (const { segmentBytes, bytes } of fromRouter(world.log, 'far')) {
      expect(segmentBytes > 0 || bytes.length <= farMtu).toBe(true);
    }
  });
});

test('a super-segment that the router splits ends with its last segment, and reduced the window with its first (RFC 3168 §6.1.2)', () => {
  const world = new RoutedWorld();
  world.passes = () => false;
  const ends = { from: '10.0.0.2', to: '10.0.1.2', seq: 0xffff_fe00 };
  const whole = segment({ ...ends, flags: ACK | FIN | PSH | CWR, payload: pattern(2500) });
  const parts = fromRouter(world.inject('near', whole, 0, 1000), 'far');
  expect(
    parts.map(({ tcp, ipv4 }) => [tcp?.seq, tcp?.payloadLengthBytes, tcp?.flags.join(), ipv4?.identification]),
  ).toEqual([
    [0xffff_fe00, 1000, 'CWR,ACK', 7],
    [488, 1000, 'ACK', 8],
    [1488, 500, 'ACK,PSH,FIN', 9],
  ]);
});

describe('an IPv4 packet that is too large and may be cut', () => {
  test('goes on in fragments (RFC 1812 §4.2.2.7, RFC 791 §3.2)', () => {
    const world = new RoutedWorld({ far: { mtuBytes: 576 } });
    const udp = world.far.sys.socket(2, 2);
    expect(said(world.far.sys.bind(udp, '10.0.1.2', 53))).toBe(0);
    const pieces = fromRouter(world.inject('near', datagram(4, { dataBytes: 1400 })), 'far');
    expect(
      pieces.map(({ ipv4 }) => [ipv4?.fragmentOffsetBytes, ipv4?.moreFragments, ipv4?.ttl, ipv4?.identification]),
    ).toEqual([
      [0, true, 63, 7],
      [552, true, 63, 7],
      [1104, false, 63, 7],
    ]);
    const into = new Uint8Array(2000);
    expect(world.far.sys.read(udp, into)).toBe(1400);
    expect(into.subarray(0, 1400)).toEqual(pattern(1400));
    expect(world.router.counters()).toMatchObject({ forwardedIpv4: 1 });
  });

  test('that is a fragment keeps its place in the whole, and its "more fragments" (RFC 791 §3.2)', () => {
    const world = new RoutedWorld({ far: { mtuBytes: 576 } });
    const middle = datagram(4, { dataBytes: 992, word: IPV4_MF | 100 });
    const pieces = fromRouter(world.inject('near', middle), 'far');
    expect(pieces.map(({ ipv4 }) => [ipv4?.fragmentOffsetBytes, ipv4?.moreFragments])).toEqual([
      [800, true],
      [1352, true],
    ]);
    const last = datagram(4, { dataBytes: 992, word: 300 });
    const ends = fromRouter(world.inject('near', last), 'far');
    expect(ends.map(({ ipv4 }) => [ipv4?.fragmentOffsetBytes, ipv4?.moreFragments])).toEqual([
      [2400, true],
      [2952, false],
    ]);
  });
});

describe('IPv4 options of a packet for another host', () => {
  const withOption = (option: readonly number[]): Uint8Array => {
    const bytes = datagram(4);
    const longer = new Uint8Array(bytes.length + option.length);
    longer.set(bytes.subarray(0, 20));
    longer.set(bytes.subarray(20), 20 + option.length);
    const [from, to] = [ip('10.0.0.2'), ip('10.0.1.2')];
    writeIpv4(longer, 0, longer.length, PROTOCOL_UDP, from.w3, to.w3, 7, 0, 64, 0);
    insertOptions(longer, 0, Uint8Array.from(option));
    return longer;
  };

  test('that are in order go on with it', () => {
    const world = new RoutedWorld();
    const [passed] = fromRouter(world.inject('near', withOption([7, 7, 4, 0, 0, 0, 0, 0])), 'far');
    expect(passed?.ipv4).toMatchObject({ optionsHex: '0707040000000000', ttl: 63, checksumValid: true });
  });

  test('that are damaged stop it: its sender is told where (RFC 1812 §4.3.3.5)', () => {
    const world = new RoutedWorld();
    const [told] = fromRouter(world.inject('near', withOption([7, 1, 0, 0])), 'near');
    expect(told?.icmp).toMatchObject({ type: 12 });
    expect(world.router.counters()).toMatchObject({ badOptions: 1, forwardedIpv4: 0 });
  });

  test('that are a source route stop it silently (RFC 7126 §4.3)', () => {
    const world = new RoutedWorld();
    expect(world.inject('near', withOption([131, 7, 4, 10, 0, 1, 9, 0]))).toEqual([]);
    expect(world.router.counters()).toMatchObject({ sourceRoutesDropped: 1 });
  });
});

test('an IPv6 packet from a link-local source is answered: beyond scope (RFC 4443 §3.1, RFC 4291 §2.5.6)', () => {
  const world = new RoutedWorld({ family: 6, near: { moreAddress: 'fe80::1/64' } });
  const log = world.inject('near', datagram(6, { from: 'fe80::9' }));
  expect(fromRouter(log, 'far')).toEqual([]);
  const [told] = fromRouter(log, 'near');
  expect(told?.icmpv6).toMatchObject({ type: 1, code: 2 });
  expect(told?.ipv6).toMatchObject({ source: 'fe80::1', destination: 'fe80::9' });
  expect(world.router.counters()).toMatchObject({ notForUs: 1, forwardedIpv6: 0 });
});

describe('on Ethernet', () => {
  /** A router whose far link is an Ethernet on which nobody answers. */
  function beforeSilence(family: Family): Host {
    const bits = family === 4 ? 24 : 64;
    const near = { name: 'near', mtuBytes: 1500, addresses: [`${addressOn(family, 'near', 1)}/${bits}`] };
    const far = {
      ...{ name: 'far', kind: 'ethernet' as const, mtuBytes: 1500, macAddress: '02:00:00:00:00:01', dadTransmits: 0 },
      addresses: [`${addressOn(family, 'far', 1)}/${bits}`],
    };
    return new Host({ interfaces: [near, far], entropy: entropy(1), settings: FORWARDS });
  }

  test.each(FAMILIES)(
    'a next hop that does not answer: its sender is told, %s (RFC 1812 §5.2.7.1, RFC 4443 §3.1)',
    (_, family) => {
      const host = beforeSilence(family);
      host.handleTimeout(0);
      const batch = new PacketBatch({ headroomBytes: 16 });
      const packet = datagram(family);
      batch.arena.set(packet, batch.reserve(packet.length));
      batch.commit(packet.length, 0, 0);
      host.handlePackets(0, batch, 1);
      const told: DecodedPacket[] = [];
      for (let nowMs = 0; nowMs <= 4000; nowMs += 100) {
        host.handleTimeout(nowMs);
        batch.clear();
        host.pollTransmit(nowMs, batch, 2);
        batch.clear();
        host.pollTransmit(nowMs, batch, 1);
        for (let i = 0; i < batch.count; i++) {
          const at = batch.offsetAt(i);
          told.push(decodePacket(batch.arena.slice(at, at + batch.lengthAt(i))));
        }
      }
      expect(told.map(({ icmp, icmpv6 }) => [(icmp ?? icmpv6)?.type, (icmp ?? icmpv6)?.code])).toEqual([
        family === 4 ? [3, 1] : [1, 3],
      ]);
      expect(told[0]?.ipv4?.destination ?? told[0]?.ipv6?.destination).toBe(addressOn(family, 'near', 2));
    },
  );

  test('neighbours learn that it is a router (RFC 4861 §7.2.4), and whether it is one still', () => {
    const world = new EthernetWorld([{ addresses: ['fd00::1/64'] }, { addresses: ['fd00::2/64'] }]).run(5000);
    const [asker, router] = [world.host(0), world.host(1)];
    const ask = (): boolean | undefined => {
      const fd = asker.sys.socket(10, 2);
      asker.sys.sendto(fd, new Uint8Array(1), 0, 1, 0, { address: 'fd00::2', port: 9 });
      world.run(20_000);
      // Rested long enough, it is asked anew.
      asker.sys.sendto(fd, new Uint8Array(1), 0, 1, 0, { address: 'fd00::2', port: 9 });
      world.run(10_000);
      return asker.network().neighbours.find(({ address }) => address === 'fd00::2')?.isRouter;
    };
    expect(ask()).toBe(false);
    router.sysctl.set('net.ipv6.conf.all.forwarding', 1);
    world.run(60_000);
    expect(ask()).toBe(true);
    router.sysctl.set('net.ipv6.conf.all.forwarding', 0);
    world.run(60_000);
    expect(ask()).toBe(false);
  });
});
