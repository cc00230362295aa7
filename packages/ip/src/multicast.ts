/** Where packets to groups go on Ethernet (RFC 1112 §6.4, RFC 2464 §7). */

import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';

/** The Ethernet address of the multicast group, 48 bits as a number. */
export function multicastMac(group: Readonly<IpAddress>): number {
  // "placing the low-order 23-bits of the IP address into the low-order 23 bits of the Ethernet multicast address
  // 01-00-5E-00-00-00" — RFC 1112 §6.4
  if (isIpv4(group)) return 0x0100_5e00_0000 + (group.w3 & 0x007f_ffff);
  // "the first two octets are the value 3333 hexadecimal and whose last four octets are the last four octets of DST" —
  // RFC 2464 §7
  return 0x3333_0000_0000 + (group.w3 >>> 0);
}
