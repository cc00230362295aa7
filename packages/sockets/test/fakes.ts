/** Connections and sockets that belong to no Host, for the tests of the tables. */

import { LoanDesk } from '@tcpstack/bytes/loans';
import { SlabPool } from '@tcpstack/bytes/slab-pool';
import { InterfaceTable } from '@tcpstack/ip/interfaces';
import type { Route } from '@tcpstack/ip/routes';
import { sipKey } from '@tcpstack/seq/siphash';
import { ChallengeBudget } from '@tcpstack/tcp/connection';
import { createTcpCounters } from '@tcpstack/tcp/counters';
import { createTcpShared } from '@tcpstack/tcp/shared';
import { createTcb } from '@tcpstack/tcp/tcb';
import { ANY_IPV4, type IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import { type Connection, createConnection } from '../src/connection.ts';
import { Listener } from '../src/listener.ts';
import { createOptionValues } from '../src/option-values.ts';
import { createSocket, type Socket } from '../src/socket.ts';

/** Remote address (int32 of IPv4), remote port, local address, local port. */
export type Tuple = [remote: number, remotePort: number, local: number, localPort: number];

const SHARED = createTcpShared(new Uint8Array(16), {
  pool: new SlabPool(),
  loans: new LoanDesk(),
  counters: createTcpCounters(),
  advertisedMssBytes: 1460,
  defaultSendMssBytes: 536,
  superSegmentPayloadBytes: 0,
  sendBufferBytes: 4096,
  receiveBufferBytes: 4096,
  sendBufferMaxBytes: 4096,
  receiveBufferMaxBytes: 4096,
  bufferMemoryMaxBytes: 1 << 20,
  mtuProbing: 0,
  timeWaitMs: 1000,
  finTimeoutMs: 1000,
  timestamps: true,
  sack: true,
  windowScaling: true,
  ecn: 2,
  rfc1337: false,
  challenges: new ChallengeBudget(sipKey(new Uint8Array(16)), Infinity),
});

const INTERFACES = new InterfaceTable();

/** A way to anywhere. */
export const FAKE_PATH: Route = {
  to: ANY_IPV4,
  prefixBits: 96,
  via: null,
  out: INTERFACES.add({ name: 'eth0', kind: 'ip', mtuBytes: 1500 }),
  metric: 0,
};

export function fakeConnection([remote, remotePort, local, localPort]: Tuple = [1, 2, 3, 4]): Connection {
  const tcb = createTcb({ shared: SHARED, passive: false, localPort, remotePort, timestampOffset: 0 });
  return createConnection(tcb, ipv4Address(local), ipv4Address(remote), FAKE_PATH);
}

/** A socket bound to this address and port, in no table yet. */
export function fakeSocket(
  localAddress: Readonly<IpAddress> = ANY_IPV4,
  localPort = 0,
  options: Partial<Socket> = {},
): Socket {
  return {
    ...createSocket(createOptionValues({ sendBufferBytes: 4096, receiveBufferBytes: 4096 })),
    localAddress,
    localPort,
    ...options,
  };
}

/** Makes a listener of it. */
export function listens(socket: Socket): Socket {
  socket.listener = new Listener(socket, 1);
  return socket;
}
