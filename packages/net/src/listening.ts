/** What `listen` does, by what it is given: a port, a name, or something that is the built-in's to serve. */

import dns from 'node:dns';
import { addAbortListener } from 'node:events';
import { isIPv6 } from 'node:net';
import { systemErrorWithText } from '@tcpstack/runtime/system-error';
import { isPath, type ListenOptions, normalizeArguments, numberOr } from './arguments.ts';
import { announceListen, announceListenError, announceListening } from './diagnostics.ts';
import { invalidArgumentValue, serverAlreadyListens } from './errors.ts';
import { listenBuiltIn } from './listen-built-in.ts';
import { ListenHandle, openListener } from './listen-handle.ts';
import type { Server } from './server.ts';
import { kServer } from './server-state.ts';
import { checkPort, checkSignal } from './validate.ts';

const BACKLOG_SEGS = 511;

/** Throws what Node throws for arguments that it cannot mean. */
export function listen(server: Server, args: readonly unknown[]): void {
  const [given, listener] = normalizeArguments(args);
  if (server._handle !== null) throw serverAlreadyListens();
  announceListen(server, given);
  if (listener !== null) server.once('listening', listener);
  const queue = numberOr(args[1], 0) || numberOr(args[2], 0);
  const handle = given._handle || given.handle;
  server._listeningId++;
  const options = given as ListenOptions;
  closeOnAbort(server, handle ? undefined : options.signal);
  if (handle instanceof ListenHandle) {
    listenWith(server, handle);
    return;
  }
  if (handle || (typeof options.fd === 'number' && options.fd >= 0)) {
    listenBuiltIn(server, handle ? { handle } : options, queue);
    return;
  }
  const port = portOf(options, args);
  if (typeof port === 'number' || typeof port === 'string') {
    listenOnPort(server, { ...options, port: checkPort(port, 'options.port') }, options.backlog || queue);
  } else if (options.path && isPath(options.path)) listenBuiltIn(server, options, options.backlog || queue);
  else if (!('port' in options || 'path' in options)) {
    throw invalidArgumentValue('options', options, 'must have the property "port" or "path"');
  } else throw invalidArgumentValue('options', options);
}

/** No port said means any. */
function portOf(options: ListenOptions, args: readonly unknown[]): unknown {
  const isAny = args.length === 0 || typeof args[0] === 'function' || options.port === null;
  return isAny || (options.port === undefined && 'port' in options) ? 0 : options.port;
}

function closeOnAbort(server: Server, signal: unknown): void {
  if (signal === undefined) return;
  checkSignal(signal, 'options.signal');
  if (signal?.aborted) process.nextTick(() => server.close());
  else if (signal !== undefined) {
    const disposable = addAbortListener(signal, () => server.close());
    server.once('close', () => disposable[Symbol.dispose]());
  }
}

function listenOnPort(server: Server, options: ListenOptions & { readonly port: number }, backlog: number): void {
  const { host } = options;
  if (!host) {
    openOn(server, options, server[kServer].context.anyAddress, backlog);
    return;
  }
  const asked = server._listeningId;
  dns.lookup(host, { all: true }, (error, addresses) => {
    if (asked !== server._listeningId) return;
    if (error !== null) server.emit('error', error);
    else
      openOn(
        server,
        options,
        (addresses.find(({ address }) => !isLinkLocal(address)) ?? addresses[0])?.address,
        backlog,
      );
  });
}

/** An address of IPv6 that is good on one link only: a name that has another means that. */
function isLinkLocal(address: string): boolean {
  return isIPv6(address) && /^fe[89ab]/i.test(address);
}

function openOn(
  server: Server,
  { port, ipv6Only, reusePort }: ListenOptions & { readonly port: number },
  host = '0.0.0.0',
  backlog = 0,
): void {
  const { context } = server[kServer];
  const fd = openListener(context.driver.sys, {
    host,
    port,
    // What is no number at all is one connection to Node, as 0 is to the kernel.
    backlog: backlog ? Math.trunc(Number(backlog)) || 0 : BACKLOG_SEGS,
    ipv6Only: ipv6Only === true,
    reusePort: reusePort === true,
  });
  if (typeof fd !== 'number') {
    fail(server, fd);
    return;
  }
  server._connectionKey = `${isIPv6(host) ? 6 : 4}:${host}:${port}`;
  begin(server, new ListenHandle(context, server, fd));
}

/** On the listener of another server. */
function listenWith(server: Server, other: ListenHandle): void {
  const fd = other.duplicate();
  if (fd < 0) fail(server, systemErrorWithText(fd, 'listen'));
  else begin(server, new ListenHandle(server[kServer].context, server, fd));
}

function fail(server: Server, error: Error): void {
  announceListenError(server, error);
  process.nextTick(() => server.emit('error', error));
}

function begin(server: Server, handle: ListenHandle): void {
  server._handle = handle;
  announceListening(server);
  if (server._unref) handle.unref();
  process.nextTick(() => {
    if (server._handle !== null) server.emit('listening');
  });
}
