/** Node's own `net` and `tls` as they were before anything was exchanged. Import it before exchanging. */

import net from 'node:net';
import tls from 'node:tls';
import { BuiltInServer, BuiltInSocket } from '../built-in.ts';

/** A class that may also be called, as those of Node's older modules. */
export interface OldClass {
  new (...args: unknown[]): object;
  readonly prototype: object;
}

export const NodeSocket = BuiltInSocket as unknown as OldClass;
export const NodeServer = BuiltInServer as unknown as OldClass;
export const NodeTlsSocket = tls.TLSSocket as unknown as OldClass;
export const nodeTlsConnect = tls.connect as (...args: unknown[]) => tls.TLSSocket;

/** The options and the listener of a call to `connect` or `listen`, as Node itself reads them. */
export const normalizeArguments = (
  net as unknown as { _normalizeArgs(args: readonly unknown[]): [Record<string, unknown>, (() => void) | null] }
)._normalizeArgs;
