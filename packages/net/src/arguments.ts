/** The many ways to call `connect` and `listen`, brought into options and a listener. */

import type { BlockList, LookupFunction } from 'node:net';

/** Where to connect to, and from where. */
export interface ConnectOptions {
  readonly port?: number | string | undefined;
  /** An address, or a name for `lookup`. Default "localhost". */
  readonly host?: string | undefined;
  /** Default: the stack's address. */
  readonly localAddress?: string | undefined;
  /** Default: an ephemeral port. */
  readonly localPort?: number | undefined;
  /** 4, 6, or 0 for both. */
  readonly family?: number | string | undefined;
  /** For `lookup`. */
  readonly hints?: number | undefined;
  /** Default `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined;
  /** Try the addresses of a name one after another, the families in turns. Default: the stack's. */
  readonly autoSelectFamily?: boolean | undefined;
  /** Milliseconds until the next address is tried. Default: the stack's. */
  readonly autoSelectFamilyAttemptTimeout?: number | undefined;
  /** A local socket: for the built-in `net`. */
  readonly path?: string | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  /** 0 or none picks a free one. */
  readonly port?: number | string | undefined;
  /** An address, or a name. Default: each address of the stack, "::" where it has IPv6, else "0.0.0.0". */
  readonly host?: string | undefined;
  /** Connections that may wait to be accepted. Default 511. */
  readonly backlog?: number | undefined;
  /** No connections of IPv4 on "::". */
  readonly ipv6Only?: boolean | undefined;
  /** Share the port with others that say so. */
  readonly reusePort?: boolean | undefined;
  /** Not to be shared with other processes of a cluster: ours never is. */
  readonly exclusive?: boolean | undefined;
  /** Closes the server when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** A local socket: for the built-in `net`. */
  readonly path?: string | undefined;
  readonly readableAll?: boolean | undefined;
  readonly writableAll?: boolean | undefined;
  /** A descriptor of the operating system: for the built-in `net`. */
  readonly fd?: number | undefined;
}

/** `[options, listener]`; Node marks such a pair, and so do we. */
export type Normalized = [options: Record<string, unknown>, listener: (() => void) | null];

const kNormalized = Symbol('normalized');

/** `(options, listener?)`, `(path, listener?)`, `(port, host?, listener?)`. */
export function normalizeArguments(args: readonly unknown[]): Normalized {
  const first = args[0];
  const last = args.at(-1);
  const pair: Normalized = [optionsOf(first, args), typeof last === 'function' ? (last as () => void) : null];
  return Object.assign(pair, { [kNormalized]: true });
}

/** Whether `value` is what `normalizeArguments` gave. */
export function isNormalized(value: unknown): value is Normalized {
  return Array.isArray(value) && kNormalized in value;
}

function optionsOf(first: unknown, args: readonly unknown[]): Record<string, unknown> {
  if (args.length === 0) return {};
  if (typeof first === 'object' && first !== null) return first as Record<string, unknown>;
  if (isPath(first)) return { path: first };
  return typeof args[1] === 'string' ? { port: first, host: args[1] } : { port: first };
}

/** A string that is no number names a local socket. */
export function isPath(value: unknown): value is string {
  return typeof value === 'string' && numberOr(value, false) === false;
}

/** A number of 0 or more, or `otherwise`. */
export function numberOr<T>(value: unknown, otherwise: T): number | T {
  const number = Number(value);
  return number >= 0 ? number : otherwise;
}

/** What a socket or a stack may be told of lists of addresses. */
export interface Blocking {
  readonly blockList?: BlockList | undefined;
}
