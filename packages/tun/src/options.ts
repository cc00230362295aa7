/** What a caller may ask of a TUN device, and the checks of it. */

import type { TunError } from './tun-error.ts';

/** How to open a TUN device. */
export interface TunOptions {
  /** Name of the interface, 1 to 15 of `A-Z a-z 0-9 _ . -`; a final `%d` lets the kernel count. Default `tcp0`. */
  readonly name?: string;
  /**
   * Address and prefix length of the kernel's side, as `10.77.0.1/24`. The device is then configured and
   * brought up. Without it the device is left as it is: root may have made it before.
   */
  readonly hostAddress?: string;
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

/** An IPv4 address and the length of its prefix. */
export interface AddressWithPrefix {
  /** Four bytes, network order. */
  readonly bytes: Uint8Array;
  /** Bits, 1 to 32. */
  readonly prefixBits: number;
}

/** `TunOptions` after the checks; undefined means: leave as it is. */
export interface CheckedOptions {
  readonly name: string;
  readonly hostAddress: AddressWithPrefix | undefined;
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
  const { name = 'tcp0', hostAddress, mtuBytes, offload = true, txQueueLength, multiQueue = false, onLost } = options;
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
    name,
    hostAddress: hostAddress === undefined ? undefined : parseAddress(hostAddress),
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

function parseAddress(text: string): AddressWithPrefix {
  if (typeof text !== 'string') throw new TypeError(`hostAddress must be a string, got ${typeof text}`);
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const numbers = match === null ? [] : match.slice(1).map(Number);
  const prefixBits = numbers.pop() ?? 0;
  if (match === null || numbers.some((n) => n > 255) || prefixBits < 1 || prefixBits > 32) {
    throw new RangeError(`hostAddress must be an IPv4 address with prefix length, as 10.77.0.1/24, got "${text}"`);
  }
  return { bytes: Uint8Array.from(numbers), prefixBits };
}
