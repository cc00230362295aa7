/** ARP and Neighbor Discovery as people read them: objects, lines, pages. */

import { describe, expect, test } from 'vitest';
import { ARP_REPLY, ARP_REQUEST, writeArp } from './arp.ts';
import { decodeFrame } from './decode.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV6, MAC_BROADCAST, writeEthernet } from './ethernet.ts';
import { finishIcmpv6 } from './icmpv6.ts';
import { type IpAddress, parseAddress } from './ip-address.ts';
import { PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from './ipv6.ts';
import { NA_OVERRIDE, NA_SOLICITED } from './ndp.ts';
import { writeLinkLayerAddress, writeMtuOption, writeNonce, writePrefix } from './ndp-options.ts';
import * as Write from './ndp-write.ts';
import { pageOfFrame } from './page.ts';
import { summarizeFrame } from './summary.ts';

const MAC = 0x0200_0000_0001;
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const line = (bytes: Uint8Array) => summarizeFrame(bytes, 0, bytes.length);

function arp(op: 1 | 2, fromIp: number, toIp: number, lengthBytes = 60): Uint8Array {
  const bytes = new Uint8Array(60);
  writeArp(bytes, writeEthernet(bytes, 0, MAC_BROADCAST, MAC, ETHERTYPE_ARP), op, MAC, fromIp, 0, toIp);
  return bytes.subarray(0, lengthBytes);
}

/** A frame from fe80::1 to ff02::1 with the message that `write` puts at the offset it gets. */
function message(write: (bytes: Uint8Array, at: number) => number): Uint8Array {
  const bytes = new Uint8Array(300);
  const [from, to] = [ip('fe80::1'), ip('ff02::1')];
  const ipAt = writeEthernet(bytes, 0, 0x3333_0000_0001, MAC, ETHERTYPE_IPV6);
  const end = write(bytes, ipAt + 40);
  writeIpv6(bytes, ipAt, end - ipAt, PROTOCOL_ICMPV6, from, to, 255, 0, 0);
  finishIcmpv6(bytes, ipAt + 40, end, pseudoHeaderSum6(from, to, PROTOCOL_ICMPV6));
  return bytes.slice(0, end);
}

describe('ARP', () => {
  test.each([
    [arp(ARP_REQUEST, 0x0a00_0001, 0x0a00_0002), 'ARP, who has 10.0.0.2 tell 10.0.0.1'],
    [arp(ARP_REPLY, 0x0a00_0001, 0x0a00_0002), 'ARP, 10.0.0.1 is at 02:00:00:00:00:01'],
    [arp(ARP_REQUEST, 0, 0x0a00_0002), 'ARP, probe for 10.0.0.2 by 02:00:00:00:00:01'],
    [arp(ARP_REQUEST, 0x0a00_0001, 0x0a00_0001), 'ARP, announcement of 10.0.0.1 at 02:00:00:00:00:01'],
    [arp(ARP_REQUEST, 1, 2, 41), '[short-arp] 41 bytes'],
  ])('is a line', (bytes, text) => {
    expect(line(bytes)).toBe(text);
  });

  test('is an object, and the filling behind it is not of it', () => {
    const { arp: packet, ethernetPaddingHex, fault } = decodeFrame(arp(ARP_REQUEST, 0x0a00_0001, 0x0a00_0002));
    expect(fault).toBeNull();
    expect(packet).toEqual({
      operation: 'request',
      senderMac: '02:00:00:00:00:01',
      senderIp: '10.0.0.1',
      targetMac: '00:00:00:00:00:00',
      targetIp: '10.0.0.2',
    });
    expect(ethernetPaddingHex).toBe('00'.repeat(18));
  });

  test('is a page with a line for each field', () => {
    const page = pageOfFrame(arp(ARP_REPLY, 0x0a00_0001, 0x0a00_0002));
    expect(page).toMatch(/^ARP, 10\.0\.0\.1 is at 02:00:00:00:00:01\n\nETHERNET: Destination/);
    expect(page).toContain('\nARP: Operation = 2 reply\nARP: Sender Hardware Address = 02:00:00:00:00:01\n');
    expect(page).toContain('\nARP: Target Protocol Address = 10.0.0.2\n');
  });
});

describe('Neighbor Discovery', () => {
  test.each<[(bytes: Uint8Array, at: number) => number, string]>([
    [
      (bytes, at) =>
        writeNonce(
          bytes,
          writeLinkLayerAddress(bytes, Write.writeNeighborSolicitation(bytes, at, ip('fe80::2')), 1, MAC),
          7,
        ),
      'neighbor solicitation, length 40, target address fe80::2, source link-layer address 02:00:00:00:00:01, ' +
        'option 14 0x000000000007',
    ],
    [
      (bytes, at) =>
        writeLinkLayerAddress(
          bytes,
          Write.writeNeighborAdvertisement(bytes, at, ip('fe80::1'), NA_SOLICITED | NA_OVERRIDE),
          2,
          MAC,
        ),
      'neighbor advertisement, length 32, target address fe80::1, flags [solicited override], ' +
        'target link-layer address 02:00:00:00:00:01',
    ],
    [(bytes, at) => Write.writeRouterSolicitation(bytes, at), 'router solicitation, length 8'],
    [
      (bytes, at) => Write.writeRedirect(bytes, at, ip('fe80::3'), ip('2001:db8::1')),
      'redirect, length 40, target address fe80::3, destination address 2001:db8::1',
    ],
    [
      (bytes, at) => {
        const end = Write.writeNeighborSolicitation(bytes, at, ip('fe80::2'));
        return end + 8;
      },
      'neighbor solicitation, length 32, target address fe80::2, damaged option 0x0000000000000000',
    ],
  ])('is a line', (write, text) => {
    expect(line(message(write))).toBe(`fe80::1 > ff02::1: ICMP6, ${text}`);
  });

  test('is a page: what a router advertises, and its options', () => {
    const fields = { hops: 64, flags: 0xc0, routerLifetimeS: 1800, reachableTimeMs: 1, retransTimerMs: 2 };
    const prefix = { prefix: ip('2001:db8::'), prefixBits: 64, flags: 0xc0, validS: 0xffff_ffff, preferredS: 600 };
    const page = pageOfFrame(
      message((bytes, at) =>
        writePrefix(bytes, writeMtuOption(bytes, Write.writeRouterAdvertisement(bytes, at, fields), 1400), prefix),
      ),
    );
    for (const text of [
      'Hop Limit = 64',
      'Flags = [managed other]',
      'Router Lifetime = 1800 s',
      'Reachable Time = 1 ms',
      'Retrans Timer = 2 ms',
      'MTU = 1400',
      'Prefix = 2001:db8::/64 [on-link autonomous] valid for ever, preferred 600 s',
    ]) {
      expect(page).toContain(`\nNDP: ${text}\n`);
    }
  });

  test('a message cut short says nothing', () => {
    const { ndp, icmpv6 } = decodeFrame(
      message((bytes, at) => Write.writeNeighborSolicitation(bytes, at, ip('fe80::2')) - 1),
    );
    expect(icmpv6?.type).toBe(135);
    expect(ndp).toEqual([]);
  });
});
