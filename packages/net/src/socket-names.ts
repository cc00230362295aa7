/** The addresses of both ends of a socket, asked for once and remembered after the close. */

import { Duplex, type DuplexOptions } from 'node:stream';
import type { Driver } from '@tcpstack/runtime/driver';
import { AF_INET6 } from '@tcpstack/sockets/constants';
import type { SockAddr } from '@tcpstack/sockets/syscalls';

/** As Node calls it. What a server on `::` has of IPv4 is IPv6 as well: "::ffff:10.0.0.2". */
export type Family = 'IPv4' | 'IPv6';

/** Address, family and port, as Node gives them. */
export interface AddressInfo {
  readonly address: string;
  readonly family: Family;
  readonly port: number;
}

export class SocketNames {
  readonly #driver: Driver;
  #fd = -1;
  #local: SockAddr | null = null;
  #remote: SockAddr | null = null;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** There is a connection now. */
  open(fd: number): void {
    this.#fd = fd;
  }

  /** The descriptor is gone. */
  close(): void {
    this.#fd = -1;
  }

  /** Ours, or `null` without a connection. */
  get local(): SockAddr | null {
    if (this.#local === null && this.#fd >= 0) this.#local = nameOrNull(this.#driver.host.sys.getsockname(this.#fd));
    return this.#local;
  }

  /** The peer's, or `null` without a connection. */
  get remote(): SockAddr | null {
    if (this.#remote === null && this.#fd >= 0) this.#remote = nameOrNull(this.#driver.host.sys.getpeername(this.#fd));
    return this.#remote;
  }
}

function nameOrNull(name: SockAddr | number): SockAddr | null {
  return typeof name === 'number' ? null : name;
}

/** In Node's form, with the family. */
export function addressInfo(name: SockAddr): AddressInfo {
  return { address: name.address, family: familyOf(name), port: name.port };
}

/** The family of a socket's address. */
export function familyOf({ family }: SockAddr): Family {
  return family === AF_INET6 ? 'IPv6' : 'IPv4';
}

/** A stream that knows both its ends: what sockets show of their addresses. */
export class NamedDuplex extends Duplex {
  protected readonly names: SocketNames;

  constructor(driver: Driver, options: DuplexOptions) {
    super(options);
    this.names = new SocketNames(driver);
  }

  get localAddress(): string | undefined {
    return this.names.local?.address;
  }

  get localPort(): number | undefined {
    return this.names.local?.port;
  }

  get localFamily(): Family | undefined {
    return this.names.local === null ? undefined : familyOf(this.names.local);
  }

  get remoteAddress(): string | undefined {
    return this.names.remote?.address;
  }

  get remotePort(): number | undefined {
    return this.names.remote?.port;
  }

  get remoteFamily(): Family | undefined {
    return this.names.remote === null ? undefined : familyOf(this.names.remote);
  }

  address(): AddressInfo | Record<string, never> {
    const name = this.names.local;
    return name === null ? {} : addressInfo(name);
  }
}
