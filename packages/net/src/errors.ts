/** Errors in the shapes that Node gives its own, for what is not a system call's fault. */

import { inspect } from 'node:util';
import { received } from './received.ts';

/** An error with a code such as "ERR_SOCKET_CLOSED". */
export interface CodedError extends Error {
  code: string;
}

/** `name` is shown in the first line of the stack with the code beside it, as Node does. */
export function coded<E extends Error>(error: E, code: string): E & CodedError {
  const name = error.name;
  error.name = `${name} [${code}]`;
  Error.captureStackTrace(error, coded);
  // The stack is written when it is first read.
  void error.stack;
  delete (error as { name?: string }).name;
  Object.defineProperty(error, 'toString', {
    value: () => `${name} [${code}]: ${error.message}`,
    configurable: true,
    writable: true,
  });
  return Object.assign(error, { code });
}

/** The socket has no connection (any more). */
export function socketClosed(): CodedError {
  return coded(new Error('Socket is closed'), 'ERR_SOCKET_CLOSED');
}

/** The socket was destroyed while a write waited for the connection. */
export function closedBeforeConnection(): CodedError {
  return coded(new Error('Socket closed before the connection was established'), 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION');
}

/** Several addresses were tried, and none had an error of its own. */
export function connectionTimeout(): CodedError {
  return coded(new Error('Socket connection timeout'), 'ERR_SOCKET_CONNECTION_TIMEOUT');
}

/** The peer has sent its FIN and the socket ended with it: nothing more may be written. */
export function endedByPeer(): CodedError {
  return Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
}

/** `close` of a server that does not listen. */
export function serverNotRunning(): CodedError {
  return coded(new Error('Server is not running.'), 'ERR_SERVER_NOT_RUNNING');
}

/** `listen` of a server that listens. */
export function serverAlreadyListens(): CodedError {
  return coded(new Error('Listen method has been called more than once without closing.'), 'ERR_SERVER_ALREADY_LISTEN');
}

/** A port beyond 0 to 65535. */
export function badPort(name: string, port: unknown): CodedError {
  return coded(
    new RangeError(`${name} should be >= 0 and < 65536. Received ${received(port)}.`),
    'ERR_SOCKET_BAD_PORT',
  );
}

/** None of the arguments that say where to. */
export function missingArguments(names: string): CodedError {
  return coded(new TypeError(`The ${names} argument must be specified`), 'ERR_MISSING_ARGS');
}

/** @param expected "of type number", "an instance of AbortSignal" */
export function invalidArgumentType(name: string, expected: string, value: unknown): CodedError {
  const kind = name.includes('.') ? 'property' : 'argument';
  return coded(
    new TypeError(`The "${name}" ${kind} must be ${expected}. Received ${received(value)}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

const SHOWN_LENGTH_MAX = 128;

export function invalidArgumentValue(name: string, value: unknown, reason = 'is invalid'): CodedError {
  const text = inspect(value);
  const shown = text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}...` : text;
  const kind = name.includes('.') ? 'property' : 'argument';
  return coded(new TypeError(`The ${kind} '${name}' ${reason}. Received ${shown}`), 'ERR_INVALID_ARG_VALUE');
}

export function outOfRange(name: string, range: string, value: unknown): CodedError {
  const isLong = Number.isInteger(value) && Math.abs(value as number) > 2 ** 32;
  const shown = isLong ? String(value).replaceAll(/\B(?=(\d{3})+$)/g, '_') : inspect(value);
  return coded(
    new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${shown}`),
    'ERR_OUT_OF_RANGE',
  );
}

/** Neither what a resolver answered nor an option is an address in digits. */
export function invalidIpAddress(value: unknown): CodedError {
  return coded(new TypeError(`Invalid IP address: ${String(value)}`), 'ERR_INVALID_IP_ADDRESS');
}

/** A resolver answered with a family that is neither 4 nor 6. */
export function invalidAddressFamily(family: unknown, host: unknown, port: unknown): CodedError {
  const error = new RangeError(`Invalid address family: ${family} ${host}:${port}`);
  return Object.assign(coded(error, 'ERR_INVALID_ADDRESS_FAMILY'), { host, port });
}

/** The address stands in the socket's `blockList`. */
export function ipBlocked(address: string): CodedError {
  return coded(new Error(`IP(${address}) is blocked by net.BlockList`), 'ERR_IP_BLOCKED');
}

/** What only the built-in `net` can do, asked of an object that it did not make. */
export function notOurs(what: string): CodedError {
  return coded(new Error(`${what} is not TCP: use node:net's own class for it`), 'ERR_METHOD_NOT_IMPLEMENTED');
}

/** A reset was asked for where there is no TCP. */
export function invalidHandleType(): CodedError {
  return coded(new TypeError('This handle type cannot be sent'), 'ERR_INVALID_HANDLE_TYPE');
}
