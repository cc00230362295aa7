/** The socket calls. All are non-blocking, and return 0 or more, or a negative errno. */

import type { PollFd, SockAddr } from './call-types.ts';
import type { FdTable } from './fd-table.ts';
import type { Kernel } from './kernel.ts';
import type { OptionValue } from './option-types.ts';
import { sysAccept } from './syscalls/accept.ts';
import { sysBind } from './syscalls/bind.ts';
import { sysClose } from './syscalls/close.ts';
import { sysConnect } from './syscalls/connect.ts';
import { sysDup, sysDup2, sysDup3 } from './syscalls/dup.ts';
import { sysFcntl } from './syscalls/fcntl.ts';
import { sysIoctl } from './syscalls/ioctl.ts';
import { sysListen } from './syscalls/listen.ts';
import { sysGetpeername, sysGetsockname } from './syscalls/names.ts';
import { sysGetsockopt, sysSetsockopt } from './syscalls/options.ts';
import { sysPoll } from './syscalls/poll.ts';
import { sysRead } from './syscalls/read.ts';
import { sysRecv } from './syscalls/recv.ts';
import { type SocketErrorReport, sysRecverr } from './syscalls/recverr.ts';
import { sysShutdown } from './syscalls/shutdown.ts';
import { sysSocket } from './syscalls/socket.ts';
import { sysSetsourceroute } from './syscalls/source-route.ts';
import { sysSend, sysWrite } from './syscalls/write.ts';

export type { PollFd, SockAddr } from './call-types.ts';
export type { Linger, OptionValue, TimeValue } from './option-types.ts';
export type { SocketErrorReport } from './syscalls/recverr.ts';

/**
 * The calls of one owner of descriptors. Every call with a descriptor that is not open gives -EBADF; a call for sockets
 * gives -ENOTSOCK for an epoll instance.
 */
export interface Syscalls {
  /** A new stream socket: its descriptor, the lowest free one; -EMFILE at the limit. */
  socket(): number;
  /**
   * Claims an address ("0.0.0.0" is any) and port (0 picks one). -EADDRINUSE, -EADDRNOTAVAIL when the address is
   * not ours, -EINVAL when already bound or connected, or malformed.
   */
  bind(fd: number, address: string, port: number): number;
  /** Opens passively; up to `backlog` + 1 finished connections wait for accept(). -EADDRINUSE, -EINVAL. */
  listen(fd: number, backlog: number): number;
  /** The descriptor of the oldest waiting connection; -EAGAIN when none waits, -EINVAL when not listening, -EMFILE. */
  accept(fd: number): number;
  /** The same, with SOCK_NONBLOCK and SOCK_CLOEXEC for the new descriptor; -EINVAL for other flags. */
  accept4(fd: number, flags: number): number;
  /**
   * Opens actively. -EINPROGRESS when the SYN is on its way: POLLOUT says that it ended, SO_ERROR how. -EALREADY,
   * -EISCONN from the first success on, -EADDRNOTAVAIL when no port is free, -ENETUNREACH, -EOPNOTSUPP on a listener,
   * -EINVAL; or once the error of the attempt before, when nobody asked for it.
   */
  connect(fd: number, address: string, port: number): number;
  /** Bytes moved to `into[at, end)`; 0 at the end of the stream; -EAGAIN, -ENOTCONN, or the connection's error once. */
  read(fd: number, into: Uint8Array, at?: number, end?: number): number;
  /** Bytes of `from[at, end)` taken, perhaps fewer; -EAGAIN when none fits, -EPIPE when it cannot send, or the error once. */
  write(fd: number, from: Uint8Array, at?: number, end?: number): number;
  /** Like `write`. With MSG_OOB the last byte taken is urgent. -EOPNOTSUPP for flags that we do not know. */
  send(fd: number, from: Uint8Array, at: number, end: number, flags: number): number;
  /**
   * Like `read`; with MSG_PEEK what was read stays. MSG_OOB reads the one byte out of band: -EINVAL when there is none or
   * SO_OOBINLINE keeps it in the stream, -EAGAIN while it is announced and has not come.
   */
  recv(fd: number, into: Uint8Array, at: number, end: number, flags: number): number;
  /** Closes a direction: SHUT_RD, SHUT_WR (sends FIN) or SHUT_RDWR. -ENOTCONN, -EINVAL. */
  shutdown(fd: number, how: number): number;
  /**
   * Gives the descriptor back. With the last one of a socket its connection ends: by a reset where data is unread, or
   * with SO_LINGER 0, otherwise in order.
   */
  close(fd: number): number;
  /** Another descriptor, the lowest free one, of what `fd` refers to. -EMFILE. */
  dup(fd: number): number;
  /** The same with this number, whose descriptor is closed before; -EBADF when it is out of range. */
  dup2(fd: number, newFd: number): number;
  /** The same, perhaps with O_CLOEXEC; -EINVAL for other flags, and when both are one. */
  dup3(fd: number, newFd: number, flags: number): number;
  /** F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL or F_SETFL; -EINVAL for others, -EMFILE. */
  fcntl(fd: number, command: number, argument?: number): number;
  /** Our address and port; "0.0.0.0" and 0 while unbound. */
  getsockname(fd: number): SockAddr | number;
  /** The peer's address and port; -ENOTCONN. */
  getpeername(fd: number): SockAddr | number;
  /**
   * The value: a number for most options, a text or a record for some (docs/options.md). SO_ERROR gives a positive errno
   * and clears it. -ENOPROTOOPT for an option that there is not.
   */
  getsockopt(fd: number, level: number, name: number): OptionValue;
  /** 0; -ENOPROTOOPT, -EINVAL, also for a value of another type; -ENOENT for a name that there is not. */
  setsockopt(fd: number, level: number, name: number, value: OptionValue): number;
  /** FIONREAD, SIOCOUTQ or SIOCATMARK: a number; -ENOTTY for other requests, -EINVAL where Linux has it. */
  ioctl(fd: number, request: number): number;
  /** Addresses by which the packets of a later connect() go, 9 at most: a loose source route. -EISCONN, -EINVAL. */
  setsourceroute(fd: number, hops: readonly string[]): number;
  /** The oldest error report of a socket with IP_RECVERR, once; -EAGAIN when none waits. Like MSG_ERRQUEUE. */
  recverr(fd: number): SocketErrorReport | number;
  /** Fills in `revents`; returns how many entries are ready. */
  poll(fds: PollFd[]): number;
}

/** The calls over this kernel, of the owner of these descriptors. */
export function createSyscalls(kernel: Kernel, fds: FdTable): Syscalls {
  const as = (): Kernel => {
    kernel.fds = fds;
    return kernel;
  };
  return {
    socket: () => sysSocket(as()),
    bind: (fd, address, port) => sysBind(as(), fd, address, port),
    listen: (fd, backlog) => sysListen(as(), fd, backlog),
    accept: (fd) => sysAccept(as(), fd, 0),
    accept4: (fd, flags) => sysAccept(as(), fd, flags),
    connect: (fd, address, port) => sysConnect(as(), fd, address, port),
    read: (fd, into, at = 0, end = into.length) => sysRead(as(), fd, into, at, end),
    write: (fd, from, at = 0, end = from.length) => sysWrite(as(), fd, from, at, end, false),
    send: (fd, from, at, end, flags) => sysSend(as(), fd, from, at, end, flags),
    recv: (fd, into, at, end, flags) => sysRecv(as(), fd, into, at, end, flags),
    shutdown: (fd, how) => sysShutdown(as(), fd, how),
    close: (fd) => sysClose(as(), fd),
    dup: (fd) => sysDup(as(), fd),
    dup2: (fd, newFd) => sysDup2(as(), fd, newFd),
    dup3: (fd, newFd, flags) => sysDup3(as(), fd, newFd, flags),
    fcntl: (fd, command, argument = 0) => sysFcntl(as(), fd, command, argument),
    getsockname: (fd) => sysGetsockname(as(), fd),
    getpeername: (fd) => sysGetpeername(as(), fd),
    getsockopt: (fd, level, name) => sysGetsockopt(as(), fd, level, name),
    setsockopt: (fd, level, name, value) => sysSetsockopt(as(), fd, level, name, value),
    ioctl: (fd, request) => sysIoctl(as(), fd, request),
    setsourceroute: (fd, hops) => sysSetsourceroute(as(), fd, hops),
    recverr: (fd) => sysRecverr(as(), fd),
    poll: (fds) => sysPoll(as(), fds),
  };
}
