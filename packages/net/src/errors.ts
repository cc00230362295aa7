/** Errors in the shapes that Node gives its own, for what is not a system call's fault. */

/** An error with a code such as "ERR_SOCKET_CLOSED". */
export interface CodedError extends Error {
  code: string;
}

function coded<E extends Error>(error: E, code: string): E & CodedError {
  return Object.assign(error, { code });
}

/** The socket has no connection (any more). */
export function socketClosed(): CodedError {
  return coded(new Error('Socket is closed'), 'ERR_SOCKET_CLOSED');
}

/** The peer has sent its FIN and the socket ended with it: nothing more may be written. */
export function endedByPeer(): CodedError {
  return coded(new Error('This socket has been ended by the other party'), 'EPIPE');
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

export function invalidArgumentType(name: string, expected: string, value: unknown): CodedError {
  return coded(
    new TypeError(`The "${name}" argument must be of type ${expected}. Received ${received(value)}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

export function invalidArgumentValue(text: string): CodedError {
  return coded(new TypeError(text), 'ERR_INVALID_ARG_VALUE');
}

export function outOfRange(name: string, range: string, value: unknown): CodedError {
  return coded(
    new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${String(value)}`),
    'ERR_OUT_OF_RANGE',
  );
}

/** What Node's resolver says of a name it does not know: this stack asks no resolver. */
export function hostNotFound(hostname: string): CodedError {
  const error = coded(new Error(`getaddrinfo ENOTFOUND ${hostname}`), 'ENOTFOUND');
  return Object.assign(error, { errno: -3008, syscall: 'getaddrinfo', hostname });
}

function received(value: unknown): string {
  return value == null
    ? String(value)
    : `type ${typeof value} (${typeof value === 'string' ? `'${value}'` : String(value)})`;
}
