/** The system calls of the kernel that we run on, by libc: a result of 0 or more, or a negative errno. */

import koffi from 'koffi';

// null is the program itself: it has libc in it, be it glibc or musl.
const library = koffi.load(null);

/** A call of libc. Numbers and bytes go in; what the call wrote is in the bytes. */
export type LibcCall = (...args: (number | bigint | Uint8Array | null)[]) => number;

function declare(signature: string): LibcCall {
  const call = library.func(signature);
  return (...args) => {
    const result = Number(call(...args));
    return result < 0 ? -koffi.errno() : result;
  };
}

export const libc = {
  alarm: declare('uint alarm(uint seconds)'),
  setns: declare('int setns(int fd, int type)'),
  unshare: declare('int unshare(int flags)'),
  setrlimit: declare('int setrlimit(int resource, const void *limit)'),
  pipe2: declare('int pipe2(void *fds, int flags)'),
  socket: declare('int socket(int domain, int type, int protocol)'),
  bind: declare('int bind(int fd, const void *address, uint length)'),
  listen: declare('int listen(int fd, int backlog)'),
  accept4: declare('int accept4(int fd, void *address, void *length, int flags)'),
  accept: declare('int accept(int fd, void *address, void *length)'),
  connect: declare('int connect(int fd, const void *address, uint length)'),
  read: declare('intptr_t read(int fd, void *into, size_t length)'),
  write: declare('intptr_t write(int fd, const void *from, size_t length)'),
  send: declare('intptr_t send(int fd, const void *from, size_t length, int flags)'),
  recv: declare('intptr_t recv(int fd, void *into, size_t length, int flags)'),
  sendto: declare('intptr_t sendto(int fd, const void *from, size_t length, int flags, const void *to, uint toLength)'),
  recvfrom: declare(
    'intptr_t recvfrom(int fd, void *into, size_t length, int flags, void *address, void *addressLength)',
  ),
  sendmsg: declare('intptr_t sendmsg(int fd, const void *message, int flags)'),
  recvmsg: declare('intptr_t recvmsg(int fd, void *message, int flags)'),
  readv: declare('intptr_t readv(int fd, const void *parts, int count)'),
  writev: declare('intptr_t writev(int fd, const void *parts, int count)'),
  shutdown: declare('int shutdown(int fd, int how)'),
  close: declare('int close(int fd)'),
  dup: declare('int dup(int fd)'),
  dup2: declare('int dup2(int fd, int newFd)'),
  dup3: declare('int dup3(int fd, int newFd, int flags)'),
  // The argument of fcntl() and the value of ioctl() are variadic; a long and a pointer are passed alike everywhere.
  fcntl: declare('int fcntl(int fd, int command, long argument)'),
  ioctl: declare('int ioctl(int fd, ulong request, void *value)'),
  getsockname: declare('int getsockname(int fd, void *address, void *length)'),
  getpeername: declare('int getpeername(int fd, void *address, void *length)'),
  getsockopt: declare('int getsockopt(int fd, int level, int name, void *value, void *length)'),
  setsockopt: declare('int setsockopt(int fd, int level, int name, const void *value, uint length)'),
  poll: declare('int poll(void *fds, ulong count, int timeoutMs)'),
  select: declare('int select(int nfds, void *reads, void *writes, void *excepts, void *timeout)'),
  epoll_create: declare('int epoll_create(int size)'),
  epoll_create1: declare('int epoll_create1(int flags)'),
  epoll_ctl: declare('int epoll_ctl(int epfd, int op, int fd, void *event)'),
  epoll_wait: declare('int epoll_wait(int epfd, void *events, int maxEvents, int timeoutMs)'),
};

/** Where these bytes are, for structures that point to others. They must stay reachable until the call. */
export function addressOf(bytes: Uint8Array): bigint {
  return BigInt(koffi.address(bytes));
}
