/** The socket calls. All are non-blocking, and return 0 or more, or a negative errno. */

import type { PollFd, SockAddr } from './call-types.ts';
import type { Kernel } from './kernel.ts';
import type { OptionValue } from './option-types.ts';
import { sysAccept } from './syscalls/accept.ts';
import { sysBind } from './syscalls/bind.ts';
import { sysClose } from './syscalls/close.ts';
import { sysConnect } from './syscalls/connect.ts';
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

/** The calls of one Host. Every call with a descriptor that is not open gives -EBADF. */
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
  /** Gives the descriptor back. Unread data, or SO_LINGER 0, resets the connection; otherwise it ends in order. */
  close(fd: number): number;
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

/** The calls over this kernel. */
export function createSyscalls(kernel: Kernel): Syscalls {
  return {
    socket: () => sysSocket(kernel),
    bind: (fd, address, port) => sysBind(kernel, fd, address, port),
    listen: (fd, backlog) => sysListen(kernel, fd, backlog),
    accept: (fd) => sysAccept(kernel, fd),
    connect: (fd, address, port) => sysConnect(kernel, fd, address, port),
    read: (fd, into, at = 0, end = into.length) => sysRead(kernel, fd, into, at, end),
    write: (fd, from, at = 0, end = from.length) => sysWrite(kernel, fd, from, at, end, false),
    send: (fd, from, at, end, flags) => sysSend(kernel, fd, from, at, end, flags),
    recv: (fd, into, at, end, flags) => sysRecv(kernel, fd, into, at, end, flags),
    shutdown: (fd, how) => sysShutdown(kernel, fd, how),
    close: (fd) => sysClose(kernel, fd),
    getsockname: (fd) => sysGetsockname(kernel, fd),
    getpeername: (fd) => sysGetpeername(kernel, fd),
    getsockopt: (fd, level, name) => sysGetsockopt(kernel, fd, level, name),
    setsockopt: (fd, level, name, value) => sysSetsockopt(kernel, fd, level, name, value),
    ioctl: (fd, request) => sysIoctl(kernel, fd, request),
    setsourceroute: (fd, hops) => sysSetsourceroute(kernel, fd, hops),
    recverr: (fd) => sysRecverr(kernel, fd),
    poll: (fds) => sysPoll(kernel, fds),
  };
}
