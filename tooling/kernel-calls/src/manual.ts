/** The errors that the manual pages list for each call, and why some of them cannot come here. */

/** Why an error of the manual pages never comes. */
const NEVER = {
  memory: 'a call is given arrays and records, which cannot lie outside of the memory',
  signals: 'no call waits, and there are no signals',
  room: 'memory is bounded for each queue, and a full queue is EAGAIN',
  users: 'a Host has no users but its own program',
  firewall: 'there is no firewall',
  files: 'sockets and epoll instances are no files of a disk',
  family: 'only sockets of other families give it',
  protocols: 'only protocols that are not here give it',
  late: 'Linux gives the connection all the same, and tells by the calls that follow; so do we',
  locks: 'only locks, leases and seals give it',
  length: 'values and addresses come without a length of their own',
  races: 'calls are made one after the other',
  stream: 'a stream says EPIPE',
  epollable: 'all that there are descriptors of can be watched',
} as const;

/** Why no case can show an error that comes here, and only unit tests do. */
const NOT_COMPARED = {
  machine: 'the kernel has one limit for the whole machine, which a test must not touch',
} as const;

/** Errors of one call. */
interface Manual {
  /** The pages, as `bind(2)`. */
  readonly pages: string;
  /** Those that a case must show; more may come. */
  readonly shown: readonly string[];
  /** Those that no case may show. */
  readonly never: Readonly<Record<string, keyof typeof NEVER>>;
  /** Those that come, and that only unit tests can show. */
  readonly units?: Readonly<Record<string, keyof typeof NOT_COMPARED>>;
}

const READING = { EFAULT: 'memory', EINTR: 'signals', ENOMEM: 'room' } as const;
const FILE = { EFAULT: 'memory', EINTR: 'signals', EIO: 'files' } as const;
const SENDING = { EFAULT: 'memory', EINTR: 'signals', ENOMEM: 'room', ENOBUFS: 'room' } as const;
const NAMES = { EFAULT: 'memory', EINVAL: 'length', ENOBUFS: 'room' } as const;
const EPOLL_NEW = { ENOMEM: 'room' } as const;
const ACCEPTING = {
  ECONNABORTED: 'late',
  EFAULT: 'memory',
  EINTR: 'signals',
  ENOBUFS: 'room',
  ENOMEM: 'room',
  EPERM: 'firewall',
  EPROTO: 'protocols',
  ENOSR: 'protocols',
  ESOCKTNOSUPPORT: 'protocols',
  EPROTONOSUPPORT: 'protocols',
  ETIMEDOUT: 'late',
} as const;

/** What all three calls with flags that send give. */
const SENT = [
  ...['EAGAIN', 'EALREADY', 'ECONNREFUSED', 'ECONNRESET', 'EDESTADDRREQ', 'EINVAL', 'EISCONN'],
  ...['EMSGSIZE', 'EOPNOTSUPP', 'EPIPE', 'ETIMEDOUT'],
];

/** By the name of the call. What only other families or files give is left out where it is many. */
export const MANUAL: Readonly<Record<string, Manual>> = {
  socket: {
    pages: 'socket(2)',
    shown: ['EAFNOSUPPORT', 'EINVAL', 'EMFILE', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT'],
    units: { ENFILE: 'machine' },
    never: { EACCES: 'users', ENOBUFS: 'room', ENOMEM: 'room' },
  },
  bind: {
    pages: 'bind(2), ip(7)',
    shown: ['EADDRINUSE', 'EBADF', 'EINVAL', 'ENOTSOCK', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENODEV'],
    never: { EACCES: 'users', EFAULT: 'memory', ENOMEM: 'room' },
  },
  listen: { pages: 'listen(2)', shown: ['EADDRINUSE', 'EBADF', 'ENOTSOCK', 'EOPNOTSUPP', 'EINVAL'], never: {} },
  accept: {
    pages: 'accept(2)',
    shown: ['EAGAIN', 'EBADF', 'EINVAL', 'EMFILE', 'ENOTSOCK', 'EOPNOTSUPP'],
    units: { ENFILE: 'machine' },
    never: ACCEPTING,
  },
  accept4: {
    pages: 'accept(2)',
    shown: ['EAGAIN', 'EBADF', 'EINVAL', 'EMFILE', 'ENOTSOCK', 'EOPNOTSUPP'],
    units: { ENFILE: 'machine' },
    never: ACCEPTING,
  },
  connect: {
    pages: 'connect(2), ip(7), tcp(7)',
    shown: [
      ...['EACCES', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EALREADY', 'EBADF', 'ECONNREFUSED', 'EINPROGRESS'],
      ...['EISCONN', 'ENETUNREACH', 'ENOTSOCK', 'ETIMEDOUT', 'EINVAL', 'ECONNABORTED', 'EHOSTUNREACH'],
    ],
    never: {
      EPERM: 'firewall',
      EADDRINUSE: 'protocols',
      EAGAIN: 'family',
      EFAULT: 'memory',
      EINTR: 'signals',
      EPROTOTYPE: 'family',
    },
  },
  read: {
    pages: 'read(2), tcp(7), udp(7)',
    shown: ['EAGAIN', 'EBADF', 'EINVAL', 'ECONNREFUSED', 'ECONNRESET', 'ENOTCONN', 'ETIMEDOUT'],
    never: { ...FILE, EISDIR: 'files' },
  },
  write: {
    pages: 'write(2), tcp(7), udp(7)',
    shown: [
      'EAGAIN',
      'EBADF',
      'EDESTADDRREQ',
      'EINVAL',
      'EPIPE',
      'ECONNREFUSED',
      'ECONNRESET',
      'EMSGSIZE',
      'ETIMEDOUT',
    ],
    never: { ...FILE, EDQUOT: 'files', EFBIG: 'files', ENOSPC: 'files', EPERM: 'files' },
  },
  send: {
    pages: 'send(2), tcp(7), udp(7)',
    shown: [...SENT, 'EBADF', 'ENOTSOCK'],
    never: { ...SENDING, ENOTCONN: 'stream' },
  },
  sendto: {
    pages: 'send(2), tcp(7), udp(7)',
    shown: [...SENT, 'EBADF', 'ENOTSOCK', 'EACCES', 'ENETUNREACH', 'EAFNOSUPPORT'],
    never: { ...SENDING, ENOTCONN: 'stream' },
  },
  sendmsg: {
    pages: 'send(2), tcp(7), udp(7)',
    shown: [...SENT, 'EBADF', 'ENOTSOCK'],
    never: { ...SENDING, ENOTCONN: 'stream' },
  },
  writev: {
    pages: 'readv(2), write(2)',
    shown: ['EAGAIN', 'EBADF', 'EDESTADDRREQ', 'EINVAL', 'EPIPE', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'],
    never: { ...FILE, EOPNOTSUPP: 'files' },
  },
  recv: {
    pages: 'recv(2)',
    shown: ['EAGAIN', 'EBADF', 'ECONNREFUSED', 'ECONNRESET', 'EINVAL', 'ENOTCONN', 'ENOTSOCK', 'ETIMEDOUT'],
    never: READING,
  },
  recvfrom: {
    pages: 'recv(2)',
    shown: ['EAGAIN', 'EBADF', 'ECONNREFUSED', 'ECONNRESET', 'EINVAL', 'ENOTCONN', 'ENOTSOCK', 'ETIMEDOUT'],
    never: READING,
  },
  recvmsg: {
    pages: 'recv(2)',
    shown: ['EAGAIN', 'EBADF', 'ECONNREFUSED', 'ECONNRESET', 'EINVAL', 'ENOTCONN', 'ENOTSOCK', 'EMSGSIZE', 'ETIMEDOUT'],
    never: READING,
  },
  readv: {
    pages: 'readv(2), read(2)',
    shown: ['EAGAIN', 'EBADF', 'EINVAL', 'ECONNREFUSED', 'ECONNRESET', 'ENOTCONN', 'ETIMEDOUT'],
    never: { ...FILE, EISDIR: 'files', EOPNOTSUPP: 'files' },
  },
  shutdown: { pages: 'shutdown(2)', shown: ['EBADF', 'EINVAL', 'ENOTCONN', 'ENOTSOCK'], never: {} },
  close: {
    pages: 'close(2)',
    shown: ['EBADF'],
    never: { EINTR: 'signals', EIO: 'files', ENOSPC: 'files', EDQUOT: 'files' },
  },
  dup: { pages: 'dup(2)', shown: ['EBADF', 'EMFILE'], never: {} },
  dup2: { pages: 'dup(2)', shown: ['EBADF'], never: { EBUSY: 'races', EINTR: 'signals' } },
  dup3: { pages: 'dup(2)', shown: ['EBADF', 'EINVAL'], never: { EBUSY: 'races', EINTR: 'signals' } },
  fcntl: {
    pages: 'fcntl(2)',
    shown: ['EBADF', 'EINVAL', 'EMFILE'],
    never: {
      EACCES: 'locks',
      EAGAIN: 'locks',
      EBUSY: 'locks',
      EDEADLK: 'locks',
      EFAULT: 'memory',
      EINTR: 'signals',
      ENOLCK: 'locks',
      ENOTDIR: 'files',
      EPERM: 'locks',
    },
  },
  ioctl: { pages: 'ioctl(2), tcp(7), udp(7)', shown: ['EBADF', 'EINVAL', 'ENOTTY'], never: { EFAULT: 'memory' } },
  getsockopt: {
    pages: 'getsockopt(2), ip(7)',
    shown: ['EBADF', 'ENOPROTOOPT', 'EOPNOTSUPP', 'ENOTCONN', 'ENOTSOCK'],
    never: { EFAULT: 'memory', EINVAL: 'length' },
  },
  setsockopt: {
    pages: 'getsockopt(2), socket(7), ip(7), ipv6(7)',
    shown: ['EBADF', 'EDOM', 'EINVAL', 'ENODEV', 'ENOENT', 'ENOPROTOOPT', 'ENOTSOCK'],
    never: { EFAULT: 'memory', EPERM: 'users' },
  },
  getsockname: { pages: 'getsockname(2)', shown: ['EBADF', 'ENOTSOCK'], never: NAMES },
  getpeername: { pages: 'getpeername(2)', shown: ['EBADF', 'ENOTCONN', 'ENOTSOCK'], never: NAMES },
  poll: { pages: 'poll(2)', shown: ['EINVAL'], never: { EFAULT: 'memory', EINTR: 'signals', ENOMEM: 'room' } },
  select: { pages: 'select(2)', shown: ['EBADF', 'EINVAL'], never: { EINTR: 'signals', ENOMEM: 'room' } },
  epoll_create: {
    pages: 'epoll_create(2)',
    shown: ['EINVAL', 'EMFILE'],
    units: { ENFILE: 'machine' },
    never: EPOLL_NEW,
  },
  epoll_create1: {
    pages: 'epoll_create(2)',
    shown: ['EINVAL', 'EMFILE'],
    units: { ENFILE: 'machine' },
    never: EPOLL_NEW,
  },
  epoll_ctl: {
    pages: 'epoll_ctl(2)',
    shown: ['EBADF', 'EEXIST', 'EINVAL', 'ELOOP', 'ENOENT', 'EFAULT'],
    units: { ENOSPC: 'machine' },
    never: { ENOMEM: 'room', EPERM: 'epollable' },
  },
  epoll_wait: { pages: 'epoll_wait(2)', shown: ['EBADF', 'EINVAL'], never: { EFAULT: 'memory', EINTR: 'signals' } },
};

/** Calls that the kernel has not, and what it has in their place. */
export const OURS_ONLY: Readonly<Record<string, string>> = {
  setsourceroute: '`setsockopt(IP_OPTIONS)` with raw bytes',
  recverr: '`recvmsg(MSG_ERRQUEUE)`',
};

/** Why an error never comes. */
export function whyNever(reason: keyof typeof NEVER): string {
  return NEVER[reason];
}

/** Why an error is not compared. */
export function whyNotCompared(reason: keyof typeof NOT_COMPARED): string {
  return NOT_COMPARED[reason];
}
