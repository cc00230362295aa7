/** What both ends of the bench agree on. */

export const PORTS = { sink: 1001, source: 1002, echo: 1003, oneByte: 1004, idle: 1005, http: 1006 } as const;
export const CHUNK_BYTES = 256 * 1024;
export const TUN_ADDRESS = '10.77.0.2';
export const TUN_HOST_ADDRESS = '10.77.0.1/24';
export const VETH_ADDRESS = '10.78.0.2';
export const VETH_CLIENT_ADDRESS = '10.78.0.1';

/** One question for the client, one line of JSON each way. */
export type Question =
  | { readonly kind: 'send' | 'receive'; readonly seconds: number }
  | { readonly kind: 'echo'; readonly rounds: number }
  | { readonly kind: 'connect'; readonly connections: number; readonly atOnce: number }
  | { readonly kind: 'http'; readonly seconds: number; readonly connections: number }
  | { readonly kind: 'open-idle'; readonly connections: number }
  | { readonly kind: 'close-idle' };

export interface Answer {
  /** Gbit/s, or rounds, connections or requests per second. */
  readonly rate: number;
  readonly p50Us: number;
  readonly p99Us: number;
}
