/** What socket(2) can make: one row for each domain, type and protocol. */

import { AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM } from './constants.ts';
import { createDatagrams } from './datagrams.ts';
import { EAFNOSUPPORT, EINVAL, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from './errno.ts';
import type { Kernel } from './kernel.ts';
import type { OptionValues } from './option-values.ts';
import { createSocket, type Socket } from './socket.ts';

/** One row. `protocol` is also what 0 means for this domain and type. */
export interface SocketKind {
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
  create(kernel: Kernel): Socket;
}

/** The options of a fresh socket of IPv6. */
function optionsV6({ optionValues, settings }: Kernel): OptionValues {
  return settings.bindV6Only ? { ...optionValues, v6Only: true } : optionValues;
}

const KINDS: readonly SocketKind[] = [
  { domain: AF_INET, type: SOCK_STREAM, protocol: IPPROTO_TCP, create: (kernel) => createSocket(kernel.optionValues) },
  {
    domain: AF_INET6,
    type: SOCK_STREAM,
    protocol: IPPROTO_TCP,
    create: (kernel) => createSocket(optionsV6(kernel), AF_INET6),
  },
  {
    domain: AF_INET,
    type: SOCK_DGRAM,
    protocol: IPPROTO_UDP,
    create: (kernel) => createSocket(kernel.optionValues, AF_INET, createDatagrams(kernel)),
  },
  {
    domain: AF_INET6,
    type: SOCK_DGRAM,
    protocol: IPPROTO_UDP,
    create: (kernel) => createSocket(optionsV6(kernel), AF_INET6, createDatagrams(kernel)),
  },
];

/** Linux's `SOCK_MAX` and `IPPROTO_MAX`: what is beyond is no type and no protocol at all. */
const TYPES = 11;
const PROTOCOLS = 263;

/** The row that fits; otherwise why there is none, in Linux's order. Protocol 0 is the one that there is. */
export function findKind(domain: number, type: number, protocol: number): SocketKind | number {
  const family = KINDS.filter((kind) => kind.domain === domain);
  if (!(type >= 0 && type < TYPES)) return isFamily(domain) ? -EINVAL : -EAFNOSUPPORT;
  if (family.length === 0) return -EAFNOSUPPORT;
  if (!(protocol >= 0 && protocol < PROTOCOLS)) return -EINVAL;
  const ofType = family.filter((kind) => kind.type === type);
  if (ofType.length === 0) return -ESOCKTNOSUPPORT;
  return ofType.find((kind) => protocol === 0 || kind.protocol === protocol) ?? -EPROTONOSUPPORT;
}

/** Linux's `AF_MAX`: its numbers are families, whether there is anything in them or not. */
function isFamily(domain: number): boolean {
  return domain >= 0 && domain < 46;
}
