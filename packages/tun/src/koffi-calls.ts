/** `DeviceCalls` through koffi: a prebuilt library that calls libc, so that nobody needs a compiler. */

import { closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { DeviceCalls } from './device-calls.ts';
import { unsupported } from './tun-error.ts';

type Koffi = typeof import('koffi');

const RTLD_NOW = 0x0002;
const RTLD_NODELETE = 0x1000;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** Machines whose ioctl numbers are the ones in `tun-device.ts`. */
const ARCHITECTURES = ['x64', 'arm64', 'riscv64', 'loong64', 'arm', 'ia32'];

let loaded: DeviceCalls | undefined;

/**
 * Loads koffi on first use, so that merely importing this package works on every platform.
 *
 * @throws {TunError} `ENOTSUP` where there is no TUN or no prebuilt koffi.
 */
export function koffiCalls(): DeviceCalls {
  loaded ??= load();
  return loaded;
}

function load(): DeviceCalls {
  if (process.platform !== 'linux') throw unsupported(`TUN devices exist on Linux only, this is ${process.platform}`);
  if (!ARCHITECTURES.includes(process.arch)) throw unsupported(`TUN is not supported on ${process.arch}`);
  try {
    const require = createRequire(import.meta.url);
    const koffi = require('koffi') as Koffi;
    pinForWorkers(koffi, Object.keys(require.cache));
    return bind(koffi);
  } catch (cause) {
    const binary = `@koromix/koffi-linux-${process.arch}`;
    throw unsupported(`koffi did not load: install with optional dependencies, so that ${binary} comes along`, cause);
  }
}

/**
 * Node unloads an addon when the last worker that loaded it ends, and only then lets libuv finish
 * with the watches that worker left open: in code that is gone. So the addon stays for good.
 */
function pinForWorkers(koffi: Koffi, loadedPaths: readonly string[]): void {
  const path = loadedPaths.find((candidate) => candidate.endsWith('koffi.node'));
  if (path === undefined) return;
  const dlopen = koffi.load(null).func('void *dlopen(const char *path, int flags)');
  dlopen(path, RTLD_NOW | RTLD_NODELETE);
}

function bind(koffi: Koffi): DeviceCalls {
  // null is the program itself: it has libc in it, be it glibc or musl.
  const libc = koffi.load(null);
  const close = libc.func('int close(int fd)');
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, ...)');
  // Sizes on a TUN device fit an int, and an int comes back without a test for bigint.
  const read = libc.func('int read(int fd, uintptr_t buffer, size_t length)');
  const write = libc.func('int write(int fd, uintptr_t buffer, size_t length)');
  const addressOf = (bytes: Uint8Array) => Number(koffi.address(bytes));
  const checked = (result: number) => (result < 0 ? -koffi.errno() : result);

  return {
    // Through Node, which closes what a worker left open when it ends.
    open: (path) => withErrno(() => openSync(path, constants.O_RDWR | constants.O_NONBLOCK)),
    close: (fd) =>
      withErrno(() => {
        closeSync(fd);
        return 0;
      }),
    socket: (domain, type, protocol) => checked(socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)),
    closeSocket: (fd) => checked(close(fd)),
    ioctl: (fd, request, argument) =>
      checked(ioctl(fd, request, typeof argument === 'number' ? 'uintptr_t' : 'void *', argument)),
    addressOf,
    read(fd, address, lengthBytes) {
      const n: number = read(fd, address, lengthBytes);
      return n < 0 ? -koffi.errno() : n;
    },
    write(fd, address, lengthBytes) {
      const n: number = write(fd, address, lengthBytes);
      return n < 0 ? -koffi.errno() : n;
    },
    watch(fd, onReady) {
      // The types promise one argument; the binary passes libuv's status before it.
      const onPoll = (status: unknown) => onReady(status === 0);
      return koffi.node.poll(fd, { readable: true }, onPoll);
    },
  };
}

function withErrno(call: () => number): number {
  try {
    return call();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return errno;
  }
}
