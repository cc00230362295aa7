/** A socket: what a descriptor refers to. */

import { ANY_IPV4, type IpAddress } from '@tcpstack/wire/ip-address';
import type { Connection } from './connection.ts';
import type { Listener } from './listener.ts';
import type { OptionValues } from './option-values.ts';

/** A stream socket in any stage of its life. */
export interface Socket {
  fd: number;
  localAddress: Readonly<IpAddress>;
  /** 0 while not bound. */
  localPort: number;
  /** Its port was claimed by bind, listen or connect. */
  bound: boolean;
  listener: Listener | null;
  connection: Connection | null;
  shutRead: boolean;
  /** Hops (int32) by which connect() goes; empty for none. */
  sourceRoute: readonly number[];
  /** In the list that `pollReady` hands out. */
  readyQueued: boolean;
  /** Shared with other sockets: setsockopt() puts a copy in its place. */
  options: OptionValues;
}

const NO_HOPS: readonly number[] = [];

/** A socket without address or connection. It keeps `options`. */
export function createSocket(options: OptionValues): Socket {
  return {
    fd: -1,
    localAddress: ANY_IPV4,
    localPort: 0,
    bound: false,
    listener: null,
    connection: null,
    shutRead: false,
    sourceRoute: NO_HOPS,
    readyQueued: false,
    options,
  };
}
