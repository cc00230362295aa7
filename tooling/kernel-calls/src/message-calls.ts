/** readv, writev, sendmsg and recvmsg over the kernel's: `struct iovec`, `struct msghdr` and `struct cmsghdr`. */

import { IP_RECVERR, IPPROTO_IP, IPPROTO_IPV6, IPV6_RECVERR } from '@tcpstack/sockets/constants';
import type { ControlMessage, MsgHdr } from '@tcpstack/sockets/syscalls';
import { isPacketInfo, readPacketInfo, writeControl } from './control-bytes.ts';
import { addressOf, libc } from './libc.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_BYTES } from './sockaddr.ts';

const IOVEC_BYTES = 16;
const MSGHDR_BYTES = 56;
const CMSGHDR_BYTES = 16;
const CONTROL_BYTES = 1024;

/** The array of `struct iovec` for these buffers, which must outlive it. */
export function iovecs(iov: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(Math.max(1, iov.length) * IOVEC_BYTES);
  const view = new DataView(bytes.buffer);
  iov.forEach((part, i) => {
    view.setBigUint64(i * IOVEC_BYTES, part.length === 0 ? 0n : addressOf(part), true);
    view.setBigUint64(i * IOVEC_BYTES + 8, BigInt(part.length), true);
  });
  return bytes;
}

interface Built {
  readonly header: Uint8Array;
  readonly view: DataView;
  /** What the header points to: to be kept as long as it. */
  readonly parts: readonly Uint8Array[];
}

function build(iov: readonly Uint8Array[], name: Uint8Array | null, control: Uint8Array | null): Built {
  const header = new Uint8Array(MSGHDR_BYTES);
  const view = new DataView(header.buffer);
  const vectors = iovecs(iov);
  view.setBigUint64(0, name === null ? 0n : addressOf(name), true);
  view.setUint32(8, name?.length ?? 0, true);
  view.setBigUint64(16, addressOf(vectors), true);
  view.setBigUint64(24, BigInt(iov.length), true);
  view.setBigUint64(32, control === null ? 0n : addressOf(control), true);
  view.setBigUint64(40, BigInt(control?.length ?? 0), true);
  return { header, view, parts: [vectors, ...iov, ...(name ? [name] : []), ...(control ? [control] : [])] };
}

export function sendMsg(fd: number, message: MsgHdr, flags: number): number {
  const name = message.name ? encodeSockaddr(message.name) : null;
  const control = message.control === undefined ? null : writeControl(message.control);
  const built = build(message.iov, name, control);
  const result = libc.sendmsg(fd, built.header, flags);
  return built.parts.length > 0 ? result : 0;
}

export function recvMsg(fd: number, message: MsgHdr, flags: number): number {
  const [name, control] = [new Uint8Array(SOCKADDR_BYTES), new Uint8Array(CONTROL_BYTES)];
  const { header, view } = build(message.iov, name, control);
  const result = libc.recvmsg(fd, header, flags);
  if (result < 0) return result;
  message.name = view.getUint32(8, true) === 0 ? null : decodeSockaddr(name);
  message.control = readControl(control.subarray(0, Number(view.getBigUint64(40, true))));
  message.flags = view.getInt32(48, true);
  return result;
}

function readControl(bytes: Uint8Array): ControlMessage[] {
  const messages: ControlMessage[] = [];
  for (let at = 0; at + CMSGHDR_BYTES <= bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const length = Number(view.getBigUint64(0, true));
    const [level, type] = [view.getInt32(8, true), view.getInt32(12, true)];
    const value = bytes.subarray(at + CMSGHDR_BYTES, at + length);
    if (isReport(level, type)) messages.push({ level, type, error: readExtendedError(value) });
    else if (isPacketInfo(level, type)) messages.push({ level, type, info: readPacketInfo(level, value) });
    else messages.push({ level, type, value: view.getInt32(CMSGHDR_BYTES, true) });
    at += (length + 7) & ~7;
  }
  return messages;
}

function isReport(level: number, type: number): boolean {
  return (level === IPPROTO_IP && type === IP_RECVERR) || (level === IPPROTO_IPV6 && type === IPV6_RECVERR);
}

function readExtendedError(bytes: Uint8Array): NonNullable<ControlMessage['error']> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const offender = decodeSockaddr(bytes.subarray(16)).address;
  return {
    errno: view.getUint32(0, true),
    origin: view.getUint8(4),
    type: view.getUint8(5),
    code: view.getUint8(6),
    info: view.getUint32(8, true),
    data: view.getUint32(12, true),
    offender: offender === '' ? null : offender,
  };
}
