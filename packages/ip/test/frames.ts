/** Frames made by hand for the tests of the link layer, and frames told in a line. */

import { formatIpv4 } from '@tcpstack/wire/address';
import {
  ARP_BYTES,
  ARP_REPLY,
  ARP_REQUEST,
  operation,
  senderIp,
  senderMac,
  targetIp,
  writeArp,
} from '@tcpstack/wire/arp';
import {
  destination,
  ETHERTYPE_ARP,
  etherType,
  formatMac,
  MAC_BROADCAST,
  source,
  writeEthernet,
} from '@tcpstack/wire/ethernet';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { formatAddress, IpAddress } from '@tcpstack/wire/ip-address';
import {
  nextHeader,
  PROTOCOL_ICMPV6,
  pseudoHeaderSum6,
  readDestination,
  readSource,
  writeIpv6,
} from '@tcpstack/wire/ipv6';
import { readTarget } from '@tcpstack/wire/ndp';
import { multicastMac } from '../src/multicast.ts';
import { ip } from './hub.ts';

/** An ARP frame. */
export function arp(
  op: 'request' | 'reply',
  fromMac: number,
  fromIp: string,
  toMac: number,
  toIp: string,
  frameTo = op === 'request' ? MAC_BROADCAST : toMac,
): Uint8Array {
  const bytes = new Uint8Array(60);
  const at = writeEthernet(bytes, 0, frameTo, fromMac, ETHERTYPE_ARP);
  writeArp(bytes, at, op === 'request' ? ARP_REQUEST : ARP_REPLY, fromMac, ip(fromIp).w3, toMac, ip(toIp).w3);
  return bytes.subarray(0, Math.max(60, at + ARP_BYTES));
}

/** What an ICMPv6 frame has besides its message. */
export interface Envelope {
  readonly fromMac: number;
  readonly toMac?: number;
  readonly source: string;
  readonly destination: string;
  readonly hops?: number;
}

/** A frame with an ICMPv6 message that `write` puts at the offset it gets, returning its end. */
export function icmpv6(envelope: Envelope, write: (bytes: Uint8Array, at: number) => number): Uint8Array {
  const bytes = new Uint8Array(400);
  const from = ip(envelope.source);
  const to = ip(envelope.destination);
  const ipAt = writeEthernet(bytes, 0, envelope.toMac ?? multicastMac(to), envelope.fromMac, 0x86dd);
  const end = write(bytes, ipAt + 40);
  writeIpv6(bytes, ipAt, end - ipAt, PROTOCOL_ICMPV6, from, to, envelope.hops ?? 255, 0, 0);
  finishIcmpv6(bytes, ipAt + 40, end, pseudoHeaderSum6(from, to, PROTOCOL_ICMPV6));
  return bytes.slice(0, end);
}

const NAMES: Readonly<Record<number, string>> = {
  133: 'RS',
  134: 'RA',
  135: 'NS',
  136: 'NA',
  137: 'redirect',
  143: 'MLDv2',
  131: 'MLDv1',
};

/** A frame in a line: "request 10.0.0.2 from 10.0.0.1", "NS fe80::1 > ff02::2 for fe80::2". */
export function tell(bytes: Uint8Array): string {
  const to = ` @${destination(bytes, 0) === MAC_BROADCAST ? 'all' : formatMac(destination(bytes, 0))}`;
  if (etherType(bytes, 0) === ETHERTYPE_ARP) {
    const from = formatIpv4(senderIp(bytes, 14));
    const target = formatIpv4(targetIp(bytes, 14));
    if (operation(bytes, 14) === ARP_REQUEST) return `who has ${target} tell ${from}${to}`;
    return `${from} is at ${formatMac(senderMac(bytes, 14))} for ${target}${to}`;
  }
  if (etherType(bytes, 0) !== 0x86dd) return `IPv4${to}`;
  const icmpAt = nextHeader(bytes, 14) === 0 ? 62 : 54;
  const address = new IpAddress();
  readSource(bytes, 14, address);
  const from = formatAddress(address);
  readDestination(bytes, 14, address);
  const envelope = `${from} > ${formatAddress(address)}`;
  if (nextHeader(bytes, 14) !== 58 && nextHeader(bytes, 14) !== 0) return `IPv6 ${envelope}${to}`;
  const type = bytes[icmpAt] as number;
  if (type === 135 || type === 136) readTarget(bytes, icmpAt, address);
  const about = type === 135 || type === 136 ? ` ${formatAddress(address)}` : '';
  const flags = type === 136 ? ` ${((bytes[icmpAt + 4] as number) >> 5).toString(2).padStart(3, '0')}` : '';
  return `${NAMES[type] ?? type}${about}${flags}, ${envelope}${to}`;
}

/** The sender's Ethernet address. */
export { source as senderOf };
