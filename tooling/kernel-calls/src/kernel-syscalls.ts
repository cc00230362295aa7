/** Our socket calls over those of the kernel: the same names, arguments and results. All are non-blocking. */

import {
  AF_INET,
  FIONREAD,
  O_NONBLOCK,
  SIOCATMARK,
  SIOCOUTQ,
  SIOCOUTQNSD,
  SOCK_STREAM,
} from '@tcpstack/sockets/constants';
import { EINVAL } from '@tcpstack/sockets/errno';
import type { MsgHdr, OptionValue, PollFd, SockAddr } from '@tcpstack/sockets/syscalls';
import { programFd, realFd } from './descriptors.ts';
import { libc } from './libc.ts';
import { iovecs, recvMsg, sendMsg } from './message-calls.ts';
import { decodeOption, encodeOption, optionBytes } from './option-bytes.ts';
import { decodeSockaddr, type Endpoint, encodeSockaddr, SOCKADDR_BYTES } from './sockaddr.ts';

const F_DUPFD = 0;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const POLLFD_BYTES = 8;
/** `struct epoll_event` is packed on x86-64, and nowhere else. */
const EPOLL_DATA_AT = process.arch === 'x64' ? 4 : 8;
const EPOLL_EVENT_BYTES = EPOLL_DATA_AT + 8;
const ASKS_FOR_A_NUMBER: readonly number[] = [FIONREAD, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD];

/** One entry of epoll_wait(). */
interface EpollEvent {
  events: number;
  data: number;
}

/** The file is non-blocking for as long as the call takes, whatever the program set. */
function atOnce(fd: number, call: (fd: number) => number): number {
  const real = realFd(fd);
  const flags = libc.fcntl(real, F_GETFL, 0);
  if (flags < 0 || (flags & O_NONBLOCK) !== 0) return call(real);
  libc.fcntl(real, F_SETFL, flags | O_NONBLOCK);
  const result = call(real);
  libc.fcntl(real, F_SETFL, flags);
  return result;
}

function withAddress(target: string | Endpoint, port: number, call: (bytes: Uint8Array) => number): number {
  const bytes = encodeSockaddr(typeof target === 'string' ? { address: target, port } : target);
  return bytes === null ? -EINVAL : call(bytes);
}

function nameBy(call: (address: Uint8Array, length: Uint8Array) => number): SockAddr | number {
  const address = new Uint8Array(SOCKADDR_BYTES);
  const result = call(address, new Uint8Array(Uint32Array.of(SOCKADDR_BYTES).buffer));
  return result < 0 ? result : decodeSockaddr(address);
}

const openingCalls = {
  socket: (domain = AF_INET, type = SOCK_STREAM, protocol = 0) => programFd(libc.socket(domain, type, protocol)),
  bind: (fd: number, target: string | Endpoint, port = 0) =>
    withAddress(target, port, (bytes) => libc.bind(realFd(fd), bytes, bytes.length)),
  listen: (fd: number, backlog: number) => libc.listen(realFd(fd), backlog),
  accept: (fd: number) => programFd(atOnce(fd, (real) => libc.accept(real, null, null))),
  accept4: (fd: number, flags: number) => programFd(atOnce(fd, (real) => libc.accept4(real, null, null, flags))),
  connect: (fd: number, target: string | Endpoint, port = 0) =>
    withAddress(target, port, (bytes) => atOnce(fd, (real) => libc.connect(real, bytes, bytes.length))),
  shutdown: (fd: number, how: number) => libc.shutdown(realFd(fd), how),
  close: (fd: number) => libc.close(realFd(fd)),
  getsockname: (fd: number) => nameBy((address, length) => libc.getsockname(realFd(fd), address, length)),
  getpeername: (fd: number) => nameBy((address, length) => libc.getpeername(realFd(fd), address, length)),
};

const dataCalls = {
  read(fd: number, into: Uint8Array, at = 0, end = into.length) {
    return atOnce(fd, (real) => libc.read(real, into.subarray(at, end), end - at));
  },
  write(fd: number, from: Uint8Array, at = 0, end = from.length) {
    return atOnce(fd, (real) => libc.write(real, from.subarray(at, end), end - at));
  },
  send(fd: number, from: Uint8Array, at: number, end: number, flags: number) {
    return atOnce(fd, (real) => libc.send(real, from.subarray(at, end), end - at, flags));
  },
  recv(fd: number, into: Uint8Array, at: number, end: number, flags: number) {
    return atOnce(fd, (real) => libc.recv(real, into.subarray(at, end), end - at, flags));
  },
};

const messageCalls = {
  readv(fd: number, iov: readonly Uint8Array[]) {
    return atOnce(fd, (real) => libc.readv(real, iovecs(iov), iov.length));
  },
  writev(fd: number, iov: readonly Uint8Array[]) {
    return atOnce(fd, (real) => libc.writev(real, iovecs(iov), iov.length));
  },
  sendto(fd: number, from: Uint8Array, at: number, end: number, flags: number, to: Endpoint | null = null) {
    const bytes = to === null ? null : encodeSockaddr(to);
    return atOnce(fd, (real) => libc.sendto(real, from.subarray(at, end), end - at, flags, bytes, bytes?.length ?? 0));
  },
  recvfrom(
    fd: number,
    into: Uint8Array,
    at: number,
    end: number,
    flags: number,
    from: { name: SockAddr | null } | null = null,
  ) {
    const address = new Uint8Array(SOCKADDR_BYTES);
    const length = Uint32Array.of(SOCKADDR_BYTES);
    const result = atOnce(fd, (real) =>
      libc.recvfrom(real, into.subarray(at, end), end - at, flags, address, new Uint8Array(length.buffer)),
    );
    if (result >= 0 && from !== null) from.name = length[0] === 0 ? null : decodeSockaddr(address);
    return result;
  },
  sendmsg: (fd: number, message: MsgHdr, flags = 0) => atOnce(fd, (real) => sendMsg(real, message, flags)),
  recvmsg: (fd: number, message: MsgHdr, flags = 0) => atOnce(fd, (real) => recvMsg(real, message, flags)),
};

const descriptorCalls = {
  dup: (fd: number) => programFd(libc.dup(realFd(fd))),
  dup2: (fd: number, newFd: number) => programFd(libc.dup2(realFd(fd), realFd(newFd))),
  dup3: (fd: number, newFd: number, flags: number) => programFd(libc.dup3(realFd(fd), realFd(newFd), flags)),
  fcntl(fd: number, command: number, argument = 0) {
    const gives = command === F_DUPFD || command === F_DUPFD_CLOEXEC;
    const result = libc.fcntl(realFd(fd), command, gives ? realFd(argument) : argument);
    return gives ? programFd(result) : result;
  },
  ioctl(fd: number, request: number, argument = 0) {
    const value = Int32Array.of(argument);
    const result = libc.ioctl(realFd(fd), request, new Uint8Array(value.buffer));
    return result === 0 && ASKS_FOR_A_NUMBER.includes(request) ? (value[0] as number) : result;
  },
};

const optionCalls = {
  getsockopt(fd: number, level: number, name: number): OptionValue {
    const room = optionBytes(level, name);
    const value = new Uint8Array(room);
    const length = Uint32Array.of(room);
    const lengthBytes = new Uint8Array(length.buffer);
    const result = libc.getsockopt(realFd(fd), level, name, value, lengthBytes);
    return result < 0 ? result : decodeOption(level, name, value.subarray(0, length[0]));
  },
  setsockopt(fd: number, level: number, name: number, value: OptionValue) {
    const bytes = encodeOption(level, name, value);
    return libc.setsockopt(realFd(fd), level, name, bytes, bytes.length);
  },
};

/** The bits of the program's numbers among those of all: the words of `fd_set`. */
function movedSet(set: Uint32Array | null, nfds: number): Uint8Array | null {
  if (set === null) return null;
  const moved = new Uint32Array(Math.max(32, (realFd(nfds) >>> 5) + 2));
  for (let fd = 0; fd < nfds; fd++) {
    if (((set[fd >>> 5] ?? 0) & (1 << (fd & 31))) !== 0) {
      const real = realFd(fd);
      moved[real >>> 5] = (moved[real >>> 5] as number) | (1 << (real & 31));
    }
  }
  return new Uint8Array(moved.buffer);
}

function movedBack(set: Uint32Array | null, moved: Uint8Array | null, nfds: number): void {
  if (set === null || moved === null) return;
  const words = new Uint32Array(moved.buffer);
  for (let fd = 0; fd < nfds && fd >>> 5 < set.length; fd++) {
    const real = realFd(fd);
    const isSet = ((words[real >>> 5] as number) & (1 << (real & 31))) !== 0;
    const word = (set[fd >>> 5] as number) & ~(1 << (fd & 31));
    set[fd >>> 5] = isSet ? word | (1 << (fd & 31)) : word;
  }
}

const readinessCalls = {
  poll(fds: PollFd[]) {
    const bytes = new Uint8Array(fds.length * POLLFD_BYTES);
    const view = new DataView(bytes.buffer);
    fds.forEach(({ fd, events }, i) => {
      view.setInt32(i * POLLFD_BYTES, realFd(fd), true);
      view.setInt16(i * POLLFD_BYTES + 4, events, true);
    });
    const result = libc.poll(bytes, fds.length, 0);
    if (result < 0) return result;
    fds.forEach((entry, i) => {
      entry.revents = view.getUint16(i * POLLFD_BYTES + 6, true);
    });
    return result;
  },
  select(nfds: number, reads: Uint32Array | null, writes: Uint32Array | null, excepts: Uint32Array | null) {
    const sets = [reads, writes, excepts];
    const moved = sets.map((set) => movedSet(set, nfds));
    const [r = null, w = null, x = null] = moved;
    const noTime = new Uint8Array(16);
    const result = libc.select(nfds < 0 ? nfds : realFd(nfds), r, w, x, noTime);
    if (result >= 0) sets.forEach((set, i) => void movedBack(set, moved[i] ?? null, nfds));
    return result;
  },
};

const epollCalls = {
  epoll_create: (size: number) => programFd(libc.epoll_create(size)),
  epoll_create1: (flags: number) => programFd(libc.epoll_create1(flags)),
  epoll_ctl(epfd: number, op: number, fd: number, event: EpollEvent | null = null) {
    if (event === null) return libc.epoll_ctl(realFd(epfd), op, realFd(fd), null);
    const bytes = new Uint8Array(EPOLL_EVENT_BYTES);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, event.events, true);
    view.setBigUint64(EPOLL_DATA_AT, BigInt(event.data), true);
    return libc.epoll_ctl(realFd(epfd), op, realFd(fd), bytes);
  },
  epoll_wait(epfd: number, events: EpollEvent[], maxEvents: number) {
    const room = Math.max(1, Math.min(maxEvents, 1024));
    const bytes = new Uint8Array(EPOLL_EVENT_BYTES * room);
    const view = new DataView(bytes.buffer);
    const count = libc.epoll_wait(realFd(epfd), bytes, Math.min(maxEvents, room), 0);
    for (let i = 0; i < count; i++) {
      const at = i * EPOLL_EVENT_BYTES;
      events[i] = { events: view.getInt32(at, true), data: Number(view.getBigUint64(at + EPOLL_DATA_AT, true)) };
    }
    return count;
  },
};

/** The calls by their names. */
export const kernelSyscalls = {
  ...openingCalls,
  ...dataCalls,
  ...messageCalls,
  ...descriptorCalls,
  ...optionCalls,
  ...readinessCalls,
  ...epollCalls,
};
