/** Values of command-line options: text in, checked values out, or a usage error that says what is wanted. */

import { parseIpv4 } from '@tcpstack/wire/address';
import { isAny, isIpv4, isMulticast, parseAddress } from '@tcpstack/wire/ip-address';
import { InvalidArgumentError } from 'commander';

/** "10.77.0.2/24" taken apart. */
export interface Cidr {
  /** "10.77.0.2" */
  readonly address: string;
  readonly prefixBits: number;
  /** The network as an unsigned number. */
  readonly network: number;
}

/** Where to listen with a socket of the operating system. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** An address of a host with the length of its prefix, 1 to 30: both ends of the device must fit in. */
export function parseCidr(text: string): Cidr {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const address = match?.[1] ?? '';
  const bits = parseIpv4(address);
  const prefixBits = Number(match?.[2]);
  if (bits === null || !(prefixBits >= 1 && prefixBits <= 30)) {
    throw new InvalidArgumentError('Give an IPv4 address with the length of its prefix, as 10.77.0.2/24.');
  }
  const mask = (-1 << (32 - prefixBits)) >>> 0;
  const host = (bits & ~mask) >>> 0;
  if (host === 0 || host === ~mask >>> 0) {
    throw new InvalidArgumentError('That is the address of the whole network or its broadcast, not of a host.');
  }
  return { address, prefixBits, network: (bits & mask) >>> 0 };
}

/** An IPv6 address of a host with the length of its prefix, 1 to 126: both ends of the device must fit in. */
export function parseCidr6(text: string): string {
  const prefix = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = parseAddress(prefix?.[1] ?? '');
  const prefixBits = Number(prefix?.[2]);
  if (address !== null && !isIpv4(address) && !isAny(address) && !isMulticast(address)) {
    if (prefixBits >= 1 && prefixBits <= 126) return text;
  }
  throw new InvalidArgumentError('Give an IPv6 address with the length of its prefix, as fd00:77::2/64.');
}

/** A port of our stack, 1 to 65535. */
export function parsePort(text: string): number {
  const port = parseNumber(text);
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('Give a port from 1 to 65535.');
}

/** A port, or 0 for none. */
export function parsePortOrNone(text: string): number {
  return text === '0' ? 0 : parsePort(text);
}

/** Most bytes of a packet on the device. */
export function parseMtu(text: string): number {
  const mtuBytes = parseNumber(text);
  if (mtuBytes >= 68 && mtuBytes <= 65_535) return mtuBytes;
  throw new InvalidArgumentError('Give a number of bytes from 68 to 65535.');
}

/** "127.0.0.1:8080", "[::1]:8080" or "localhost:0"; port 0 lets the system choose. */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65_535)) {
    throw new InvalidArgumentError('Give an address and a port, as 127.0.0.1:8080.');
  }
  return { host, port };
}

/** Name of an interface, as Linux allows it. */
export function parseDeviceName(text: string): string {
  if (/^[\w.-]{1,15}$/.test(text) && text !== '.' && text !== '..') return text;
  throw new InvalidArgumentError('Give 1 to 15 of A-Z a-z 0-9 _ . -, as tcp0.');
}

function parseNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
