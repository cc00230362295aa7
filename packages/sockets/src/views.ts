/** Views for people and tools: all sockets and queues, like `ss -tani`. */

import { diff, seq, toUint32 } from '@tcpstack/seq/seq';
import { nextDeadlineMs } from '@tcpstack/tcp/connection';
import type { TcpState } from '@tcpstack/tcp/state';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { formatAddress } from '@tcpstack/wire/ip-address';
import type { SockAddr } from './call-types.ts';
import type { Connection } from './connection.ts';
import type { Kernel } from './kernel.ts';
import type { Socket } from './socket.ts';
import { RCV_NXT, RCV_WND_BYTES, SND_NXT, TIMESTAMPS, type TimeWaitTable, TRAITS } from './time-wait-table.ts';

/** A connection's numbers. Sequence numbers are unsigned, 0 to 4294967295. */
export interface TcpView {
  readonly iss: number;
  readonly irs: number;
  readonly sndUna: number;
  readonly sndNxt: number;
  readonly sndWndBytes: number;
  readonly rcvNxt: number;
  readonly rcvWndBytes: number;
  readonly cwndBytes: number;
  readonly ssthreshBytes: number;
  /** -1 before the first measurement. */
  readonly srttMs: number;
  readonly rtoMs: number;
  readonly mssBytes: number;
  readonly retransmits: number;
  /** Of what each side sent: how far both windows are scaled, and which options are on. */
  readonly sndScale: number;
  readonly rcvScale: number;
  readonly timestamps: boolean;
  readonly sack: boolean;
  /** Congestion is told by marks (RFC 3168). */
  readonly ecn: boolean;
  /** When its next timer is due, on the host's clock: in TIME-WAIT, its end. `Infinity` when none runs. */
  readonly deadlineMs: number;
}

/** One socket, or one connection that has no descriptor. */
export interface SocketView {
  /** -1: half-open, waiting in the accept queue, in TIME-WAIT, or otherwise without an owner. */
  readonly fd: number;
  /** The RFC's name; 'CLOSED' for a socket without a connection. */
  readonly state: TcpState;
  readonly local: SockAddr;
  readonly remote: SockAddr | null;
  /** Bytes that wait to be read. */
  readonly recvQueueBytes: number;
  /** Bytes not yet acknowledged, sent or not. */
  readonly sendQueueBytes: number;
  /** Which queue of a listener it waits in. */
  readonly queue: '' | 'syn' | 'accept';
  /** Listeners only, else 0. */
  readonly backlogSegs: number;
  readonly synQueueLength: number;
  readonly acceptQueueLength: number;
  readonly tcp: TcpView | null;
}

/** Every open socket by descriptor, then the connections without one. */
export function viewSockets(kernel: Kernel): SocketView[] {
  const views: SocketView[] = [];
  for (const owner of kernel.owners) {
    for (const fd of owner.numbers()) {
      const socket = owner.get(fd);
      // One that has several descriptors is listed once.
      if (socket !== null && socket.owner === owner && socket.fd === fd) views.push(viewSocket(socket));
    }
  }
  for (const connection of kernel.connections.values()) {
    if (connection.socket === null) views.push(viewConnection(connection));
  }
  for (let index = 0; index < kernel.timeWaits.size; index++) views.push(viewTimeWait(kernel.timeWaits, index));
  return views;
}

function viewSocket(socket: Socket): SocketView {
  if (socket.connection !== null) return viewConnection(socket.connection);
  const { listener } = socket;
  return {
    fd: socket.fd,
    state: listener === null ? 'CLOSED' : 'LISTEN',
    local: { address: formatAddress(socket.localAddress), port: socket.localPort },
    remote: null,
    recvQueueBytes: 0,
    sendQueueBytes: 0,
    queue: '',
    backlogSegs: listener?.acceptQueue.backlog ?? 0,
    synQueueLength: listener?.synQueue.length ?? 0,
    acceptQueueLength: listener?.acceptQueue.length ?? 0,
    tcp: null,
  };
}

function viewConnection(connection: Connection): SocketView {
  const { tcb } = connection;
  return {
    fd: connection.socket?.fd ?? -1,
    state: tcb.state,
    local: { address: formatAddress(connection.localAddress), port: connection.localPort },
    remote: { address: formatAddress(connection.remoteAddress), port: connection.remotePort },
    recvQueueBytes: tcb.receiveRing.readable,
    sendQueueBytes: tcb.sendRing.readable,
    queue: connection.queue,
    backlogSegs: 0,
    synQueueLength: 0,
    acceptQueueLength: 0,
    tcp: viewTcb(tcb),
  };
}

function viewTimeWait(table: TimeWaitTable, index: number): SocketView {
  return {
    fd: -1,
    state: 'TIME-WAIT',
    local: { address: formatAddress(table.localOf(index)), port: table.localPortOf(index) },
    remote: { address: formatAddress(table.remoteOf(index)), port: table.remotePortOf(index) },
    recvQueueBytes: 0,
    sendQueueBytes: 0,
    queue: '',
    backlogSegs: 0,
    synQueueLength: 0,
    acceptQueueLength: 0,
    tcp: viewEntry(table, index),
  };
}

/** What an entry in TIME-WAIT remembers; the rest is as of a connection that never sent. */
function viewEntry(table: TimeWaitTable, index: number): TcpView {
  const traits = table.word(index, TRAITS);
  const sndNxt = toUint32(seq(table.word(index, SND_NXT)));
  return {
    iss: 0,
    irs: 0,
    sndUna: sndNxt,
    sndNxt,
    sndWndBytes: 0,
    rcvNxt: toUint32(seq(table.word(index, RCV_NXT))),
    rcvWndBytes: table.word(index, RCV_WND_BYTES),
    cwndBytes: 0,
    ssthreshBytes: 0,
    srttMs: -1,
    rtoMs: 0,
    mssBytes: 0,
    retransmits: 0,
    sndScale: (traits >>> 20) & 0xf,
    rcvScale: (traits >>> 16) & 0xf,
    timestamps: (traits & TIMESTAMPS) !== 0,
    sack: false,
    ecn: false,
    deadlineMs: table.deadlineOf(index),
  };
}

function viewTcb(tcb: Tcb): TcpView {
  return {
    iss: toUint32(tcb.snd.iss),
    irs: toUint32(tcb.rcv.irs),
    sndUna: toUint32(tcb.snd.una),
    sndNxt: toUint32(tcb.snd.nxt),
    sndWndBytes: tcb.snd.wnd,
    rcvNxt: toUint32(tcb.rcv.nxt),
    rcvWndBytes: diff(tcb.rcv.edge, tcb.rcv.nxt),
    cwndBytes: tcb.congestion.cwndBytes,
    ssthreshBytes: tcb.congestion.ssthreshBytes,
    srttMs: tcb.rtt.srttMs,
    rtoMs: tcb.rtt.baseRtoMs,
    mssBytes: tcb.snd.mssBytes,
    retransmits: tcb.retransmits,
    sndScale: tcb.snd.scale,
    rcvScale: tcb.rcv.scale,
    timestamps: tcb.ts.enabled,
    sack: tcb.recovery.sackEnabled,
    ecn: tcb.ecn.enabled,
    deadlineMs: nextDeadlineMs(tcb),
  };
}
