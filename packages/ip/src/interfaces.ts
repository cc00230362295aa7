/** The interfaces of a host and the addresses that it has on them. */

import { assert } from '@tcpstack/bytes/assert';
import { type IpAddress, isIpv4, isLoopback, isMulticast, parseAddress, sameAddress } from '@tcpstack/wire/ip-address';
import { isLimitedBroadcast, type OwnAddress, subnetBroadcast } from './addresses.ts';
import { Memberships } from './memberships.ts';
import { mappedPrefixBits } from './prefix.ts';

/** 'loopback' is the one to ourselves; 'ip' carries packets and has no neighbours; 'ethernet' carries frames. */
export type InterfaceKind = 'loopback' | 'ip' | 'ethernet';

/**
 * 'tentative': nobody may use it yet. 'deprecated': only what uses it already goes on with it (RFC 4862 §2). 'duplicate':
 * another host has it, so nobody here may.
 */
export type AddressState = 'tentative' | 'preferred' | 'deprecated' | 'duplicate';

/** An address of the host. */
export interface InterfaceAddress extends OwnAddress {
  readonly address: Readonly<IpAddress>;
  /** Leading bits that name the link's subnet, of 128: for IPv4, 96 more than people write. */
  readonly prefixBits: number;
  readonly broadcast: Readonly<IpAddress>;
  readonly on: Interface;
  state: AddressState;
}

/** What an interface is made of. */
export interface InterfaceShape {
  readonly name: string;
  readonly kind: InterfaceKind;
  /** Most bytes of an IP packet. */
  readonly mtuBytes: number;
  /** Where that varies from packet to packet, what one may at least have. Default `mtuBytes`. */
  readonly smallestMtuBytes?: number;
  /** Largest packet that the link splits for us. Default 0: it splits none. */
  readonly superSegmentBytes?: number;
  /** Who sums payloads. Default 'software': we do. */
  readonly checksum?: 'software' | 'offload' | 'trusted';
}

/** One interface. */
export interface Interface {
  /** Its place in the list; 0 is the loopback. */
  readonly index: number;
  readonly name: string;
  readonly kind: InterfaceKind;
  mtuBytes: number;
  /** The same for IPv6, which routers may lower (RFC 4861 §6.3.4). */
  ipv6MtuBytes: number;
  readonly smallestMtuBytes: number;
  readonly superSegmentBytes: number;
  /** Checksums are ours to make. */
  readonly isSoftware: boolean;
  readonly addresses: readonly InterfaceAddress[];
}

/** Linux's, for `lo`. */
export const LOOPBACK_MTU_BYTES = 65_536;

/** All interfaces of one host. The loopback is there from the start, with `127.0.0.1/8` and `::1`. */
export class InterfaceTable {
  /** By index. */
  readonly list: readonly Interface[];
  readonly loopback: Interface;
  readonly memberships = new Memberships();
  readonly #list: Interface[] = [];
  /** Addresses in use on any interface; those that most packets are for come first. */
  #inUse: InterfaceAddress[] = [];

  constructor() {
    this.list = this.#list;
    this.loopback = this.add({ name: 'lo', kind: 'loopback', mtuBytes: LOOPBACK_MTU_BYTES, checksum: 'trusted' });
    for (const [text, bits] of [
      ['127.0.0.1', 8],
      ['::1', 128],
    ] as const) {
      const address = parseAddress(text);
      if (address !== null) this.addAddress(this.loopback, address, bits);
    }
  }

  /** Another interface, which gets the next index. */
  add(shape: InterfaceShape): Interface {
    const added: Interface = {
      index: this.#list.length,
      name: shape.name,
      kind: shape.kind,
      mtuBytes: shape.mtuBytes,
      ipv6MtuBytes: shape.mtuBytes,
      smallestMtuBytes: shape.smallestMtuBytes ?? shape.mtuBytes,
      superSegmentBytes: shape.superSegmentBytes ?? 0,
      isSoftware: (shape.checksum ?? 'software') === 'software',
      addresses: [],
    };
    this.#list.push(added);
    return added;
  }

  /** The interface with this index or name, or `null`. */
  find(which: number | string): Interface | null {
    return this.#list.find(({ index, name }) => index === which || name === which) ?? null;
  }

  /**
   * Gives the interface an address, which is kept.
   *
   * @param prefixBits As people write it: at most 32 for IPv4.
   */
  addAddress(
    on: Interface,
    address: Readonly<IpAddress>,
    prefixBits: number,
    state: AddressState = 'preferred',
  ): InterfaceAddress {
    const broadcast = subnetBroadcast(address, prefixBits);
    const added = { address, prefixBits: mappedPrefixBits(address, prefixBits), broadcast, on, state };
    (on.addresses as InterfaceAddress[]).push(added);
    this.#settle();
    return added;
  }

  /** Takes an address away again. */
  removeAddress(own: InterfaceAddress): void {
    const addresses = own.on.addresses as InterfaceAddress[];
    const place = addresses.indexOf(own);
    assert(place >= 0, 'only addresses of the interface are removed');
    addresses.splice(place, 1);
    this.#settle();
  }

  /** Sets what may be done with the address. */
  setState(own: InterfaceAddress, state: AddressState): void {
    own.state = state;
    this.#settle();
  }

  /** The record of an address that is ours and in use, on whatever interface (the "weak" model of RFC 1122), or `null`. */
  own(address: Readonly<IpAddress>): InterfaceAddress | null {
    const inUse = this.#inUse;
    for (let i = 0; i < inUse.length; i++) {
      const one = inUse[i] as InterfaceAddress;
      if (sameAddress(one.address, address)) return one;
    }
    return null;
  }

  /** Whether packets to it come to ourselves: ours and in use, or anything in `127.0.0.0/8`. */
  isOwn(address: Readonly<IpAddress>): boolean {
    return this.own(address) !== null || isLoopback(address);
  }

  /** Whether it is the broadcast address of a subnet that we are on. */
  isBroadcast(address: Readonly<IpAddress>): boolean {
    const inUse = this.#inUse;
    for (let i = 0; i < inUse.length; i++) {
      if (sameAddress((inUse[i] as InterfaceAddress).broadcast, address)) return true;
    }
    return false;
  }

  /** Whether a packet to it that came in over an interface is for many, of whom we are one. */
  isToMany(address: Readonly<IpAddress>, interfaceIndex: number): boolean {
    if (isMulticast(address)) return this.memberships.listens(interfaceIndex, address);
    return isLimitedBroadcast(address) || this.isBroadcast(address);
  }

  #settle(): void {
    const used = this.#list.flatMap(({ addresses }) => addresses.filter(isInUse));
    this.#inUse = [...used.filter(({ on }) => on !== this.loopback), ...used.filter(({ on }) => on === this.loopback)];
  }
}

/** Most bytes of a packet to `remote` on the interface. */
export function linkMtuFor({ mtuBytes, ipv6MtuBytes }: Interface, remote: Readonly<IpAddress>): number {
  return isIpv4(remote) ? mtuBytes : ipv6MtuBytes;
}

/** Whether packets may come from it and go to it. */
export function isInUse({ state }: InterfaceAddress): boolean {
  return state === 'preferred' || state === 'deprecated';
}
