/** A connection in the kernel's tables: its TCB, its 4-tuple, and where it is filed. */

import { headroomFor } from '@tcpstack/ip/output';
import type { Route } from '@tcpstack/ip/routes';
import type { Tcb } from '@tcpstack/tcp/tcb';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_TCP } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import type { HeapItem } from './deadline-heap.ts';
import type { FastOpenQueue } from './fast-open-queue.ts';
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
  /** Bytes of the IP header in front of a segment, without options. */
  readonly headroomBytes: number;
  /** Of IPv6: 20 bits that name it to routers (RFC 6437); else 0. */
  readonly flowLabel: number;
  /** Sum of the pseudo-header without the length: the same for every segment. */
  readonly pseudoSum: number;
  /** The socket that owns it; `null` while half-open, unaccepted, or after close. */
  socket: Socket | null;
  /** The listener in whose queue it waits. */
  listener: Listener | null;
  queue: '' | 'syn' | 'accept';
  /** A listener let it in by Fast Open, and its handshake has not ended. */
  fastOpen: FastOpenQueue | null;
  /** It waits for `pollTransmit`. */
  dirty: boolean;
  /** It is in the connection table. */
  listed: boolean;
  /** Diffserv and ECN bits of the last packet that came for it. */
  receivedTosByte: number;
  /** The way to the peer, when it was last asked for. */
  path: Route;
  /** Index of the only interface that it uses; -1: any. */
  readonly boundIndex: number;
  /** `PathMtuCache.generation` when the path was last asked for, -1 for never; and when to ask again at the latest. */
  pathGeneration: number;
  pathExpiresAtMs: number;
  /** IPv4's source route. */
  route: SourceRoute | null;
  /** `sharingOf` its listener's options, or those of the socket that it last had: whether others may bind to its port. */
  sharing: number;
}

/** A connection that is not in any table yet. It keeps both addresses and the route. */
export function createConnection(
  tcb: Tcb,
  localAddress: Readonly<IpAddress>,
  remoteAddress: Readonly<IpAddress>,
  path: Route,
  boundIndex = -1,
  flowLabel = 0,
): Connection {
  return {
    heapIndex: -1,
    armedAtMs: Infinity,
    tcb,
    localAddress,
    remoteAddress,
    localPort: tcb.localPort,
    remotePort: tcb.remotePort,
    headroomBytes: headroomFor(remoteAddress),
    flowLabel,
    pseudoSum: pseudoHeaderSumOf(localAddress, remoteAddress, PROTOCOL_TCP),
    socket: null,
    listener: null,
    queue: '',
    fastOpen: null,
    dirty: false,
    listed: false,
    receivedTosByte: 0,
    path,
    boundIndex,
    pathGeneration: -1,
    pathExpiresAtMs: Infinity,
    route: null,
    sharing: 0,
  };
}
