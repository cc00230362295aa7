/** Setting up a network interface by rtnetlink: the two messages behind `ip link set` and `ip addr add`. */

import { constants } from 'node:os';
import type { DeviceCalls } from './device-calls.ts';

// linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 0x001;
const NLM_F_ACK = 0x004;
const NLM_F_REPLACE = 0x100;
const NLM_F_CREATE = 0x400;
const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const IFLA_MTU = 4;
const IFLA_TXQLEN = 13;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFF_UP = 1;
const AF_INET = 2;
const AF_INET6 = 10;

const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** More than the largest of our messages and of the kernel's answers to them. */
const MESSAGE_BYTES = 256;

/** A request being written, then the answer to it. */
interface Message {
  readonly view: DataView;
  lengthBytes: number;
}

/** What to change of an interface; undefined leaves it. */
export interface LinkSettings {
  readonly mtuBytes?: number | undefined;
  readonly txQueueLength?: number | undefined;
  readonly isUp?: true | undefined;
}

/** Changes an interface. The change holds when this returns 0; else the negative number of the error. */
export function setLink(calls: DeviceCalls, index: number, settings: LinkSettings): number {
  const message = begin(RTM_NEWLINK, 0);
  const { view } = message;
  // struct ifinfomsg: u8 family, u8, u16 type, i32 index, u32 flags, u32 mask of the flags to change
  view.setInt32(HEADER_BYTES + 4, index, true);
  const up = settings.isUp ? IFF_UP : 0;
  view.setUint32(HEADER_BYTES + 8, up, true);
  view.setUint32(HEADER_BYTES + 12, up, true);
  message.lengthBytes += 16;
  if (settings.mtuBytes !== undefined) view.setUint32(attribute(message, IFLA_MTU, 4), settings.mtuBytes, true);
  if (settings.txQueueLength !== undefined)
    view.setUint32(attribute(message, IFLA_TXQLEN, 4), settings.txQueueLength, true);
  return exchange(calls, message);
}

/** Gives an interface an address of four or sixteen bytes, or keeps it when it has it. 0, or the negative number of the error. */
export function addAddress(calls: DeviceCalls, index: number, address: Uint8Array, prefixBits: number): number {
  const message = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  const { view } = message;
  // struct ifaddrmsg: u8 family, u8 prefix length, u8 flags, u8 scope, u32 index
  view.setUint8(HEADER_BYTES, address.length === 4 ? AF_INET : AF_INET6);
  view.setUint8(HEADER_BYTES + 1, prefixBits);
  view.setUint32(HEADER_BYTES + 4, index, true);
  message.lengthBytes += 8;
  for (const type of [IFA_LOCAL, IFA_ADDRESS]) {
    new Uint8Array(view.buffer).set(address, attribute(message, type, address.length));
  }
  return exchange(calls, message);
}

function begin(type: number, flags: number): Message {
  const view = new DataView(new ArrayBuffer(MESSAGE_BYTES));
  // struct nlmsghdr: u32 length (last), u16 type, u16 flags, u32 sequence, u32 port
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_ACK | flags, true);
  return { view, lengthBytes: HEADER_BYTES };
}

/** Appends an attribute of a multiple of four bytes and returns where its value goes. */
function attribute(message: Message, type: number, valueBytes: number): number {
  const at = message.lengthBytes;
  message.view.setUint16(at, ATTRIBUTE_HEADER_BYTES + valueBytes, true);
  message.view.setUint16(at + 2, type, true);
  message.lengthBytes += ATTRIBUTE_HEADER_BYTES + valueBytes;
  return at + ATTRIBUTE_HEADER_BYTES;
}

/** Sends a request; the kernel has carried it out and answered when the write returns. */
function exchange(calls: DeviceCalls, message: Message): number {
  const { view } = message;
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(0, message.lengthBytes, true);
  const socket = calls.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  if (socket < 0) return socket;
  const address = calls.addressOf(bytes);
  let n = calls.write(socket, address, message.lengthBytes);
  if (n >= 0) n = calls.read(socket, address, bytes.length);
  calls.closeSocket(socket);
  if (n < 0) return n;
  if (n < HEADER_BYTES + 4 || view.getUint16(4, true) !== NLMSG_ERROR) return -constants.errno.EPROTO;
  return view.getInt32(HEADER_BYTES, true);
}
