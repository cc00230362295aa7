/** Which addresses a host may have or talk to (RFC 1122 §3.2.1.3). */

/**
 * "A host MUST silently discard an incoming datagram containing an IP source address that is invalid by the rules
 * of this section": no multicast, no broadcast, no loopback, not zero, and here not our own. — RFC 1122 §3.2.1.3
 *
 * @param broadcast What `subnetBroadcast` gave.
 */
export function isUsableSource(address: number, ours: number, broadcast: number): boolean {
  const top = address >>> 24;
  return top !== 0 && top !== 127 && top < 224 && address !== ours && address !== broadcast;
}

/** Whether a host may call this its own: no multicast and no broadcast address, and not zero. */
export function isUsableOwn(address: number, broadcast: number): boolean {
  return address !== 0 && address >>> 24 < 224 && address !== broadcast;
}

/**
 * The address of all hosts of the subnet, its host part all ones: "directed broadcast to the specified subnet" —
 * RFC 1122 §3.2.1.3 (e). 0 when there is none: the prefix is not known (32), or the link joins two ends (RFC 3021).
 */
export function subnetBroadcast(address: number, prefixBits: number): number {
  return prefixBits > 30 ? 0 : address | (0xffff_ffff >>> prefixBits);
}
