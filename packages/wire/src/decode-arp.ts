/** An ARP packet as a plain object, as a line and as a page. */

import { formatIpv4 } from './address.ts';
import * as Arp from './arp.ts';
import { formatMac } from './ethernet.ts';

/** An ARP packet of IPv4 over Ethernet. */
export interface DecodedArp {
  readonly operation: 'request' | 'reply';
  /** "02:60:8c:9e:18:8b" */
  readonly senderMac: string;
  /** "192.0.2.1" */
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

/** Decodes the packet `bytes[at, end)`, or names its fault. */
export function decodeArp(bytes: Uint8Array, at: number, end: number): DecodedArp | Arp.ArpFault {
  const fault = Arp.checkArp(bytes, at, end);
  if (fault !== null) return fault;
  return {
    operation: Arp.operation(bytes, at) === Arp.ARP_REQUEST ? 'request' : 'reply',
    senderMac: formatMac(Arp.senderMac(bytes, at)),
    senderIp: formatIpv4(Arp.senderIp(bytes, at)),
    targetMac: formatMac(Arp.targetMac(bytes, at)),
    targetIp: formatIpv4(Arp.targetIp(bytes, at)),
  };
}

/** `ARP, who has 10.0.0.2 tell 10.0.0.1`, `ARP, 10.0.0.2 is at 02:00:00:00:00:02`; probes and announcements by name. */
export function arpText({ operation, senderMac, senderIp, targetIp }: DecodedArp): string {
  if (operation === 'reply') return `ARP, ${senderIp} is at ${senderMac}`;
  if (senderIp === '0.0.0.0') return `ARP, probe for ${targetIp} by ${senderMac}`;
  if (senderIp === targetIp) return `ARP, announcement of ${senderIp} at ${senderMac}`;
  return `ARP, who has ${targetIp} tell ${senderIp}`;
}

/** A line for each field. */
export function arpLines(arp: DecodedArp): string[] {
  return [
    'ARP: Hardware = 1 Ethernet',
    'ARP: Protocol = 0x0800 IPv4',
    `ARP: Operation = ${arp.operation === 'request' ? 1 : 2} ${arp.operation}`,
    `ARP: Sender Hardware Address = ${arp.senderMac}`,
    `ARP: Sender Protocol Address = ${arp.senderIp}`,
    `ARP: Target Hardware Address = ${arp.targetMac}`,
    `ARP: Target Protocol Address = ${arp.targetIp}`,
  ];
}
