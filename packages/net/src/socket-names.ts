/** The addresses of both ends of a socket, asked for once and remembered after the close. */

import { Duplex, type DuplexOptions } from 'node:stream';
import type { Driver } from '@tcpstack/runtime/driver';
import type { SockAddr } from '@tcpstack/sockets/syscalls';

/** Address, family and port, as Node gives them. */
export interface AddressInfo {
  readonly address: string;
  readonly family: 'IPv4';
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
  return { address: name.address, family: 'IPv4', port: name.port };
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

  get localFamily(): 'IPv4' | undefined {
    return this.names.local === null ? undefined : 'IPv4';
  }

  get remoteAddress(): string | undefined {
    return this.names.remote?.address;
  }

  get remotePort(): number | undefined {
    return this.names.remote?.port;
  }

  get remoteFamily(): 'IPv4' | undefined {
    return this.names.remote === null ? undefined : 'IPv4';
  }

  address(): AddressInfo | Record<string, never> {
    const name = this.names.local;
    return name === null ? {} : addressInfo(name);
  }
}
