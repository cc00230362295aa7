/** What a case is told: two programs on two hosts, and a log of all they did. The same on this stack and on the kernel. */

import type { Settings } from '@tcpstack/sockets/host';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import type { IcmpError } from './icmp-words.ts';

/** The two hosts, be they of this stack or of the kernel. */
export interface Hosts {
  /** The calls of the program on 10.0.0.1. */
  readonly server: Syscalls;
  /** The calls of the program on 10.0.0.2. */
  readonly client: Syscalls;
  /** Lets everything happen that needs no time. */
  settle(): void;
  /** Lets time pass, and then settles. */
  pass(ms: number): void;
  /** The server's host answers the last packet that came from the client with this ICMP error: `Needs.icmp`. */
  icmp(error: IcmpError): void;
  /** The text of a file below `/proc` of one of the hosts. */
  proc(who: 'server' | 'client', path: string): string;
  /** What `ss -tanio` lists there, or `ss -uan`. */
  ss(who: 'server' | 'client', kind?: 'tcp' | 'udp'): string;
}

/** Settings that a case asks for, of both hosts and in the words of each stack. */
export interface Needs {
  /** By the names under `net.`, with dots. */
  readonly linux?: Readonly<Record<string, number>>;
  readonly ours?: Partial<Settings>;
  /**
   * The case looks at what lasts until a delayed ACK or a cork is over, 40 or 200 ms. The kernel's clock does not wait for
   * who looks, so on a busy machine it is tried again.
   */
  readonly isBrief?: boolean;
  /** The case calls `icmp`: packets are looked at. */
  readonly icmp?: boolean;
}

/** One case: its name is the sentence that it proves. */
export interface Case {
  readonly name: string;
  readonly needs?: Needs;
  readonly run: (trial: Trial) => void;
}

/** Addresses of the two hosts, and one that nobody has. */
export const SERVER = '10.0.0.1';
export const CLIENT = '10.0.0.2';
export const NOBODY = '10.0.0.99';
export const SERVER6 = 'fd00::1';
export const CLIENT6 = 'fd00::2';
export const NOBODY6 = 'fd00::99';
/** The interface that they meet on. */
export const DEVICE = 'veth0';

/** One run of a case. Every call of `server` and `client` is a line of `log`, after each of which the network settles. */
export interface Trial {
  readonly server: Syscalls;
  readonly client: Syscalls;
  readonly log: readonly string[];
  /** What is done in here is not compared: it only prepares. Negative results other than EINPROGRESS throw. */
  arrange<T>(work: () => T): T;
  /** What is done in here is not in the log, whatever it gives: the case tells of it by `note`. */
  quietly<T>(work: () => T): T;
  /** Writes a line of the case's own. */
  note(text: string): void;
  pass(ms: number): void;
  /** See `Hosts`. */
  icmp(error: IcmpError): void;
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Memory to read into. */
export function room(lengthBytes: number): Uint8Array {
  return new Uint8Array(lengthBytes);
}
