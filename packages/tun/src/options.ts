/** What a caller may ask of a TUN device, and the checks of it. */

import { parseMac } from '@tcpstack/wire/ethernet';
import { parseAddress, writeIpv6Address } from '@tcpstack/wire/ip-address';
import type { TunError } from './tun-error.ts';

/** How to open a TUN or TAP device. */
export interface TunOptions {
  /** `tun` carries IP packets, `tap` Ethernet frames. Default `tun`. */
  readonly mode?: 'tun' | 'tap';
  /**
   * Our Ethernet address on a TAP device, as `02:00:00:00:00:01`; the kernel's side has one of its own. Default: a random
   * one of those that anybody may use.
   */
  readonly macAddress?: string;
  /** Name of the interface, 1 to 15 of `A-Z a-z 0-9 _ . -`; a final `%d` lets the kernel count. Default `tcp0`. */
  readonly name?: string;
  /**
   * Address and prefix length of the kernel's side, as `10.77.0.1/24` or `fd00::1/64`, or several. The device is then
   * configured and brought up. Without it the device is left as it is: root may have made it before.
   */
  readonly hostAddress?: string | readonly string[];
  /** Most bytes of an IP packet, 68 to 65535. Default: what the device has, 1500 for a new one. */
  readonly mtuBytes?: number;
  /** Leave checksums and the cutting of super-segments to the kernel. Default true. */
  readonly offload?: boolean;
  /** Packets that may wait for us to read them, 1 to 100000. Default 1000 when `hostAddress` is given. */
  readonly txQueueLength?: number;
  /** Allow several opens of the device at a time (workers, processes), each with a queue of its own. */
  readonly multiQueue?: boolean;
  /** Told once when the device is removed under us. Default: a process warning. */
  readonly onLost?: (error: TunError) => void;
}

/** An address and the length of its prefix. */
export interface AddressWithPrefix {
  /** As it was given, without the prefix. */
  readonly text: string;
  /** Four bytes or sixteen, network order. */
  readonly bytes: Uint8Array;
  /** Bits, 1 to 32 or 1 to 128. */
  readonly prefixBits: number;
}

/** `TunOptions` after the checks; undefined means: leave as it is. */
export interface CheckedOptions {
  readonly mode: 'tun' | 'tap';
  readonly macAddress: string | undefined;
  readonly name: string;
  /** None: leave the device as it is. */
  readonly hostAddresses: readonly AddressWithPrefix[];
  readonly mtuBytes: number | undefined;
  readonly offload: boolean;
  readonly txQueueLength: number | undefined;
  readonly multiQueue: boolean;
  readonly onLost: ((error: TunError) => void) | undefined;
}

/** RFC 791, 3.2: every host forwards 68 bytes; the length field of IPv4 holds no more than 65535. */
const MTU_MIN_BYTES = 68;
const MTU_MAX_BYTES = 65535;
/** The kernel's 500 overflow in a burst of one window, and silently. */
const TX_QUEUE_DEFAULT = 1000;
/** More would only hide a reader that is too slow. */
const TX_QUEUE_MAX = 100_000;

/**
 * @throws {TypeError} An option of the wrong type.
 * @throws {RangeError} A value out of range or not well formed.
 */
export function checkOptions(options: TunOptions): CheckedOptions {
  const {
    mode = 'tun',
    macAddress,
    name = 'tcp0',
    hostAddress,
    mtuBytes,
    offload = true,
    txQueueLength,
    multiQueue = false,
    onLost,
  } = options;
  if (mode !== 'tun' && mode !== 'tap') throw new RangeError(`mode must be "tun" or "tap", got ${String(mode)}`);
  if (macAddress !== undefined) checkMacAddress(macAddress, mode);
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${typeof name}`);
  if (!/^[\w.-]+(%d)?$/.test(name) || name.length > 15 || name === '.' || name === '..') {
    throw new RangeError(`name must be 1 to 15 of A-Z a-z 0-9 _ . -, got "${name}"`);
  }
  if (typeof offload !== 'boolean') throw new TypeError(`offload must be a boolean, got ${typeof offload}`);
  if (typeof multiQueue !== 'boolean') throw new TypeError(`multiQueue must be a boolean, got ${typeof multiQueue}`);
  if (onLost !== undefined && typeof onLost !== 'function') throw new TypeError('onLost must be a function');
  if (mtuBytes !== undefined) checkInteger('mtuBytes', mtuBytes, MTU_MIN_BYTES, MTU_MAX_BYTES);
  if (txQueueLength !== undefined) checkInteger('txQueueLength', txQueueLength, 1, TX_QUEUE_MAX);
  return {
    mode,
    macAddress,
    name,
    hostAddresses: hostAddress === undefined ? [] : [hostAddress].flat().map(parseHostAddress),
    mtuBytes,
    offload,
    txQueueLength: txQueueLength ?? (hostAddress === undefined ? undefined : TX_QUEUE_DEFAULT),
    multiQueue,
    onLost,
  };
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${typeof value}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
}

function checkMacAddress(text: string, mode: 'tun' | 'tap'): void {
  if (typeof text !== 'string') throw new TypeError(`macAddress must be a string, got ${typeof text}`);
  if (mode !== 'tap')
    throw new RangeError('macAddress must be left out where there are no Ethernet frames (mode "tun")');
  const mac = parseMac(text);
  // The last bit of the first byte says that it is a group's.
  if (mac === null || mac === 0 || (Math.floor(mac / 0x100_0000_0000) & 1) === 1) {
    throw new RangeError(`macAddress must be the Ethernet address of one station, as 02:00:00:00:00:01, got "${text}"`);
  }
}

function parseHostAddress(text: string): AddressWithPrefix {
  if (typeof text !== 'string') throw new TypeError(`hostAddress must be a string, got ${typeof text}`);
  const [addressText = '', bitsText = '', ...rest] = text.split('/');
  const address = parseAddress(addressText);
  const prefixBits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : 0;
  const mostBits = addressText.includes(':') ? 128 : 32;
  if (address === null || rest.length > 0 || prefixBits < 1 || prefixBits > mostBits) {
    throw new RangeError(`hostAddress must be an address with prefix length, as 10.77.0.1/24, got "${text}"`);
  }
  const bytes = new Uint8Array(16);
  writeIpv6Address(bytes, 0, address);
  return { text: addressText, bytes: mostBits === 32 ? bytes.slice(12) : bytes, prefixBits };
}
