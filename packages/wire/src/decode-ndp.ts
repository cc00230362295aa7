/** What a message of Neighbor Discovery says, as a list of names and values, for lines and pages. */

import { formatMac } from './ethernet.ts';
import { hexBytes } from './hex.ts';
import { formatIpv6, IpAddress, readIpv6Address } from './ip-address.ts';
import * as Ndp from './ndp.ts';
import * as Options from './ndp-options.ts';

/** One thing that it says. */
export interface NdpStatement {
  /** As on a page: "Target Address". */
  readonly name: string;
  readonly value: string;
}

/**
 * The statements of the ICMPv6 message `bytes[at, end)`, fields first and options behind them; none when its type is
 * another one. What is cut off is not there.
 */
export function decodeNdp(bytes: Uint8Array, at: number, end: number): NdpStatement[] {
  const type = bytes[at] as number;
  if (!Ndp.isNdpType(type)) return [];
  const optionsAt = at + Ndp.ndpHeaderBytes(type);
  if (optionsAt > end) return [];
  return [...fields(bytes, at, type), ...options(bytes, optionsAt, end)];
}

function fields(bytes: Uint8Array, at: number, type: number): NdpStatement[] {
  switch (type) {
    case Ndp.ROUTER_SOLICITATION:
      return [];
    case Ndp.ROUTER_ADVERTISEMENT:
      return [
        { name: 'Hop Limit', value: String(Ndp.currentHops(bytes, at)) },
        { name: 'Flags', value: flagNames(Ndp.routerFlags(bytes, at), ROUTER_FLAGS) },
        { name: 'Router Lifetime', value: `${Ndp.routerLifetimeS(bytes, at)} s` },
        { name: 'Reachable Time', value: `${Ndp.reachableTimeMs(bytes, at)} ms` },
        { name: 'Retrans Timer', value: `${Ndp.retransTimerMs(bytes, at)} ms` },
      ];
    case Ndp.NEIGHBOR_SOLICITATION:
      return [target(bytes, at)];
    case Ndp.NEIGHBOR_ADVERTISEMENT:
      return [
        target(bytes, at),
        { name: 'Flags', value: flagNames(Ndp.advertisementFlags(bytes, at), ADVERTISEMENT_FLAGS) },
      ];
    default:
      return [target(bytes, at), { name: 'Destination Address', value: addressAt(bytes, at + 24) }];
  }
}

const ROUTER_FLAGS: readonly (readonly [number, string])[] = [
  [0x80, 'managed'],
  [0x40, 'other'],
];
const ADVERTISEMENT_FLAGS: readonly (readonly [number, string])[] = [
  [Ndp.NA_ROUTER, 'router'],
  [Ndp.NA_SOLICITED, 'solicited'],
  [Ndp.NA_OVERRIDE, 'override'],
];
const PREFIX_FLAGS: readonly (readonly [number, string])[] = [
  [Options.PREFIX_ON_LINK, 'on-link'],
  [Options.PREFIX_AUTONOMOUS, 'autonomous'],
];

function flagNames(bits: number, names: readonly (readonly [number, string])[]): string {
  return `[${names.flatMap(([bit, name]) => (bits & bit ? [name] : [])).join(' ')}]`;
}

function target(bytes: Uint8Array, at: number): NdpStatement {
  return { name: 'Target Address', value: addressAt(bytes, at + 8) };
}

function addressAt(bytes: Uint8Array, at: number): string {
  const address = new IpAddress();
  readIpv6Address(bytes, at, address);
  return formatIpv6(address);
}

function options(bytes: Uint8Array, at: number, end: number): NdpStatement[] {
  const list: NdpStatement[] = [];
  for (let next = at; next + 2 <= end; ) {
    const lengthBytes = Options.optionBytes(bytes, next);
    if (lengthBytes === 0 || next + lengthBytes > end) {
      list.push({ name: 'Damaged Option', value: `0x${hexBytes(bytes, next, end)}` });
      break;
    }
    list.push(option(bytes, next, lengthBytes));
    next += lengthBytes;
  }
  return list;
}

function option(bytes: Uint8Array, at: number, lengthBytes: number): NdpStatement {
  const type = bytes[at] as number;
  const isFound = Options.findNdpOption(bytes, at, at + lengthBytes, type) === at;
  if (isFound && type === Options.SOURCE_LINK_LAYER_ADDRESS) {
    return { name: 'Source Link-Layer Address', value: formatMac(Options.linkLayerAddress(bytes, at)) };
  }
  if (isFound && type === Options.TARGET_LINK_LAYER_ADDRESS) {
    return { name: 'Target Link-Layer Address', value: formatMac(Options.linkLayerAddress(bytes, at)) };
  }
  if (isFound && type === Options.MTU_OPTION) {
    return { name: 'MTU', value: String(Options.mtuOptionBytes(bytes, at)) };
  }
  if (isFound && type === Options.PREFIX_INFORMATION) return { name: 'Prefix', value: prefixText(bytes, at) };
  return { name: `Option ${type}`, value: `0x${hexBytes(bytes, at + 2, at + lengthBytes)}` };
}

function prefixText(bytes: Uint8Array, at: number): string {
  const prefix = `${addressAt(bytes, at + 16)}/${Options.prefixBits(bytes, at)}`;
  const flags = flagNames(Options.prefixFlags(bytes, at), PREFIX_FLAGS);
  return `${prefix} ${flags} valid ${seconds(Options.validLifetimeS(bytes, at))}, preferred ${seconds(Options.preferredLifetimeS(bytes, at))}`;
}

function seconds(value: number): string {
  return value === Options.INFINITE_LIFETIME_S ? 'for ever' : `${value} s`;
}

/** ", target address fe80::1, flags [override]" */
export function ndpText(statements: readonly NdpStatement[]): string {
  return statements.map(({ name, value }) => `, ${name.toLowerCase()} ${value}`).join('');
}

/** A line for each statement. */
export function ndpLines(statements: readonly NdpStatement[]): string[] {
  return statements.map(({ name, value }) => `NDP: ${name} = ${value}`);
}
