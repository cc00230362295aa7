/** The congestion controls by name, as `TCP_CONGESTION` says them. */

import { unreachable } from '@tcpstack/bytes/assert';
import type { CongestionController } from './controller.ts';
import { createNone } from './none.ts';
import { createReno } from './reno.ts';

export type { AckSample, RecoveryMode } from './ack-sample.ts';
export { createAckSample } from './ack-sample.ts';
export type { CongestionController } from './controller.ts';

/** Every name that there is. */
export const CONGESTION_NAMES = ['reno', 'none'] as const;

/** One of `CONGESTION_NAMES`. */
export type CongestionName = (typeof CONGESTION_NAMES)[number];

/**
 * A controller for one connection.
 *
 * @param seed 32 random bits; a control that must not act in step with others takes its choices from it.
 */
export function createCongestion(name: CongestionName, mssBytes: number, _seed: number): CongestionController {
  switch (name) {
    case 'reno':
      return createReno(mssBytes);
    case 'none':
      return createNone();
    default:
      return unreachable(name);
  }
}
