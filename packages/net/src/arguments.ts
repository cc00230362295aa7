/** The many ways to call `connect` and `listen`, brought into one form each. */

import { badPort, invalidArgumentType, invalidArgumentValue, missingArguments } from './errors.ts';

/** Where to connect to, and from where. */
export interface ConnectOptions {
  readonly port: number | string;
  /** An IPv4 or IPv6 address in digits; names are not resolved. Default "localhost", which is a name. */
  readonly host?: string | undefined;
  /** Default: the stack's address. */
  readonly localAddress?: string | undefined;
  /** Default: an ephemeral port. */
  readonly localPort?: number | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  /** 0 or none picks a free one. */
  readonly port?: number | string | undefined;
  /** An IPv4 or IPv6 address in digits. Default: each address of the stack, "::" where it has IPv6, else "0.0.0.0". */
  readonly host?: string | undefined;
  /** Connections that may wait to be accepted. Default 511. */
  readonly backlog?: number | undefined;
  /** Closes the server when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface ConnectCall {
  readonly port: number;
  readonly host: string;
  readonly localAddress: string | undefined;
  readonly localPort: number;
  readonly listener: (() => void) | undefined;
}

export interface ListenCall {
  readonly port: number;
  /** '' when it was not said. */
  readonly host: string;
  readonly backlog: number;
  readonly signal: AbortSignal | undefined;
  readonly listener: (() => void) | undefined;
}

const BACKLOG_SEGS = 511;
const PORT_MAX = 65535;

/** `(options, listener?)`, `(port, host?, listener?)`. Throws what Node throws for what it cannot mean. */
export function connectCall(args: readonly unknown[]): ConnectCall {
  const listener = listenerOf(args);
  const first = args[0];
  if (isObject(first)) {
    const options = first as Partial<ConnectOptions>;
    if (options.port === undefined) {
      throw invalidArgumentValue(
        'The argument \'options\' must have the property "port": this stack has no local sockets',
      );
    }
    return {
      port: port(options.port, 'Port'),
      host: options.host ?? 'localhost',
      localAddress: options.localAddress,
      localPort: port(options.localPort ?? 0, 'options.localPort'),
      listener,
    };
  }
  if (!isPortLike(first)) throw missingArguments('"options" or "port"');
  const host = typeof args[1] === 'string' ? args[1] : 'localhost';
  return { port: port(first, 'Port'), host, localAddress: undefined, localPort: 0, listener };
}

/** `(options, listener?)`, `(port?, host?, backlog?, listener?)`. Throws what Node throws for what it cannot mean. */
export function listenCall(args: readonly unknown[]): ListenCall {
  const listener = listenerOf(args);
  const first = args[0];
  if (isObject(first)) {
    const options = first as ListenOptions;
    if (options.port === undefined) {
      throw invalidArgumentValue(
        'The argument \'options\' must have the property "port": this stack has no local sockets',
      );
    }
    return {
      port: port(options.port, 'options.port'),
      host: options.host ?? '',
      backlog: backlog(options.backlog),
      signal: options.signal,
      listener,
    };
  }
  const hasPort = first !== undefined && first !== null && typeof first !== 'function';
  if (hasPort && !isPortLike(first)) throw invalidArgumentType('port', 'number', first);
  const host = typeof args[1] === 'string' ? args[1] : '';
  const queue = args.slice(1).find((value) => typeof value === 'number');
  return {
    port: hasPort ? port(first, 'options.port') : 0,
    host,
    backlog: backlog(queue),
    signal: undefined,
    listener,
  };
}

function listenerOf(args: readonly unknown[]): (() => void) | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as () => void) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isPortLike(value: unknown): value is number | string {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number(value) >= 0);
}

function port(value: unknown, name: string): number {
  const number = isPortLike(value) ? Number(value) : Number.NaN;
  if (!(Number.isInteger(number) && number >= 0 && number <= PORT_MAX)) throw badPort(name, value);
  return number;
}

function backlog(value: unknown): number {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : BACKLOG_SEGS;
}
