/** The socket calls. All are non-blocking, and return 0 or more, or a negative errno. */

import type { EpollEvent, MsgHdr, PollFd, SockAddr } from './call-types.ts';
import { AF_INET, SOCK_STREAM } from './constants.ts';
import type { FdSet } from './fd-set.ts';
import type { FdTable } from './fd-table.ts';
import type { Kernel } from './kernel.ts';
import type { OptionValue } from './option-types.ts';
import { sysAccept } from './syscalls/accept.ts';
import { sysBind } from './syscalls/bind.ts';
import { sysClose } from './syscalls/close.ts';
import { sysConnect } from './syscalls/connect.ts';
import { sysDup, sysDup2, sysDup3 } from './syscalls/dup.ts';
import { sysEpollCreate, sysEpollCreate1, sysEpollCtl, sysEpollWait } from './syscalls/epoll.ts';
import { type SocketErrorReport, sysRecverr } from './syscalls/error-queue.ts';
import { sysFcntl } from './syscalls/fcntl.ts';
import { sysIoctl } from './syscalls/ioctl.ts';
import { sysListen } from './syscalls/listen.ts';
import { sysReadv, sysRecvmsg, sysSendmsg, sysWritev } from './syscalls/messages.ts';
import { sysGetpeername, sysGetsockname } from './syscalls/names.ts';
import { sysGetsockopt, sysSetsockopt } from './syscalls/options.ts';
import { sysPoll } from './syscalls/poll.ts';
import { type NameOut, sysRead, sysRecv, sysRecvfrom } from './syscalls/read.ts';
import { sysSelect } from './syscalls/select.ts';
import { sysSendto } from './syscalls/sendto.ts';
import { sysShutdown } from './syscalls/shutdown.ts';
import { sysSocket } from './syscalls/socket.ts';
import { sysSetsourceroute } from './syscalls/source-route.ts';
import { sysWrite } from './syscalls/write.ts';

export type { ControlMessage, EpollEvent, ExtendedError, MsgHdr, PacketInfo, PollFd, SockAddr } from './call-types.ts';
export type { FdSet } from './fd-set.ts';
export type { GroupRequest, Linger, OptionValue, TcpInfo, TimeValue } from './option-types.ts';
export type { SocketErrorReport } from './syscalls/error-queue.ts';
export type { NameOut } from './syscalls/read.ts';

/**
 * The calls of one owner of descriptors. Every call with a descriptor that is not open gives -EBADF; with an epoll
 * instance, calls for sockets give -ENOTSOCK, and read(), write(), readv(), writev() and ioctl() -EINVAL.
 */
export interface Syscalls {
  /**
   * A new socket: its descriptor, the lowest free one. An AF_INET6 socket speaks IPv4 too, with "::ffff:192.0.2.1"-like
   * addresses, unless IPV6_V6ONLY is set. Default: AF_INET, SOCK_STREAM, whose protocol is TCP. The type may come with
   * SOCK_NONBLOCK and SOCK_CLOEXEC. -EAFNOSUPPORT, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EINVAL, -EMFILE, -ENFILE.
   */
  socket(domain?: number, type?: number, protocol?: number): number;
  /**
   * Claims an address ("0.0.0.0" and "::" are any) and port (0 picks one). -EADDRINUSE, -EADDRNOTAVAIL when the
   * address is not ours, -EINVAL when already bound or connected, or malformed, -EAFNOSUPPORT for one of the other family.
   */
  bind(fd: number, address: string | SockAddr, port?: number): number;
  /** Opens passively; up to `backlog` + 1 finished connections wait for accept(). -EADDRINUSE, -EINVAL. */
  listen(fd: number, backlog: number): number;
  /** The descriptor of the oldest waiting connection; -EAGAIN when none waits, -EINVAL when not listening, -EMFILE. */
  accept(fd: number): number;
  /** The same, with SOCK_NONBLOCK and SOCK_CLOEXEC for the new descriptor; -EINVAL for other flags. */
  accept4(fd: number, flags: number): number;
  /**
   * Opens actively. -EINPROGRESS when the SYN is on its way: POLLOUT says that it ended, SO_ERROR how. -EALREADY,
   * -EISCONN from the first success on, -EADDRNOTAVAIL when no port or no address of ours is free, -ENETUNREACH without a
   * route, -EOPNOTSUPP on a listener, -EINVAL, -EAFNOSUPPORT; or once the error of the attempt before, when nobody asked for it. 0 with
   * TCP_FASTOPEN_CONNECT where a cookie of the server is known: the SYN waits for the first bytes, and takes them along.
   */
  connect(fd: number, address: string | SockAddr, port?: number): number;
  /** Bytes moved to `into[at, end)`; 0 at the end of the stream; -EAGAIN, -ENOTCONN, or the connection's error once. */
  read(fd: number, into: Uint8Array, at?: number, end?: number): number;
  /** Bytes of `from[at, end)` taken, perhaps fewer; -EAGAIN when none fits, -EPIPE when it cannot send, or the error once. */
  write(fd: number, from: Uint8Array, at?: number, end?: number): number;
  /**
   * Like `write`. With MSG_OOB the last byte taken is urgent; with MSG_MORE a last small segment waits for more, as with
   * TCP_CORK. Other flags have no effect.
   */
  send(fd: number, from: Uint8Array, at: number, end: number, flags: number): number;
  /**
   * `send`, with a destination, which a stream passes over: it has one. With MSG_FASTOPEN it connects, too, and gives the
   * bytes that the SYN takes; or -EINPROGRESS, and the bytes are for later.
   */
  sendto(fd: number, from: Uint8Array, at: number, end: number, flags: number, to?: SockAddr | null): number;
  /**
   * `send` of several buffers, one after the other. Control messages say of a datagram where it leaves, from which
   * address, with which time to live and TOS. -EMSGSIZE for more than 1024; -EINVAL and -ENODEV of control messages.
   */
  sendmsg(fd: number, message: Readonly<MsgHdr>, flags?: number): number;
  /** `write` of several buffers. -EINVAL for more than 1024. */
  writev(fd: number, iov: readonly Uint8Array[]): number;
  /**
   * Like `read`; with MSG_PEEK what was read stays, with MSG_TRUNC it is not copied, and no bytes at all ask for an
   * error. MSG_OOB reads the one byte out of band: -EINVAL when there is none or SO_OOBINLINE keeps it in the stream,
   * -EAGAIN while it is announced and has not come. MSG_ERRQUEUE takes an error report: 0 or -EAGAIN.
   */
  recv(fd: number, into: Uint8Array, at: number, end: number, flags: number): number;
  /** `recv`, and who sent it into `from`: `null` on a stream. */
  recvfrom(fd: number, into: Uint8Array, at: number, end: number, flags: number, from?: NameOut | null): number;
  /**
   * `recv` into several buffers, one after the other; fills in the rest of `message`. With MSG_ERRQUEUE the error report
   * is a control message, and the name the peer's. -EMSGSIZE for more than 1024.
   */
  recvmsg(fd: number, message: MsgHdr, flags?: number): number;
  /** `read` into several buffers. -EINVAL for more than 1024. */
  readv(fd: number, iov: readonly Uint8Array[]): number;
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
  /**
   * FIONREAD (SIOCINQ), SIOCOUTQ, SIOCOUTQNSD or SIOCATMARK: a number. FIONBIO, FIOCLEX, FIONCLEX: 0. -ENOTTY for other
   * requests, -EINVAL on a listener where Linux has it.
   */
  ioctl(fd: number, request: number, argument?: number): number;
  /** Addresses by which the packets of a later connect() go, 9 at most: a loose source route. -EISCONN, -EINVAL. */
  setsourceroute(fd: number, hops: readonly string[]): number;
  /** The oldest error report of a socket with IP_RECVERR, once; -EAGAIN when none waits. Like MSG_ERRQUEUE. */
  recverr(fd: number): SocketErrorReport | number;
  /** Fills in `revents`; returns how many entries are ready. -EINVAL for more entries than there can be descriptors. */
  poll(fds: PollFd[]): number;
  /**
   * Leaves in the sets those descriptors below `nfds` that are ready to be read, to be written, or have urgent data;
   * returns how many bits are set. -EBADF, -EINVAL.
   */
  select(nfds: number, reads: FdSet | null, writes: FdSet | null, excepts: FdSet | null): number;
  /** `epoll_create1(0)`; -EINVAL unless `size` is positive. */
  epoll_create(size: number): number;
  /** An epoll instance, perhaps with EPOLL_CLOEXEC: its descriptor. -EINVAL for other flags, -EMFILE, -ENFILE. */
  epoll_create1(flags: number): number;
  /**
   * EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL. -EBADF, -EEXIST, -ENOENT, -ENOSPC; -ELOOP for instances that would
   * watch one another, or in a chain of more than five; -EINVAL for what is no instance, for itself, for another
   * operation, and where EPOLLEXCLUSIVE is not allowed; -EFAULT without an event where one belongs.
   */
  epoll_ctl(epfd: number, op: number, fd: number, event?: Readonly<EpollEvent> | null): number;
  /**
   * Puts up to `maxEvents` events into `events`, into the records that are there or else new ones; returns how many.
   * -EBADF, -EINVAL.
   *
   * @param isPatient Who calls will wait when there are none, and call again when there are. Of those that watch one
   *   descriptor with EPOLLEXCLUSIVE, an event then goes to the first who waits and to no other. Default false: the
   *   time-out is zero.
   */
  epoll_wait(epfd: number, events: EpollEvent[], maxEvents: number, isPatient?: boolean): number;
}

/** The calls over this kernel, of the owner of these descriptors. */
export function createSyscalls(kernel: Kernel, fds: FdTable): Syscalls {
  const as = (): Kernel => {
    kernel.fds = fds;
    return kernel;
  };
  return {
    socket: (domain = AF_INET, type = SOCK_STREAM, protocol = 0) => sysSocket(as(), domain, type, protocol),
    bind: (fd, address, port) => sysBind(as(), fd, address, port),
    listen: (fd, backlog) => sysListen(as(), fd, backlog),
    accept: (fd) => sysAccept(as(), fd, 0),
    accept4: (fd, flags) => sysAccept(as(), fd, flags),
    connect: (fd, address, port) => sysConnect(as(), fd, address, port),
    read: (fd, into, at = 0, end = into.length) => sysRead(as(), fd, into, at, end),
    write: (fd, from, at = 0, end = from.length) => sysWrite(as(), fd, from, at, end),
    send: (fd, from, at, end, flags) => sysSendto(as(), fd, from, at, end, flags, null),
    recv: (fd, into, at, end, flags) => sysRecv(as(), fd, into, at, end, flags),
    readv: (fd, iov) => sysReadv(as(), fd, iov),
    writev: (fd, iov) => sysWritev(as(), fd, iov),
    sendto: (fd, from, at, end, flags, to = null) => sysSendto(as(), fd, from, at, end, flags, to),
    recvfrom: (fd, into, at, end, flags, from = null) => sysRecvfrom(as(), fd, into, at, end, flags, from),
    sendmsg: (fd, message, flags = 0) => sysSendmsg(as(), fd, message, flags),
    recvmsg: (fd, message, flags = 0) => sysRecvmsg(as(), fd, message, flags),
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
    ioctl: (fd, request, argument = 0) => sysIoctl(as(), fd, request, argument),
    setsourceroute: (fd, hops) => sysSetsourceroute(as(), fd, hops),
    recverr: (fd) => sysRecverr(as(), fd),
    poll: (fds) => sysPoll(as(), fds),
    select: (nfds, reads, writes, excepts) => sysSelect(as(), nfds, reads, writes, excepts),
    epoll_create: (size) => sysEpollCreate(as(), size),
    epoll_create1: (flags) => sysEpollCreate1(as(), flags),
    epoll_ctl: (epfd, op, fd, event = null) => sysEpollCtl(as(), epfd, op, fd, event),
    epoll_wait: (epfd, events, maxEvents, isPatient = false) => sysEpollWait(as(), epfd, events, maxEvents, isPatient),
  };
}
