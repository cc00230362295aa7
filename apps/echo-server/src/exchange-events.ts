/** What happened in the exchange, as data: the lines of `--json`. Times are milliseconds since the beginning. */

import type { ServiceName } from './services/service.ts';

/** Something was sent to a service, and what came of it. */
interface Step {
  readonly timeMs: number;
  readonly transport: 'tcp' | 'udp';
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** What came back is, byte by byte, what the RFC says. */
  readonly asExpected: boolean;
  readonly durationMs: number;
}

export type EchoEvent =
  | {
      readonly type: 'listening';
      readonly timeMs: number;
      readonly service: ServiceName;
      readonly address: string;
      readonly port: number;
    }
  | { readonly type: 'connected'; readonly timeMs: number; readonly local: string; readonly remote: string }
  | (Step & { readonly type: 'echo'; readonly sha256: string })
  | (Step & { readonly type: 'discard' })
  | (Step & { readonly type: 'chargen' })
  | {
      readonly type: 'closed';
      readonly timeMs: number;
      readonly service: ServiceName;
      readonly clientState: string;
      readonly serverState: string;
    }
  | { readonly type: 'packets'; readonly timeMs: number; readonly toServer: number; readonly toClient: number };
