/** What the IP layer of a Host does by itself: puts fragments together, and tells senders what became of their packets. */

import { IcmpLimit } from '@tcpstack/ip/icmp-limit';
import { type Complaint, IcmpSender, NO_PORT, REASSEMBLY_TIMEOUT } from '@tcpstack/ip/icmp-send';
import { Identifications } from '@tcpstack/ip/identification';
import type { InterfaceTable } from '@tcpstack/ip/interfaces';
import type { IpPacket } from '@tcpstack/ip/packet';
import { Reassembly } from '@tcpstack/ip/reassembly';
import type { Route } from '@tcpstack/ip/routes';
import { selectSource } from '@tcpstack/ip/source-selection';
import { type SipKey, sipHash, sipHashHigh } from '@tcpstack/seq/siphash';
import { outletOf } from './connections.ts';
import type { Kernel } from './kernel.ts';
import { wayBack } from './passive-open.ts';
import type { Settings } from './settings.ts';
import { TupleHash } from './tuple-hash.ts';

/** The parts of it, which share one hash. */
export interface IpLayer {
  readonly fragments: Reassembly;
  readonly identifications: Identifications;
  readonly icmp: IcmpSender;
}

/** Says what the key derived from the secret is for. */
const NAME = 0x6970_6c61;

/** Makes the parts; limits are read from `settings` whenever they are needed. */
export function createIpLayer(interfaces: InterfaceTable, settings: Settings, secret: SipKey): IpLayer {
  const hash = new TupleHash(derivedKey(secret));
  const identifications = new Identifications(hash);
  return {
    fragments: new Reassembly(hash, settings),
    identifications,
    icmp: new IcmpSender(interfaces, new IcmpLimit(hash, settings), identifications, settings),
  };
}

/** Identifications go out: they must tell nothing of the places of connections in their table. */
function derivedKey(secret: SipKey): SipKey {
  const low = sipHash(secret, new Int32Array([NAME, 0]), 2);
  const lowHigh = sipHashHigh();
  const high = sipHash(secret, new Int32Array([NAME, 1]), 2);
  return new Int32Array([low, lowHigh, high, sipHashHigh()]);
}

/** Bytes of a packet that the way to the sender of `packet` carries. */
export function mtuBack(kernel: Kernel, packet: IpPacket, path: Route): number {
  return kernel.pathMtu.mtuBytes(kernel.nowMs, packet.source, path.out.mtuBytes);
}

/** Tells the sender of `packet` what became of it, where that is allowed. */
export function tellSender(kernel: Kernel, packet: IpPacket, about: Complaint, pointer = 0): void {
  const path = wayBack(kernel, packet);
  if (path === null) return;
  const { interfaces } = kernel.routing;
  const { source, destination } = packet;
  const from = interfaces.isOwn(destination) ? destination : selectSource(interfaces, source, path)?.address;
  if (from === undefined) return;
  const { packets } = outletOf(kernel, path);
  const mtuBytes = mtuBack(kernel, packet, path);
  kernel.icmp.tell(kernel.nowMs, packet, about, from, packets, mtuBytes, pointer, path.prefixBits);
}

/** The packet that was taken last went no further: tells its sender when it is to know why. */
export function tellTrouble(kernel: Kernel): void {
  const { about, pointer } = kernel.ipInput.trouble;
  if (about !== null) tellSender(kernel, kernel.packet, about, pointer);
}

/**
 * Nobody has the port that this UDP datagram is for: "UDP SHOULD send an ICMP Port Unreachable message" — RFC 1122
 * §4.1.3.1; RFC 4443 §3.1.
 */
export function refusePort(kernel: Kernel, packet: IpPacket): void {
  tellSender(kernel, packet, NO_PORT);
}

/** Gives up datagrams whose fragments did not come in time. */
export function expireFragments(kernel: Kernel): void {
  const { fragments } = kernel.ipInput;
  for (let first = fragments.expire(kernel.nowMs); first !== null; first = fragments.expire(kernel.nowMs)) {
    tellSender(kernel, first, REASSEMBLY_TIMEOUT);
  }
}
