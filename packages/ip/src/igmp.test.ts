/** IGMP on a hub (RFC 3376), and MLD for groups of sockets (RFC 3810). */

import { writeEthernet } from '@tcpstack/wire/ethernet';
import { finishIgmp, IGMP_QUERY, IGMP_V2_REPORT, writeIgmpIpv4, writeMessage } from '@tcpstack/wire/igmp';
import { formatAddress, IpAddress, readIpv4Address } from '@tcpstack/wire/ip-address';
import { describe, expect, test } from 'vitest';
import { tell } from '../test/frames.ts';
import { Hub, ip, type Station } from '../test/hub.ts';

const A = 0x0200_0000_000a;
const ROUTER = 0x0200_0000_00ff;
const IP_AT = 14;
const IGMP_AT = IP_AT + 24;
const GROUP = '239.1.2.3';

function station(): { hub: Hub; a: Station } {
  const hub = new Hub(1000);
  const a = hub.quiet(A, '10.0.0.1/24');
  hub.run(5000).take();
  return { hub, a };
}

function address(bytes: Uint8Array, at: number): string {
  const into = new IpAddress();
  readIpv4Address(bytes, at, into);
  return formatAddress(into);
}

/** Each message of IGMP that crossed: its type, of version 3 the kind of its record, the group, and where it went. */
function reports(hub: Hub): string[] {
  return hub
    .take()
    .filter(({ from }) => from !== null)
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes[12] === 8 && bytes[13] === 0 && bytes[IP_AT + 9] === 2)
    .map((bytes) => {
      const type = bytes[IGMP_AT] as number;
      const isV3 = type === 0x22;
      const kind = isV3 ? ` ${bytes[IGMP_AT + 8]}` : '';
      return `${type.toString(16)}${kind} ${address(bytes, IGMP_AT + (isV3 ? 12 : 4))} > ${address(bytes, IP_AT + 16)}`;
    });
}

/** A query of the router: of version 3 where it has more bytes. */
function query(code: number, group = '0.0.0.0', isV3 = false, damage = 0): Uint8Array {
  const bytes = new Uint8Array(60);
  writeEthernet(bytes, 0, 0x0100_5e00_0001, ROUTER, 0x0800);
  const end = writeMessage(bytes, IGMP_AT, IGMP_QUERY, ip(group)) + (isV3 ? 4 : 0);
  bytes[IGMP_AT + 1] = code;
  finishIgmp(bytes, IGMP_AT, end);
  bytes[IGMP_AT + 2] = (bytes[IGMP_AT + 2] as number) ^ damage;
  writeIgmpIpv4(bytes, IP_AT, end - IP_AT, ip('10.0.0.254'), ip('224.0.0.1'));
  return bytes;
}

describe('IGMP (RFC 3376)', () => {
  test('who joins and who leaves is told twice, to 224.0.0.22 (§5.1, §4.2.14)', () => {
    const { hub, a } = station();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    expect(reports(hub.run(0))).toEqual([`22 4 ${GROUP} > 224.0.0.22`]);
    expect(reports(hub.run(1000))).toEqual([`22 4 ${GROUP} > 224.0.0.22`]);
    expect(reports(hub.run(10_000))).toEqual([]);
    a.port.groupChanged(hub.nowMs, ip(GROUP), false);
    expect(reports(hub.run(1000))).toEqual([`22 3 ${GROUP} > 224.0.0.22`, `22 3 ${GROUP} > 224.0.0.22`]);
    expect(reports(hub.run(10_000))).toEqual([]);
  });

  test('every message has a time to live of 1 and a router alert, and a right checksum (§4)', () => {
    const { hub, a } = station();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    const [frame] = hub.run(0).take();
    const bytes = frame?.bytes ?? new Uint8Array(0);
    expect(bytes[IP_AT]).toBe(0x46);
    expect(bytes[IP_AT + 8]).toBe(1);
    expect([...bytes.subarray(IP_AT + 20, IP_AT + 24)]).toEqual([0x94, 4, 0, 0]);
    expect(address(bytes, IP_AT + 12)).toBe('10.0.0.1');
    expect([...bytes.subarray(0, 6)]).toEqual([1, 0, 0x5e, 0, 0, 0x16]);
  });

  test('a query is answered within its time: for all groups, for one, and not for others (§5.2)', () => {
    const { hub, a } = station();
    for (const group of [GROUP, '239.1.2.4', '224.0.0.1']) a.port.groupChanged(hub.nowMs, ip(group), true);
    hub.run(5000).take();
    hub.inject(query(100, '0.0.0.0', true));
    expect(reports(hub.run(10_000)).sort()).toEqual([`22 2 ${GROUP} > 224.0.0.22`, '22 2 239.1.2.4 > 224.0.0.22']);
    hub.inject(query(1, GROUP, true));
    expect(reports(hub.run(100))).toEqual([`22 2 ${GROUP} > 224.0.0.22`]);
    hub.inject(query(1, '239.9.9.9', true));
    expect(reports(hub.run(10_000)), 'nor for 224.0.0.1 (§5)').toEqual([]);
  });

  test('a router of version 2 or 1 is spoken to in its version, for 260 s (§7.2.1, §8.12)', () => {
    const { hub, a } = station();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    hub.run(5000).take();
    hub.inject(query(10));
    expect(reports(hub.run(1000))).toEqual([`16 ${GROUP} > ${GROUP}`]);
    a.port.groupChanged(hub.nowMs, ip(GROUP), false);
    expect(reports(hub.run(1000))).toEqual([`17 ${GROUP} > 224.0.0.2`, `17 ${GROUP} > 224.0.0.2`]);
    hub.inject(query(0));
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    expect(reports(hub.run(1000))).toEqual([`12 ${GROUP} > ${GROUP}`, `12 ${GROUP} > ${GROUP}`]);
    hub.run(260_000).take();
    a.port.groupChanged(hub.nowMs, ip(GROUP), false);
    expect(reports(hub.run(0))).toEqual([`22 3 ${GROUP} > 224.0.0.22`]);
  });

  test('a damaged query is dropped and counted (§4.1.2)', () => {
    const { hub, a } = station();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    hub.run(5000).take();
    hub.inject(query(1, '0.0.0.0', true, 1));
    expect(reports(hub.run(10_000))).toEqual([]);
    expect(a.port.counters).toMatchObject({ igmpBad: 1, igmpReceived: 1 });
  });

  test.each([4, 9])('a message of %i bytes is none, and is counted (§7.1)', (length) => {
    const { hub, a } = station();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    hub.run(5000).take();
    const bytes = query(1);
    if (length === 4) bytes[IGMP_AT] = IGMP_V2_REPORT;
    finishIgmp(bytes, IGMP_AT, IGMP_AT + length);
    writeIgmpIpv4(bytes, IP_AT, 24 + length, ip('10.0.0.254'), ip('224.0.0.1'));
    hub.inject(bytes);
    expect(reports(hub.run(10_000))).toEqual([]);
    expect(a.port.counters.igmpBad).toBe(1);
  });

  test('reports of others are no questions, and say nothing of the version of a router', () => {
    const { hub, a } = station();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    hub.run(5000).take();
    const bytes = query(0);
    bytes[IGMP_AT] = IGMP_V2_REPORT;
    finishIgmp(bytes, IGMP_AT, IGMP_AT + 8);
    hub.inject(bytes);
    expect(reports(hub.run(20_000))).toEqual([]);
    a.port.groupChanged(hub.nowMs, ip(GROUP), false);
    expect(reports(hub.run(0))).toEqual([`22 3 ${GROUP} > 224.0.0.22`]);
  });

  test('to a router of version 1 nobody says that he leaves (§7.2.1)', () => {
    const { hub, a } = station();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    hub.run(5000).take();
    hub.inject(query(0));
    hub.run(10_000).take();
    a.port.groupChanged(hub.nowMs, ip(GROUP), false);
    expect(reports(hub.run(10_000))).toEqual([]);
  });

  test.each([
    ['no address', [], {}, '0.0.0.0'],
    ['one that is still being probed for', ['10.0.0.1/24'], { probesIpv4: true }, '0.0.0.0'],
    ['another of IPv6', ['fd00::a/64', '10.0.0.1/24'], {}, '10.0.0.1'],
  ])('a report of a host with %s has a source that may be (§4.2.13)', (_name, addresses, options, source) => {
    const hub = new Hub(1000);
    const a = hub.station(A, { dadTransmits: 0, linkLocal: false, acceptsRouters: false, ...options });
    for (const text of addresses) a.add(text);
    hub.run(0).take();
    a.port.groupChanged(hub.nowMs, ip(GROUP), true);
    const sent = hub.run(0).take();
    const report = sent.find(({ bytes }) => bytes[IP_AT + 9] === 2 && bytes[12] === 8 && bytes[13] === 0);
    expect(address(report?.bytes ?? new Uint8Array(60), IP_AT + 12)).toBe(source);
  });
});

test('a group of IPv6 stays joined when an address goes (RFC 3810 §6)', () => {
  const hub = new Hub(1000);
  const a = hub.quiet(A);
  const own = a.add('fd00::a/64');
  hub.run(5000);
  a.port.groupChanged(hub.nowMs, ip('ff05::1:2'), true);
  hub.run(5000);
  const before = a.port.counters.mldSent;
  a.port.removeAddress(hub.nowMs, own);
  hub.run(5000);
  expect(a.port.counters.mldSent - before, 'of the group of the address alone').toBe(2);
});

test('groups of IPv6 that sockets join are told by MLDv2, those of one interface not at all (RFC 3810 §6)', () => {
  const hub = new Hub(1000);
  const a = hub.quiet(A, 'fd00::a/64');
  hub.run(5000).take();
  for (const group of ['ff05::1:2', 'ff01::7', 'ff02::1']) a.port.groupChanged(hub.nowMs, ip(group), true);
  const before = a.port.counters.mldSent;
  hub.run(5000);
  expect(a.port.counters.mldSent - before).toBe(2);
  a.port.groupChanged(hub.nowMs, ip('ff05::1:2'), false);
  hub.run(5000);
  expect(a.port.counters.mldSent - before).toBe(4);
  expect(
    hub
      .take()
      .map(({ bytes }) => tell(bytes))
      .every((line) => line.includes('ff02::16')),
  ).toBe(true);
});
