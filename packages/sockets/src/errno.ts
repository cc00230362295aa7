/** POSIX error numbers with Linux's values, their names and their messages. */

export const EPERM = 1;
export const ENOENT = 2;
export const EBADF = 9;
export const EAGAIN = 11;
export const EACCES = 13;
export const EFAULT = 14;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENFILE = 23;
export const EMFILE = 24;
export const ENOTTY = 25;
export const ENOSPC = 28;
export const EPIPE = 32;
export const EDOM = 33;
export const ELOOP = 40;
export const ENONET = 64;
export const EPROTO = 71;
export const ENOTSOCK = 88;
export const EDESTADDRREQ = 89;
export const EMSGSIZE = 90;
export const ENOPROTOOPT = 92;
export const EPROTONOSUPPORT = 93;
export const ESOCKTNOSUPPORT = 94;
export const EOPNOTSUPP = 95;
export const EAFNOSUPPORT = 97;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENETUNREACH = 101;
export const ECONNABORTED = 103;
export const ECONNRESET = 104;
export const ENOBUFS = 105;
export const EISCONN = 106;
export const ENOTCONN = 107;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
export const EHOSTDOWN = 112;
export const EHOSTUNREACH = 113;
export const EALREADY = 114;
export const EINPROGRESS = 115;
export const ECANCELED = 125;

const TABLE: ReadonlyMap<number, readonly [name: string, message: string]> = new Map([
  [EPERM, ['EPERM', 'operation not permitted']],
  [ENOENT, ['ENOENT', 'no such file or directory']],
  [EBADF, ['EBADF', 'bad file descriptor']],
  [EAGAIN, ['EAGAIN', 'resource temporarily unavailable']],
  [EACCES, ['EACCES', 'permission denied']],
  [EFAULT, ['EFAULT', 'bad address in system call argument']],
  [EEXIST, ['EEXIST', 'file already exists']],
  [ENODEV, ['ENODEV', 'no such device']],
  [EINVAL, ['EINVAL', 'invalid argument']],
  [ENFILE, ['ENFILE', 'file table overflow']],
  [EMFILE, ['EMFILE', 'too many open files']],
  [ENOTTY, ['ENOTTY', 'inappropriate ioctl for device']],
  [ENOSPC, ['ENOSPC', 'no space left on device']],
  [EPIPE, ['EPIPE', 'broken pipe']],
  [EDOM, ['EDOM', 'numerical argument out of domain']],
  [ELOOP, ['ELOOP', 'too many symbolic links encountered']],
  [ENONET, ['ENONET', 'machine is not on the network']],
  [EPROTO, ['EPROTO', 'protocol error']],
  [ENOTSOCK, ['ENOTSOCK', 'socket operation on non-socket']],
  [EDESTADDRREQ, ['EDESTADDRREQ', 'destination address required']],
  [EMSGSIZE, ['EMSGSIZE', 'message too long']],
  [ENOPROTOOPT, ['ENOPROTOOPT', 'protocol not available']],
  [EPROTONOSUPPORT, ['EPROTONOSUPPORT', 'protocol not supported']],
  [ESOCKTNOSUPPORT, ['ESOCKTNOSUPPORT', 'socket type not supported']],
  [EOPNOTSUPP, ['EOPNOTSUPP', 'operation not supported on socket']],
  [EAFNOSUPPORT, ['EAFNOSUPPORT', 'address family not supported']],
  [EADDRINUSE, ['EADDRINUSE', 'address already in use']],
  [EADDRNOTAVAIL, ['EADDRNOTAVAIL', 'address not available']],
  [ENETUNREACH, ['ENETUNREACH', 'network is unreachable']],
  [ECONNABORTED, ['ECONNABORTED', 'software caused connection abort']],
  [ECONNRESET, ['ECONNRESET', 'connection reset by peer']],
  [ENOBUFS, ['ENOBUFS', 'no buffer space available']],
  [EISCONN, ['EISCONN', 'socket is already connected']],
  [ENOTCONN, ['ENOTCONN', 'socket is not connected']],
  [ETIMEDOUT, ['ETIMEDOUT', 'connection timed out']],
  [ECONNREFUSED, ['ECONNREFUSED', 'connection refused']],
  [EHOSTDOWN, ['EHOSTDOWN', 'host is down']],
  [EHOSTUNREACH, ['EHOSTUNREACH', 'host is unreachable']],
  [EALREADY, ['EALREADY', 'connection already in progress']],
  [EINPROGRESS, ['EINPROGRESS', 'operation in progress']],
  [ECANCELED, ['ECANCELED', 'operation canceled']],
]);

const BY_NAME: ReadonlyMap<string, number> = new Map([...TABLE].map(([number, [name]]) => [name, number]));

/** The name of an error number, either sign: 98 and -98 give 'EADDRINUSE'. Unknown ones give 'E98'-like text. */
export function errnoName(errno: number): string {
  const n = Math.abs(errno);
  return TABLE.get(n)?.[0] ?? `E${n}`;
}

/** The message of an error number, either sign: 'address already in use'. */
export function errnoMessage(errno: number): string {
  const n = Math.abs(errno);
  return TABLE.get(n)?.[1] ?? `unknown error ${n}`;
}

/** The number of a name, 0 for '' and for names that are not in the table. */
export function errnoOf(name: string): number {
  return BY_NAME.get(name) ?? 0;
}
