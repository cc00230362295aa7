/** The multicast groups that the interfaces of a host listen to (RFC 1112 §7.1), and how many of its sockets want each. */

import { copyOf, IpAddress, ipv4Address, sameAddress } from '@tcpstack/wire/ip-address';

/** Groups that sockets may have an interface listen to: more are refused. */
export const GROUPS_MAX = 1024;

/** "224.0.0.1": "every host ... is a member of the all-hosts group" — RFC 1112 §4. */
export const ALL_HOSTS: Readonly<IpAddress> = ipv4Address(0xe000_0001);
/** "ff01::1", "ff02::1": "a host is required to recognize ... the All-Nodes multicast addresses" — RFC 4291 §2.8. */
export const ALL_NODES_INSIDE: Readonly<IpAddress> = new IpAddress(0xff01_0000 | 0, 0, 0, 1);
export const ALL_NODES: Readonly<IpAddress> = new IpAddress(0xff02_0000 | 0, 0, 0, 1);

/** One group on one interface. */
export interface Membership {
  readonly group: Readonly<IpAddress>;
  users: number;
}

/** Who is told when the first socket joins a group, and when the last one leaves it. */
export type GroupWatcher = (group: Readonly<IpAddress>, joined: boolean) => void;

/** Of all interfaces. Looking one up makes nothing. */
export class Memberships {
  /** By the index of the interface, then by the last word of the address. */
  readonly #byInterface: Map<number, Membership[]>[] = [];
  readonly #watchers: GroupWatcher[] = [];

  /** Has `watcher` told of the changes on one interface. */
  watch(interfaceIndex: number, watcher: GroupWatcher): void {
    this.#watchers[interfaceIndex] = watcher;
  }

  /** A socket wants to hear `group` on the interface; false when that listens to too many. */
  join(interfaceIndex: number, group: Readonly<IpAddress>): boolean {
    const known = this.#find(interfaceIndex, group);
    if (known !== null) {
      known.users++;
      return true;
    }
    if (this.list(interfaceIndex).length >= GROUPS_MAX) return false;
    this.#byInterface[interfaceIndex] ??= new Map();
    const byWord = this.#byInterface[interfaceIndex] as Map<number, Membership[]>;
    const kept = copyOf(group);
    byWord.set(group.w3, [...(byWord.get(group.w3) ?? []), { group: kept, users: 1 }]);
    this.#watchers[interfaceIndex]?.(kept, true);
    return true;
  }

  /** A socket that joined has left. */
  leave(interfaceIndex: number, group: Readonly<IpAddress>): void {
    const known = this.#find(interfaceIndex, group);
    if (known === null || --known.users > 0) return;
    const byWord = this.#byInterface[interfaceIndex] as Map<number, Membership[]>;
    const rest = (byWord.get(group.w3) ?? []).filter((one) => one !== known);
    if (rest.length > 0) byWord.set(group.w3, rest);
    else byWord.delete(group.w3);
    this.#watchers[interfaceIndex]?.(known.group, false);
  }

  /** Whether packets to `group` that come in over the interface are for this host. */
  listens(interfaceIndex: number, group: Readonly<IpAddress>): boolean {
    return isForAll(group) || this.#find(interfaceIndex, group) !== null;
  }

  /** The groups that sockets joined on the interface. */
  list(interfaceIndex: number): readonly Readonly<Membership>[] {
    return [...(this.#byInterface[interfaceIndex]?.values() ?? [])].flat();
  }

  #find(interfaceIndex: number, group: Readonly<IpAddress>): Membership | null {
    const sameWord = this.#byInterface[interfaceIndex]?.get(group.w3);
    if (sameWord === undefined) return null;
    for (let i = 0; i < sameWord.length; i++) {
      const one = sameWord[i] as Membership;
      if (sameAddress(one.group, group)) return one;
    }
    return null;
  }
}

/** Whether it is a group that everybody listens to, and nobody needs to be told so. */
export function isForAll(group: Readonly<IpAddress>): boolean {
  return sameAddress(group, ALL_HOSTS) || sameAddress(group, ALL_NODES) || sameAddress(group, ALL_NODES_INSIDE);
}
