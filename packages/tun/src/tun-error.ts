/** What can go wrong with a TUN device, told in one line that says what to do about it. */

import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** Errors of the kernel that Node has no name for. */
const OTHER_NAMES: Readonly<Record<number, string>> = { 77: 'EBADFD' };

/** A failed call on the device, shaped like Node's own system errors. */
export class TunError extends Error {
  override readonly name = 'TunError';
  /** POSIX name: `EPERM`, `EACCES`, `ENOENT`, `EBUSY`, `ENODEV`, `EINVAL`, `ENOTSUP`, ... */
  readonly code: string;
  /** Negative number of the error, as everywhere in Node. */
  readonly errno: number;
  /** The call that failed: `open`, `TUNSETIFF`, `SIOCSIFADDR`, ... */
  readonly syscall: string;

  /** @param errno Negative number of the error. */
  constructor(errno: number, syscall: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.errno = errno;
    this.code = errorName(errno);
    this.syscall = syscall;
  }
}

/** POSIX name of a negative error number. */
export function errorName(errno: number): string {
  return OTHER_NAMES[-errno] ?? getSystemErrorName(errno);
}

const { ENOTSUP, EPERM, EACCES, ENOENT, ENODEV, ENXIO, EBUSY, EINVAL } = constants.errno;

/** The machine cannot do TUN at all. */
export function unsupported(why: string, cause?: unknown): TunError {
  return new TunError(-ENOTSUP, 'open', why, cause === undefined ? undefined : { cause });
}

/** `/dev/net/tun` could not be opened. */
export function openFailed(errno: number, path: string): TunError {
  const say = (what: string) => new TunError(errno, 'open', `${path}: ${errorName(errno)}: ${what}`);
  switch (-errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return say('no TUN driver here: load it (modprobe tun), or run the container with --device /dev/net/tun');
    case EACCES:
    case EPERM:
      return say('not allowed: run as root, or where the file is open to all use a user namespace (unshare -Urn)');
    default:
      return say('cannot be opened');
  }
}

/** The kernel did not give us the device of this name. */
export function attachFailed(errno: number, name: string): TunError {
  const say = (what: string) => new TunError(errno, 'TUNSETIFF', `${name}: ${errorName(errno)}: ${what}`);
  switch (-errno) {
    case EPERM:
    case EACCES:
      return say(
        `not allowed to make it: run as root or in a user namespace (unshare -Urn), ` +
          `or let root make it once: ip tuntap add dev ${name} mode tun user $USER`,
      );
    case EBUSY:
      return say('another program uses this device: stop it, or choose another name');
    case EINVAL:
      return say(
        'a device of this name exists and is of another kind: choose another name, or delete it (ip link del)',
      );
    default:
      return say('the kernel refused to make it');
  }
}

/** The device is ours, and one of its settings was refused. */
export function configureFailed(errno: number, name: string, syscall: string, setting: string): TunError {
  const advice =
    -errno === EPERM || -errno === EACCES
      ? 'not allowed: let root set it beforehand and leave the option out, or run as root'
      : 'the kernel refused it';
  return new TunError(errno, syscall, `${name}: ${errorName(errno)}: ${setting}: ${advice}`);
}

/** The device went away under an open link. */
export function deviceLost(errno: number, name: string): TunError {
  return new TunError(
    errno,
    'read',
    `${name}: ${errorName(errno)}: the device was removed; nothing can be sent or received`,
  );
}
