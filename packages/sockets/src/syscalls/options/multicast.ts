/** Options of multicast: where and how far datagrams to groups go, and which groups a socket hears (RFC 1112 §6.1, §7.1). */

import { formatAddress, type IpAddress, ipv4Address, isAny, parseAddress } from '@tcpstack/wire/ip-address';
import type { Datagrams } from '../../datagrams.ts';
import { EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT, EPROTO } from '../../errno.ts';
import { joinGroup, joinGroupV6, leaveGroup, leaveGroupV6 } from '../../groups.ts';
import type { Kernel } from '../../kernel.ts';
import type { GroupRequest, OptionValue } from '../../option-types.ts';
import type { Socket } from '../../socket.ts';
import type { FlagName, SocketOption } from './option.ts';

const BYTE_MAX = 255;

/** -1 is the default, 1. */
export const multicastTtl: SocketOption = {
  get: ({ options }) => options.multicastTtlHops,
  range: '0 to 255, or -1; EINVAL of a stream',
  set: ({ options, datagrams }, value) => {
    if (datagrams === null || value < -1 || value > BYTE_MAX) return -EINVAL;
    options.multicastTtlHops = value === -1 ? 1 : value;
    return 0;
  },
  apply: null,
};

export const multicastHops: SocketOption = {
  get: ({ options }) => options.multicastHops,
  range: '0 to 255, or -1; ENOPROTOOPT of a stream',
  set: ({ options, datagrams }, value) => {
    if (datagrams === null) return -ENOPROTOOPT;
    if (value < -1 || value > BYTE_MAX) return -EINVAL;
    options.multicastHops = value === -1 ? 1 : value;
    return 0;
  },
  apply: null,
};

/** A flag that is 0 or 1 and nothing else. */
export function strictFlag(name: FlagName): SocketOption {
  return {
    get: ({ options }) => (options[name] ? 1 : 0),
    range: '0 or 1',
    set: ({ options }, value) => {
      if (value !== 0 && value !== 1) return -EINVAL;
      options[name] = value === 1;
      return 0;
    },
    apply: null,
  };
}

/** By address, or by number; a plain number is the address as it lies in memory, as C programs write it. */
export const multicastInterface: SocketOption = {
  get: ({ options }) => formatAddress(options.multicastAddress),
  range: 'an address of ours, or a group request with an interface; "0.0.0.0" for none',
  set: (socket, value, kernel) => sendBy(socket, kernel, ipv4Address(swapped(value)), 0),
  setOther: (socket, value, kernel) => {
    if (typeof value === 'string') return sendBy(socket, kernel, parseAddress(value), 0);
    if (!isRequest(value)) return -EINVAL;
    return sendBy(socket, kernel, parseAddress(value.address ?? '0.0.0.0'), value.interfaceIndex ?? 0);
  },
  apply: null,
};

function sendBy(
  { options, datagrams }: Socket,
  { routing }: Kernel,
  address: Readonly<IpAddress> | null,
  index: number,
): number {
  if (datagrams === null || address === null) return -EINVAL;
  const { interfaces } = routing;
  const isNone = index === 0 && isAny(address);
  const found = index === 0 ? (interfaces.own(address)?.on ?? null) : interfaces.find(index);
  if (found === null && !isNone) return -EADDRNOTAVAIL;
  if (found !== null && options.interfaceIndex >= 0 && options.interfaceIndex !== found.index) return -EINVAL;
  options.multicastIndex = found?.index ?? -1;
  options.multicastAddress = address;
  return 0;
}

function swapped(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

export const multicastInterfaceV6: SocketOption = {
  get: ({ options }) => Math.max(options.multicastIndexV6, 0),
  range: 'the index of an interface, or 0: else ENODEV; ENOPROTOOPT of a stream',
  set: ({ options, datagrams }, value, { routing }) => {
    if (datagrams === null) return -ENOPROTOOPT;
    if (value !== 0 && options.interfaceIndex >= 0 && options.interfaceIndex !== value) return -EINVAL;
    if (value !== 0 && routing.interfaces.find(value) === null) return -ENODEV;
    options.multicastIndexV6 = value === 0 ? -1 : value;
    return 0;
  },
  apply: null,
};

type Change = (kernel: Kernel, datagrams: Datagrams, request: GroupRequest) => number;

/** An option that does something with a group. Streams have none, and say so before anything else. */
function ofGroup(change: Change): SocketOption {
  return {
    get: () => -ENOPROTOOPT,
    range: 'a group request; EPROTO of a stream',
    set: ({ datagrams }) => (datagrams === null ? -EPROTO : -EINVAL),
    setOther: ({ datagrams }, value, kernel) => {
      if (datagrams === null) return -EPROTO;
      return isRequest(value) ? change(kernel, datagrams, value) : -EINVAL;
    },
    apply: null,
  };
}

/** Of IPv6 the size of the value is looked at first. */
function ofGroupV6(change: Change): SocketOption {
  return { ...ofGroup(change), set: () => -EINVAL };
}

function isRequest(value: OptionValue): value is GroupRequest {
  return typeof value === 'object' && 'group' in value;
}

export const addMembership = ofGroup(joinGroup);
export const dropMembership = ofGroup(leaveGroup);
export const joinGroupOption = ofGroupV6(joinGroupV6);
export const leaveGroupOption = ofGroupV6(leaveGroupV6);
