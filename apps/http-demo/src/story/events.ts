/** What happened, as data: the lines of `--json`, and all that the ladder is drawn from. */

import type { SockAddr } from '@tcpstack/sockets/syscalls';
import type { TcpState } from '@tcpstack/tcp/state';
import type { TcpFlagName } from '@tcpstack/wire/decode';
import type { DecodedTcpOption } from '@tcpstack/wire/decode-options';

export type HostName = 'client' | 'server';

/** The state of a host's end of the connection; '' while it has no socket. */
export type EndState = TcpState | '';

/** How many connections wait in the listener's queues. */
export interface QueueLengths {
  readonly synQueueLength: number;
  readonly acceptQueueLength: number;
}

/** All times are milliseconds since the story began. */
interface Timed {
  readonly timeMs: number;
}

/** A host comes to be. */
export interface HostEvent extends Timed {
  readonly type: 'host';
  readonly host: HostName;
  readonly address: string;
  readonly mtuBytes: number;
}

/** A system call returned. */
export interface SyscallEvent extends Timed {
  readonly type: 'syscall';
  readonly host: HostName;
  /** "connect" */
  readonly call: string;
  /** Descriptors, addresses, ports and option names; of a buffer its bytes as a number. */
  readonly args: readonly (string | number)[];
  /** A number of 0 or more, -1 with `error`, or an address. */
  readonly result: number | SockAddr;
  /** "EAGAIN"; absent when the call went well. */
  readonly error?: string;
  /** The host's end after the call. */
  readonly state: EndState;
  readonly queues: QueueLengths | null;
}

/** A segment crossed the wire, from the captures at both ends. */
export interface SegmentEvent extends Timed {
  readonly type: 'segment';
  /** When it arrived; `null` when it did not. */
  readonly arrivedMs: number | null;
  readonly from: HostName;
  readonly to: HostName;
  readonly source: SockAddr;
  readonly destination: SockAddr;
  readonly flags: readonly TcpFlagName[];
  /** The sequence number on the wire, and counted from the sender's initial one. */
  readonly seq: number;
  readonly seqRelative: number;
  /** The acknowledgment number on the wire, and counted from the receiver's initial one; `null` without ACK. */
  readonly ack: number | null;
  readonly ackRelative: number | null;
  /** The window field, before scaling. */
  readonly window: number;
  readonly options: readonly DecodedTcpOption[];
  readonly payloadBytes: number;
  /** "GET / HTTP/1.1" when an HTTP message begins with the payload, "TLS ClientHello" for a record of TLS, else ''. */
  readonly startLine: string;
  readonly checksumValid: boolean;
  /** The sender's end when it was sent. */
  readonly senderState: EndState;
  /** The receiver's end and the listener's queues once it was handled, before any program reacted. */
  readonly receiverState: EndState;
  readonly queues: QueueLengths | null;
}

/** A socket or a connection changed its state. */
export interface StateEvent extends Timed {
  readonly type: 'state';
  readonly host: HostName;
  /** -1 while no descriptor names it. */
  readonly fd: number;
  readonly local: SockAddr;
  readonly remote: SockAddr | null;
  /** `null` for a new one. */
  readonly from: TcpState | null;
  readonly to: TcpState;
}

/** The queues of a listener changed their lengths. */
export interface QueueEvent extends Timed, QueueLengths {
  readonly type: 'queue';
  readonly host: HostName;
  readonly port: number;
  readonly backlogSegs: number;
}

/** What the programs said in HTTP, told by Node's `http` at the end that noticed it. */
export interface HttpEvent extends Timed {
  readonly type: 'http';
  readonly host: HostName;
  readonly what: 'request' | 'response' | 'body';
  /** "GET / HTTP/1.1", "HTTP/1.1 200 OK", or the type of the body. */
  readonly text: string;
  /** Length of the body; 0 for the others. */
  readonly bytes: number;
}

/** A connection waits out old segments. */
export interface TimeWaitEvent extends Timed {
  readonly type: 'time-wait';
  readonly host: HostName;
  readonly local: SockAddr;
  readonly remote: SockAddr;
  /** When it ends, and how long that still is. */
  readonly endsAtMs: number;
  readonly remainingMs: number;
}

/** One socket of a host at the end, as `ss` would list it. */
export interface SocketEvent extends Timed {
  readonly type: 'socket';
  readonly host: HostName;
  readonly fd: number;
  readonly state: TcpState;
  readonly local: SockAddr;
  readonly remote: SockAddr | null;
  readonly recvQueueBytes: number;
  readonly sendQueueBytes: number;
}

/** What a long story leaves out, in the place where it was. */
export interface GapEvent extends Timed {
  readonly type: 'gap';
  readonly segments: number;
  readonly payloadBytes: number;
  readonly syscalls: number;
}

export type StoryEvent =
  | HostEvent
  | SyscallEvent
  | SegmentEvent
  | StateEvent
  | QueueEvent
  | HttpEvent
  | TimeWaitEvent
  | SocketEvent
  | GapEvent;
