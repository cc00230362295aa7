/** ARP (RFC 826): who has this IPv4 address? */

import {
  ARP_BYTES,
  ARP_REPLY,
  ARP_REQUEST,
  checkArp,
  operation,
  senderIp,
  senderMac,
  targetIp,
  writeArp,
} from '@tcpstack/wire/arp';
import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_ARP,
  isGroupMac,
  MAC_BROADCAST,
  writeEthernet,
} from '@tcpstack/wire/ethernet';
import { IpAddress } from '@tcpstack/wire/ip-address';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { FrameQueue } from './frame-queue.ts';
import type { LinkAddresses } from './link-address.ts';
import type { Neighbour } from './neighbour.ts';
import type { NeighbourTable } from './neighbours.ts';

/** Looks at every packet first: does somebody use an address of ours? (RFC 5227) */
export interface ConflictWatch {
  /** Whether it tells of a conflict: nothing else of it counts then. */
  arrive(nowMs: number, fromIp: number, toIp: number): boolean;
}

const V4_W2 = 0xffff;

/** ARP of one interface. */
export class Arp {
  readonly #mac: number;
  readonly #frames: FrameQueue;
  readonly #addresses: LinkAddresses;
  readonly #neighbours: NeighbourTable;
  readonly #counters: EthernetCounters;
  readonly #scratch = new IpAddress(0, 0, V4_W2, 0);

  constructor(
    mac: number,
    frames: FrameQueue,
    addresses: LinkAddresses,
    neighbours: NeighbourTable,
    counters: EthernetCounters,
  ) {
    this.#mac = mac;
    this.#frames = frames;
    this.#addresses = addresses;
    this.#neighbours = neighbours;
    this.#counters = counters;
  }

  /**
   * Takes the packet in the frame `bytes[at, end)`, by the algorithm of RFC 826, "Packet Reception", with Linux's view
   * of what may change a cache that is in use.
   */
  arrive(nowMs: number, bytes: Uint8Array, frameAt: number, end: number, conflicts: ConflictWatch): void {
    const at = frameAt + ETHERNET_HEADER_BYTES;
    this.#counters.arpReceived++;
    if (checkArp(bytes, at, end) !== null || isGroupMac(bytes, at + 8) || !isUsableSender(senderIp(bytes, at))) {
      this.#counters.arpBad++;
      return;
    }
    const fromMac = senderMac(bytes, at);
    if (fromMac === this.#mac) return;
    const fromIp = senderIp(bytes, at);
    const toIp = targetIp(bytes, at);
    if (conflicts.arrive(nowMs, fromIp, toIp)) return;
    const isRequest = operation(bytes, at) === ARP_REQUEST;
    const isForUs = this.#addresses.answersFor(this.#address(toIp));
    if (isRequest && isForUs) {
      // "?Am I the target protocol address? Yes: If Merge_flag is false, add the triplet ... to the translation table."
      if (fromIp !== 0) this.#learn(nowMs, fromIp, fromMac);
      this.#send(ARP_REPLY, fromMac, toIp, fromMac, fromIp);
      return;
    }
    this.#merge(nowMs, fromIp, fromMac, !isRequest && !isGroupMac(bytes, frameAt), fromIp === toIp);
  }

  /** Asks for a neighbour: everybody, or itself when we know where it was. */
  solicit(neighbour: Neighbour, isUnicast: boolean): void {
    const source = this.#addresses.askFrom(neighbour.address, neighbour.source);
    if (source === null) return;
    const to = isUnicast ? neighbour.mac : MAC_BROADCAST;
    this.#send(ARP_REQUEST, to, source.w3, isUnicast ? neighbour.mac : 0, neighbour.address.w3);
  }

  /** "an ARP Request with an all-zero 'sender IP address'" (RFC 5227 §1.1): does somebody have this? */
  probe(ip: number): void {
    this.#send(ARP_REQUEST, MAC_BROADCAST, 0, 0, ip);
  }

  /** "both the sender and target IP address fields ... set to the host's newly selected IPv4 address" (RFC 5227 §2.3). */
  announce(ip: number): void {
    this.#send(ARP_REQUEST, MAC_BROADCAST, ip, 0, ip);
  }

  #learn(nowMs: number, ip: number, mac: number): void {
    const entry = this.#neighbours.need(nowMs, this.#address(ip));
    if (entry !== null) this.#neighbours.learn(nowMs, entry, mac, 'STALE', true);
  }

  /** "If the pair <protocol type, sender protocol address> is already in my translation table, update" — RFC 826 */
  #merge(nowMs: number, ip: number, mac: number, isAnswer: boolean, isGratuitous: boolean): void {
    const entry = this.#neighbours.find(this.#address(ip));
    if (entry === null) return;
    // Like Linux's locktime: of several answers the first counts (proxies answer later), for a second.
    const overrides = isGratuitous || nowMs > entry.updatedMs + this.#neighbours.settings.lockMs;
    this.#neighbours.learn(nowMs, entry, mac, isAnswer ? 'REACHABLE' : 'STALE', overrides);
  }

  #send(op: typeof ARP_REQUEST | typeof ARP_REPLY, to: number, fromIp: number, toMac: number, toIp: number): void {
    const frames = this.#frames;
    const at = frames.reserve(ETHERNET_HEADER_BYTES + ARP_BYTES);
    if (at < 0) return;
    const arpAt = writeEthernet(frames.bytes, at, to, this.#mac, ETHERTYPE_ARP);
    writeArp(frames.bytes, arpAt, op, this.#mac, fromIp, toMac, toIp);
    frames.commit(ETHERNET_HEADER_BYTES + ARP_BYTES);
    this.#counters.arpSent++;
  }

  /** Borrowed until the next call. */
  #address(ip: number): Readonly<IpAddress> {
    this.#scratch.w3 = ip;
    return this.#scratch;
  }
}

/** Zero (a probe), or an address that one host can have. */
function isUsableSender(ip: number): boolean {
  const top = ip >>> 24;
  return ip === 0 || (top !== 0 && top !== 127 && top < 224);
}
