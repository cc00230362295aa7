/**
 * The congestion controls by name, as `TCP_CONGESTION` says them: "a set of alternative algorithms that can be configured
 * for use on the endpoint" — RFC 9293 §3.8.2 [MAY-18].
 */

import { unreachable } from '@tcpstack/bytes/assert';
import { createBbr } from './bbr/bbr.ts';
import type { CongestionController } from './controller.ts';
import { createCubic } from './cubic.ts';
import { createNone } from './none.ts';
import { createReno } from './reno.ts';

export type { AckSample, RecoveryMode } from './ack-sample.ts';
export { createAckSample } from './ack-sample.ts';
export type { CongestionController } from './controller.ts';

/** Every name that there is. */
export const CONGESTION_NAMES = ['reno', 'cubic', 'bbr', 'none'] as const;

/** One of `CONGESTION_NAMES`. */
export type CongestionName = (typeof CONGESTION_NAMES)[number];

/** What a connection gets that asks for nothing: Linux's default, and RFC 9438's. */
export const DEFAULT_CONGESTION: CongestionName = 'cubic';

/**
 * A controller for one connection.
 *
 * @param seed 32 random bits; a control that must not act in step with others takes its choices from it.
 */
export function createCongestion(name: CongestionName, mssBytes: number, seed: number): CongestionController {
  switch (name) {
    case 'reno':
      return createReno(mssBytes);
    case 'cubic':
      return createCubic(mssBytes);
    case 'bbr':
      return createBbr(mssBytes, seed);
    case 'none':
      return createNone();
    default:
      return unreachable(name);
  }
}
