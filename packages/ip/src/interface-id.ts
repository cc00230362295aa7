/** Interface identifiers made of an Ethernet address: modified EUI-64 (RFC 2464 §4, RFC 4291 appendix A). */

import { IpAddress } from '@tcpstack/wire/ip-address';

/** The lower 64 bits of `address` become the identifier of `mac`, as Linux does with `addr_gen_mode` 0, its default. */
export function writeInterfaceId(address: IpAddress, mac: number): void {
  const high = Math.floor(mac / 0x100_0000) & 0xff_ffff;
  const low = mac % 0x100_0000;
  // "complementing the "Universal/Local" (U/L) bit"; FFFE in the middle
  address.w2 = ((high ^ 0x02_0000) << 8) | 0xff;
  address.w3 = 0xfe00_0000 | low | 0;
}

/** "The IPv6 link-local address [AARCH] for an Ethernet interface": fe80::/64 and the identifier — RFC 2464 §5. */
export function linkLocalOf(mac: number): IpAddress {
  const address = new IpAddress(0xfe80_0000 | 0, 0, 0, 0);
  writeInterfaceId(address, mac);
  return address;
}
