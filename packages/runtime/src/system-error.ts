/** A negative errno from a system call becomes an error in the shape that Node gives its own. */

import { getSystemErrorMap } from 'node:util';
import { errnoMessage, errnoName } from '@tcpstack/sockets/errno';

/** An error of a system call, as Node shapes it. */
export interface SystemError extends Error {
  /** "ECONNREFUSED" */
  code: string;
  /** The negative number that this platform's Node has for `code`. */
  errno: number;
  /** "connect" */
  syscall: string;
  address?: string;
  port?: number;
}

/** The number and the text that Node has for a code; both differ by platform. */
interface Known {
  readonly errno: number;
  readonly message: string;
}

let knownByCode: Map<string, Known> | null = null;

function known(code: string, errno: number): Known {
  if (knownByCode === null) {
    knownByCode = new Map();
    for (const [number, [name, message]] of getSystemErrorMap()) knownByCode.set(name, { errno: number, message });
  }
  return knownByCode.get(code) ?? { errno: -Math.abs(errno), message: errnoMessage(errno) };
}

/**
 * "connect ECONNREFUSED 10.0.0.1:80", "read ECONNRESET".
 *
 * @param errno What the call returned: a Linux errno, positive or negative.
 * @param syscall "connect", "read", ...
 * @param address Where to, when the call names a place.
 * @param local "10.0.0.2:5000", where from, when that is to be said: "connect EISCONN 10.0.0.1:80 - Local (10.0.0.2:5000)".
 */
export function systemError(
  errno: number,
  syscall: string,
  address?: string,
  port?: number,
  local?: string,
): SystemError {
  const code = errnoName(errno);
  const from = local === undefined ? '' : ` - Local (${local})`;
  const error = new Error(`${syscall} ${code}${place(address, port)}${from}`);
  return shaped(error, code, errno, syscall, address, port);
}

/**
 * The longer form that Node uses for calls which claim an address: "listen EADDRINUSE: address already
 * in use 10.0.0.2:80". Parameters as in `systemError`.
 */
export function systemErrorWithText(errno: number, syscall: string, address?: string, port?: number): SystemError {
  const code = errnoName(errno);
  const text = known(code, errno).message;
  const error = new Error(`${syscall} ${code}: ${text}${place(address, port)}`);
  // In this form Node names the code first, which shows where an error is printed.
  return shaped(Object.assign(error, { code }), code, errno, syscall, address, port);
}

function place(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return '';
  return port !== undefined && port > 0 ? ` ${address}:${port}` : ` ${address}`;
}

function shaped(
  made: Error,
  code: string,
  errno: number,
  syscall: string,
  address: string | undefined,
  port: number | undefined,
): SystemError {
  const error = made as SystemError;
  error.errno = known(code, errno).errno;
  error.code = code;
  error.syscall = syscall;
  if (address !== undefined) error.address = address;
  if (port !== undefined && port > 0) error.port = port;
  return error;
}
