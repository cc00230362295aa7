/** Making, or attaching to, a TUN interface, and configuring it. */

import { writeFileSync } from 'node:fs';
import type { DeviceCalls } from './device-calls.ts';
import type { CheckedOptions } from './options.ts';
import { addAddress, setLink } from './rtnetlink.ts';
import { attachFailed, configureFailed, openFailed } from './tun-error.ts';
import { VNET_HEADER_BYTES } from './virtio-header.ts';

const PATH = '/dev/net/tun';

// linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETHDRSZ = 0x400454d8;
const IFF_TUN = 0x0001;
const IFF_TAP = 0x0002;
const IFF_MULTI_QUEUE = 0x0100;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
/** CSUM, TSO4, TSO6, TSO_ECN: the kernel may leave sums open and hand over unsplit TCP. */
const OFFLOADS = 0x01 | 0x02 | 0x04 | 0x08;

// linux/sockios.h, bits/socket.h
const SIOCGIFMTU = 0x8921;
const SIOCGIFINDEX = 0x8933;
const AF_INET = 2;
const SOCK_DGRAM = 2;

/** `struct ifreq`: 16 bytes of name, then a union. */
const IFREQ_BYTES = 40;
const IFREQ_NAME_BYTES = 16;

/** An open queue of a TUN interface. */
export interface TunDevice {
  /** Non-blocking descriptor: one packet per read and per write. */
  readonly fd: number;
  /** Name that the kernel gave it. */
  readonly name: string;
  /** Most bytes of an IP packet. */
  readonly mtuBytes: number;
}

/**
 * Opens (and makes, when there is none) the interface, and sets what the options ask for.
 *
 * @throws {TunError} With nothing left open.
 */
export function openDevice(calls: DeviceCalls, options: CheckedOptions): TunDevice {
  const fd = calls.open(PATH);
  if (fd < 0) throw openFailed(fd, PATH);
  try {
    const isNew = ask(calls, options.name, SIOCGIFINDEX) < 0;
    const name = attach(calls, fd, options);
    setOffloads(calls, fd, name, options.offload);
    return { fd, name, mtuBytes: configure(calls, name, options, isNew) };
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

function attach(calls: DeviceCalls, fd: number, options: CheckedOptions): string {
  const request = interfaceRequest(options.name);
  const vnet = options.offload ? IFF_VNET_HDR : 0;
  const mode = options.mode === 'tap' ? IFF_TAP : IFF_TUN;
  request.setInt16(IFREQ_NAME_BYTES, mode | IFF_NO_PI | vnet | (options.multiQueue ? IFF_MULTI_QUEUE : 0), true);
  const result = calls.ioctl(fd, TUNSETIFF, bytesOf(request));
  if (result < 0) throw attachFailed(result, options.name);
  return nameIn(request);
}

function setOffloads(calls: DeviceCalls, fd: number, name: string, offload: boolean): void {
  if (offload) {
    const size = new DataView(new ArrayBuffer(4));
    size.setInt32(0, VNET_HEADER_BYTES, true);
    const result = calls.ioctl(fd, TUNSETVNETHDRSZ, bytesOf(size));
    if (result < 0) throw configureFailed(result, name, 'TUNSETVNETHDRSZ', 'size of the packet header');
  }
  // Also when off: a persistent device remembers what its last user could do.
  const result = calls.ioctl(fd, TUNSETOFFLOAD, offload ? OFFLOADS : 0);
  if (result < 0) throw configureFailed(result, name, 'TUNSETOFFLOAD', 'offload');
}

/** Returns the MTU. */
function configure(calls: DeviceCalls, name: string, options: CheckedOptions, isNew: boolean): number {
  const { hostAddresses, txQueueLength } = options;
  const index = checked(ask(calls, name, SIOCGIFINDEX), name, 'SIOCGIFINDEX', 'finding it');
  const currentMtuBytes = checked(ask(calls, name, SIOCGIFMTU), name, 'SIOCGIFMTU', 'reading its MTU');
  const mtuBytes = options.mtuBytes === currentMtuBytes ? undefined : options.mtuBytes;
  const hasIpv6 = hostAddresses.some(({ bytes }) => bytes.length === 16);
  if (hostAddresses.length > 0 && isNew && !hasIpv6) silenceIpv6(name);
  if (mtuBytes !== undefined || txQueueLength !== undefined) {
    const setting = `MTU ${mtuBytes ?? currentMtuBytes}, transmit queue ${txQueueLength ?? 'as it is'}`;
    checked(setLink(calls, index, { mtuBytes, txQueueLength }), name, 'RTM_NEWLINK', setting);
  }
  for (const { text, bytes, prefixBits } of hostAddresses) {
    checked(addAddress(calls, index, bytes, prefixBits), name, 'RTM_NEWADDR', `address ${text}/${prefixBits}`);
  }
  if (hostAddresses.length > 0) checked(setLink(calls, index, { isUp: true }), name, 'RTM_NEWLINK', 'bringing it up');
  return options.mtuBytes ?? currentMtuBytes;
}

function checked(result: number, name: string, syscall: string, setting: string): number {
  if (result < 0) throw configureFailed(result, name, syscall, setting);
  return result;
}

/** A number that the kernel knows of an interface, or the negative number of the error. */
function ask(calls: DeviceCalls, name: string, code: number): number {
  const socket = calls.socket(AF_INET, SOCK_DGRAM, 0);
  if (socket < 0) return socket;
  const request = interfaceRequest(name);
  const result = calls.ioctl(socket, code, bytesOf(request));
  calls.closeSocket(socket);
  return result < 0 ? result : request.getInt32(IFREQ_NAME_BYTES, true);
}

/** A device that has only an IPv4 address need not solicit routers. A nicety: where `/proc/sys` is sealed, it will. */
function silenceIpv6(name: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, '1');
  } catch {}
}

function interfaceRequest(name: string): DataView {
  const bytes = new Uint8Array(IFREQ_BYTES);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return new DataView(bytes.buffer);
}

function nameIn(request: DataView): string {
  const bytes = bytesOf(request);
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer);
}
