/** `connect` as a promise. */

import { closedBeforeConnection } from './errors.ts';
import type { ConnectAndSocketOptions } from './net-shape.ts';
import type { Socket } from './socket.ts';

/** How `dial` may be called: as `connect`, without a listener. */
export interface Dial {
  (options: ConnectAndSocketOptions): Promise<Socket>;
  (port: number | string, host?: string): Promise<Socket>;
  (path: string): Promise<Socket>;
}

/** Resolves with a connected socket; rejects with its error, also that of an aborted `signal`. */
export function dialBy(connect: (...args: never[]) => Socket): Dial {
  return (...args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const socket = connect(...(args as never[]));
      const settle = (): void => {
        socket.off('connect', onConnect).off('error', onError).off('close', onClose);
      };
      const onConnect = (): void => {
        settle();
        resolve(socket);
      };
      const onError = (error: Error): void => {
        settle();
        reject(error);
      };
      const onClose = (): void => onError(closedBeforeConnection());
      socket.once('connect', onConnect).once('error', onError).once('close', onClose);
    });
}
