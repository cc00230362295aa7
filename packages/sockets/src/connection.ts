/** A connection in the kernel's tables: its TCB, its 4-tuple, and where it is filed. */

import type { Tcb } from '@tcpstack/tcp/tcb';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_TCP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import type { HeapItem } from './deadline-heap.ts';
import type { Listener } from './listener.ts';
import type { Socket } from './socket.ts';
import type { SourceRoute } from './source-route.ts';

/** One entry of the connection table. */
export interface Connection extends HeapItem {
  readonly tcb: Tcb;
  /** Both are kept, and never change. */
  readonly localAddress: Readonly<IpAddress>;
  readonly remoteAddress: Readonly<IpAddress>;
  readonly localPort: number;
  readonly remotePort: number;
  /** Sum of the pseudo-header without the length: the same for every segment. */
  readonly pseudoSum: number;
  /** The socket that owns it; `null` while half-open, unaccepted, or after close. */
  socket: Socket | null;
  /** The listener in whose queue it waits. */
  listener: Listener | null;
  queue: '' | 'syn' | 'accept';
  /** It waits for `pollTransmit`. */
  dirty: boolean;
  /** It is in the connection table. */
  listed: boolean;
  /** Diffserv and ECN bits of the last packet that came for it. */
  receivedTosByte: number;
  /** `PathMtuCache.generation` when the path was last asked for, -1 for never; and when to ask again at the latest. */
  pathGeneration: number;
  pathExpiresAtMs: number;
  route: SourceRoute | null;
  /** `sharingOf` its listener's options, or those of the socket that it last had: whether others may bind to its port. */
  sharing: number;
}

/** A connection that is not in any table yet. It keeps both addresses. */
export function createConnection(
  tcb: Tcb,
  localAddress: Readonly<IpAddress>,
  remoteAddress: Readonly<IpAddress>,
): Connection {
  return {
    heapIndex: -1,
    armedAtMs: Infinity,
    tcb,
    localAddress,
    remoteAddress,
    localPort: tcb.localPort,
    remotePort: tcb.remotePort,
    pseudoSum: pseudoHeaderSumOf(localAddress, remoteAddress, PROTOCOL_TCP),
    socket: null,
    listener: null,
    queue: '',
    dirty: false,
    listed: false,
    receivedTosByte: 0,
    pathGeneration: -1,
    pathExpiresAtMs: Infinity,
    route: null,
    sharing: 0,
  };
}
