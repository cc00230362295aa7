/** The multicast groups of a datagram socket (RFC 1112 §7.1): joined and left as Linux's `ip_mc_join_group` and its kin do. */

import type { Interface, InterfaceTable } from '@tcpstack/ip/interfaces';
import {
  copyOf,
  type IpAddress,
  isAny,
  isIpv4,
  isMulticast,
  parseAddress,
  sameAddress,
} from '@tcpstack/wire/ip-address';
import type { Datagrams } from './datagrams.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV } from './errno.ts';
import type { Kernel } from './kernel.ts';
import type { GroupRequest } from './option-types.ts';

/** One group that a socket joined. */
export interface SocketGroup {
  readonly group: Readonly<IpAddress>;
  readonly interfaceIndex: number;
  /** The address by which the call named the interface. */
  readonly by: Readonly<IpAddress>;
}

/** Groups of IPv6 of one socket. Deviation: Linux bounds their memory (`optmem_max`), and says ENOMEM. */
export const GROUPS_V6_MAX = 256;

/** Whether the socket joined the group there; of IPv6, as in Linux, anywhere. */
export function hasJoined({ groups }: Datagrams, group: Readonly<IpAddress>, interfaceIndex: number): boolean {
  for (let i = 0; i < groups.length; i++) {
    const one = groups[i] as SocketGroup;
    if (!sameAddress(one.group, group)) continue;
    if (one.interfaceIndex === interfaceIndex || !isIpv4(group)) return true;
  }
  return false;
}

/** IP_ADD_MEMBERSHIP. */
export function joinGroup(kernel: Kernel, datagrams: Datagrams, request: GroupRequest): number {
  const read = readRequest(request);
  if (read === null || !isIpv4(read.group) || !isMulticast(read.group)) return -EINVAL;
  const on = interfaceOf(kernel, read);
  if (on === null) return -ENODEV;
  const mine = datagrams.groups.filter(({ group }) => isIpv4(group));
  if (hasJoined(datagrams, read.group, on.index)) return -EADDRINUSE;
  if (mine.length >= kernel.settings.groupsMax) return -ENOBUFS;
  return add(kernel, datagrams, { group: read.group, interfaceIndex: on.index, by: read.by });
}

/** IP_DROP_MEMBERSHIP. */
export function leaveGroup(kernel: Kernel, datagrams: Datagrams, request: GroupRequest): number {
  const read = readRequest(request);
  if (read === null || !isIpv4(read.group)) return -EINVAL;
  const on = interfaceOf(kernel, read);
  if (on === null && isAny(read.by) && read.interfaceIndex === 0) return -ENODEV;
  const found = datagrams.groups.find(({ group, interfaceIndex, by }) => {
    if (!sameAddress(group, read.group)) return false;
    if (on !== null || read.interfaceIndex !== 0) return interfaceIndex === (on?.index ?? read.interfaceIndex);
    return sameAddress(by, read.by);
  });
  return found === undefined ? -EADDRNOTAVAIL : remove(kernel, datagrams, found);
}

/** IPV6_JOIN_GROUP. */
export function joinGroupV6(kernel: Kernel, datagrams: Datagrams, request: GroupRequest): number {
  const read = readRequest(request);
  if (read === null || isIpv4(read.group) || !isMulticast(read.group)) return -EINVAL;
  const { interfaces } = kernel.routing;
  const known = datagrams.groups.find(
    (one) =>
      sameAddress(one.group, read.group) && (read.interfaceIndex === 0 || one.interfaceIndex === read.interfaceIndex),
  );
  if (known !== undefined) return -EADDRINUSE;
  const on = read.interfaceIndex === 0 ? firstWithIpv6(interfaces) : interfaces.find(read.interfaceIndex);
  if (on === null) return -ENODEV;
  if (datagrams.groups.filter(({ group }) => !isIpv4(group)).length >= GROUPS_V6_MAX) return -ENOBUFS;
  return add(kernel, datagrams, { group: read.group, interfaceIndex: on.index, by: read.by });
}

/** IPV6_LEAVE_GROUP. */
export function leaveGroupV6(kernel: Kernel, datagrams: Datagrams, request: GroupRequest): number {
  const read = readRequest(request);
  if (read === null || isIpv4(read.group) || !isMulticast(read.group)) return -EINVAL;
  const found = datagrams.groups.find(
    (one) =>
      sameAddress(one.group, read.group) && (read.interfaceIndex === 0 || one.interfaceIndex === read.interfaceIndex),
  );
  return found === undefined ? -EADDRNOTAVAIL : remove(kernel, datagrams, found);
}

/** The socket is closed. */
export function leaveAllGroups(kernel: Kernel, datagrams: Datagrams): void {
  for (const one of datagrams.groups) remove(kernel, datagrams, one);
}

/** Where groups of IPv6 are heard, and sent to, when nobody says where. */
export function firstWithIpv6({ list, loopback }: InterfaceTable): Interface | null {
  return list.find((one) => one !== loopback && one.addresses.some(({ address }) => !isIpv4(address))) ?? null;
}

function add(kernel: Kernel, datagrams: Datagrams, joined: SocketGroup): number {
  const kept = { ...joined, group: copyOf(joined.group) };
  if (!kernel.routing.interfaces.memberships.join(kept.interfaceIndex, kept.group)) return -ENOBUFS;
  datagrams.groups = [...datagrams.groups, kept];
  return 0;
}

function remove(kernel: Kernel, datagrams: Datagrams, joined: SocketGroup): number {
  kernel.routing.interfaces.memberships.leave(joined.interfaceIndex, joined.group);
  datagrams.groups = datagrams.groups.filter((one) => one !== joined);
  return 0;
}

interface Read {
  readonly group: Readonly<IpAddress>;
  readonly by: Readonly<IpAddress>;
  /** 0 for none. */
  readonly interfaceIndex: number;
}

function readRequest({ group, address = '0.0.0.0', interfaceIndex = 0 }: GroupRequest): Read | null {
  const [parsed, by] = [parseAddress(group), parseAddress(address)];
  return parsed === null || by === null ? null : { group: parsed, by, interfaceIndex };
}

/** By number, by one of its addresses, or where a packet to the group would leave: Linux's `ip_mc_find_dev`. */
function interfaceOf({ routing }: Kernel, { group, by, interfaceIndex }: Read): Interface | null {
  if (interfaceIndex !== 0) return routing.interfaces.find(interfaceIndex);
  if (!isAny(by)) return routing.interfaces.own(by)?.on ?? null;
  return routing.lookup(group)?.out ?? null;
}
