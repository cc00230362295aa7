/** A socket: what most descriptors refer to. */

import { ANY_IPV4, ANY_IPV6, type IpAddress } from '@tcpstack/wire/ip-address';
import type { Connection } from './connection.ts';
import { AF_INET, AF_INET6, O_RDWR } from './constants.ts';
import type { Datagrams } from './datagrams.ts';
import type { FileState } from './file.ts';
import type { Listener } from './listener.ts';
import type { OptionValues } from './option-values.ts';

/** A socket in any stage of its life: of a stream, or of datagrams. */
export interface Socket extends FileState {
  readonly kind: 'socket';
  /** AF_INET, or AF_INET6, which IPv4 is a part of unless IPV6_V6ONLY is set. */
  readonly domain: typeof AF_INET | typeof AF_INET6;
  localAddress: Readonly<IpAddress>;
  /** 0 while not bound. */
  localPort: number;
  /** Its port was claimed by bind, listen or connect. */
  bound: boolean;
  listener: Listener | null;
  connection: Connection | null;
  /** `null` for a stream. */
  readonly datagrams: Datagrams | null;
  shutRead: boolean;
  /** Linux's `SS_*`: connect() has begun, or nobody needs to call it any more. */
  stage: 'unconnected' | 'connecting' | 'connected';
  /** A positive errno that the next call gives, when there is no connection that has it; else 0. */
  pendingErrno: number;
  /** Hops (int32) by which connect() goes; empty for none. */
  sourceRoute: readonly number[];
  /** Shared with other sockets: setsockopt() puts a copy in its place. */
  options: OptionValues;
}

const NONE: readonly never[] = [];

/** A socket without address or connection. It keeps `options`. */
export function createSocket(
  options: OptionValues,
  domain: Socket['domain'] = AF_INET,
  datagrams: Datagrams | null = null,
): Socket {
  return {
    kind: 'socket',
    fd: -1,
    owner: null,
    others: NONE,
    statusFlags: O_RDWR,
    watches: NONE,
    domain,
    localAddress: domain === AF_INET6 ? ANY_IPV6 : ANY_IPV4,
    localPort: 0,
    bound: false,
    listener: null,
    connection: null,
    datagrams,
    shutRead: false,
    stage: 'unconnected',
    pendingErrno: 0,
    sourceRoute: NONE,
    options,
  };
}
