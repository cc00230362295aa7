/** Why the packet that is being taken goes no further, where its sender is to be told: set on the way in, told behind it. */

import { isMulticast } from '@tcpstack/wire/ip-address';
import type { ExtensionChain } from '@tcpstack/wire/ipv6-extensions';
import { type Complaint, PARAMETER_PROBLEMS } from './icmp-send.ts';
import type { IpPacket } from './packet.ts';

/** One record, reused; `about` is `null` while there is nothing to tell. */
export interface Trouble {
  about: Complaint | null;
  pointer: number;
}

/** Nothing to tell yet. */
export function createTrouble(): Trouble {
  return { about: null, pointer: 0 };
}

/** The sender is to be told of a parameter problem, by its code in ICMPv6. */
export function setProblem(trouble: Trouble, code6: number, pointer: number): void {
  trouble.about = PARAMETER_PROBLEMS[code6] ?? null;
  trouble.pointer = pointer;
}

/** The extension headers of `packet` were refused. */
export function setChainProblem(trouble: Trouble, chain: ExtensionChain, packet: IpPacket): void {
  if (!chain.tellSender) return;
  // "11 - discard the packet and, only if the packet's Destination Address was not a multicast address, send an ICMP
  // Parameter Problem, Code 2, message" — RFC 8200 §4.2
  if (chain.tellOnlyUnicast && isMulticast(packet.destination)) return;
  setProblem(trouble, chain.problemCode, chain.pointer);
}
