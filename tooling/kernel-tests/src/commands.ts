/** What a test can ask of a side: one JSON line in, one JSON line out. */

import type { Conversation, Heard } from './conversation.ts';
import type { DoorChoice } from './door.ts';
import type { UrgentSeen } from './urgent.ts';

/** What a listener does with a connection: a conversation, an echo, or it writes without ever reading. */
export type Service = Conversation | 'echo' | 'stuck';

/** An error as Node reports it. */
export interface ReportedError {
  readonly code: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly message: string;
}

/** What our side knows of itself. */
export interface StackState {
  /** States of all sockets but the listeners, as `TIME-WAIT 10.77.0.1:5000`. */
  readonly connections: readonly string[];
  /** What each established one agreed to with its peer, in the words of `ss`: `ts sack wscale:7,10`. */
  readonly agreed: readonly string[];
  readonly bufferBytes: number;
  /** Bytes in all receive queues, and in all send queues. */
  readonly receivedBytes: number;
  readonly unacknowledgedBytes: number;
  /** The number that a new descriptor would get. */
  readonly nextDescriptor: number;
  /** Bytes of JavaScript objects and buffers alive after a garbage collection. */
  readonly heapBytes: number;
  readonly counters: Readonly<Record<string, number>>;
  /** Fates of packets on an impaired link: duplicated and reordered ones of both directions. */
  readonly impaired: { readonly duplicated: number; readonly reordered: number };
}

/** Commands by name: what goes in and what comes out. */
export interface Commands {
  /** Listens; the n-th connection gets the n-th service, later ones the last. */
  listen(request: { services: readonly Service[] }): { port: number };
  /** The next `count` connections of the listeners that ended, in any order. */
  heard(request: { count: number }): Heard[];
  /** Opens `count` connections, waits until all are open, then talks on all of them at once. */
  converse(request: {
    host: string;
    port: number;
    localPort?: number;
    count?: number;
    conversation: Conversation;
  }): Heard[];
  /** Connects, sends 100 bytes, waits for them to come back and for the end; `count` times, one after another. */
  echo(request: { host: string; port: number; count: number }): { differing: number };
  /** Connects and expects to fail. */
  refused(request: { host: string; port: number }): ReportedError;
  /** Connects, and writes far more than fits without reading. Resolves once bytes of the other side wait here. */
  stick(request: { host: string; port: number }): { localPort: number };
  /** Resolves once the stuck connection, opened or accepted, has received bytes. */
  stuck(request: Record<never, never>): { clientPort: number };
  /** Resets the stuck connection. */
  reset(request: Record<never, never>): Record<never, never>;
  /** Resolves with the error that ended the pending write of the stuck connection. */
  writeError(request: Record<never, never>): ReportedError;
  /** Opens a connection that stays idle, and asks whether the peer is there after `delayMs` of silence. */
  keepAlive(request: { host: string; port: number; delayMs: number }): Record<never, never>;
  /** Our side only: connects, or listens without a host, and exchanges urgent data. */
  urgent(request: { host?: string; port: number }): UrgentSeen;
  /** Our side only: a server, or a client, of TCP Fast Open; SHA-256 of what it got on the connection of each size. */
  serveFastOpen(request: { port: number; sizes: readonly number[] }): string[];
  askFastOpen(request: { host: string; port: number; sizes: readonly number[] }): string[];
  /** Our side only: listens, and accepts what waits there when it is told to; see `Door`. */
  door(request: DoorChoice): Record<never, never>;
  admit(request: Record<never, never>): { count: number };
  /** Our side only. */
  state(request: Record<never, never>): StackState;
  /** Our side only: its clock jumps ahead, and what became due happens. */
  skip(request: { ms: number }): Record<never, never>;
  /** Closes listeners and, on our side, the stack. */
  close(request: Record<never, never>): Record<never, never>;
}

export type CommandName = keyof Commands;
export type Request<N extends CommandName> = Parameters<Commands[N]>[0];
export type Reply<N extends CommandName> = ReturnType<Commands[N]>;
