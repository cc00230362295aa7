/** What a datagram socket has that a stream has not (RFC 768): its queue, its peer, and what became of what it sent. */

import type { IpAddress } from '@tcpstack/wire/ip-address';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from './constants.ts';
import { DatagramQueue } from './datagram-queue.ts';
import type { SocketGroup } from './groups.ts';
import type { Kernel } from './kernel.ts';
import type { Socket } from './socket.ts';
import type { Ancillary } from './syscalls/datagram-way.ts';

/** Reports of one socket that wait to be read; later ones are dropped and counted. */
export const DATAGRAM_REPORTS_MAX = 64;

/** What an ICMP error said of a datagram, or we did, for IP_RECVERR. */
export interface DatagramReport {
  /** A positive errno. */
  readonly errno: number;
  readonly type: number;
  readonly code: number;
  /** The MTU that the message gave; else 0. */
  readonly info: number;
  readonly isIpv6: boolean;
  /** Who sent the message; `null` when we refused the datagram ourselves. */
  readonly offender: Readonly<IpAddress> | null;
  /** Whom the datagram was for. */
  readonly remoteAddress: Readonly<IpAddress>;
  readonly remotePort: number;
  /** What the message quoted of the datagram's bytes. */
  readonly quoted: Uint8Array;
}

/** The datagram half of a socket. */
export interface Datagrams {
  readonly queue: DatagramQueue;
  /** Whom connect() named: only its datagrams are taken, and its errors told. */
  remoteAddress: Readonly<IpAddress> | null;
  remotePort: number;
  /** bind() named the address, the port: dissolving the association leaves them. */
  addressChosen: boolean;
  portChosen: boolean;
  shutWrite: boolean;
  /** A datagram was refused because too many wait to leave. */
  awaitsRoom: boolean;
  /** What MSG_MORE or UDP_CORK holds back, and whom it is for; `null` for nothing. */
  corked: Corked | null;
  readonly reports: DatagramReport[];
  /** The multicast groups that it joined. */
  groups: readonly SocketGroup[];
}

/** The beginning of a datagram. */
export interface Corked {
  readonly parts: Uint8Array[];
  bytes: number;
  readonly address: Readonly<IpAddress>;
  readonly port: number;
  readonly scopeIndex: number;
  /** What the control messages of the first call said. */
  readonly beside: Ancillary | null;
}

const NO_GROUPS: readonly never[] = [];

export function createDatagrams(kernel: Kernel): Datagrams {
  return {
    queue: new DatagramQueue(kernel.shared.pool, kernel.optionValues.receiveBufferBytes),
    remoteAddress: null,
    remotePort: 0,
    addressChosen: false,
    portChosen: false,
    shutWrite: false,
    awaitsRoom: false,
    corked: null,
    reports: [],
    groups: NO_GROUPS,
  };
}

/** What a datagram socket is ready for: Linux's `datagram_poll`. */
export function datagramLevel(socket: Socket, { queue, shutWrite, awaitsRoom, reports }: Datagrams): number {
  let bits = 0;
  if (socket.pendingErrno !== 0 || reports.length > 0) bits |= POLLERR;
  if (queue.length > 0 || socket.shutRead) bits |= POLLIN;
  if (socket.shutRead) bits |= POLLRDHUP;
  if (socket.shutRead && shutWrite) bits |= POLLHUP;
  if (!awaitsRoom) bits |= POLLOUT;
  return bits;
}
