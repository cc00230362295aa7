/** Connections with ECN agreed on, and segments with its bits. */

import { CWR, ECE } from '@tcpstack/wire/tcp';
import { at, type Script, script } from './script.ts';
import { ack, type Emitted, type SegmentSpec, syn, synAck } from './segments.ts';

export const ECT_0 = 2;
export const ECT_1 = 1;
export const CE = 3;

export const withBits = (bits: number, spec: SegmentSpec): SegmentSpec => ({ ...spec, flags: spec.flags | bits });
export const setupSyn = withBits(ECE | CWR, syn({ mss: 1460 }));
export const setupSynAck = withBits(ECE, synAck({ ack: 1, mss: 1460 }));
export const echo = (spec: SegmentSpec) => withBits(ECE, spec);

/** Both sides agreed; we opened. */
export function agreed(options: Parameters<typeof script>[0] & { rttMs?: number } = {}): Script {
  const t = script({ ecn: 1, congestion: 'reno', ...options }).connect();
  t.inject(at(options.rttMs ?? 0), setupSynAck);
  return t.ignore();
}

/** Both sides agreed; the peer opened. */
export function agreedPassively(): Script {
  const t = script({ passive: true }).inject(at(0), setupSyn);
  return t.inject(at(0), ack({ seq: 1, ack: 1 })).ignore();
}

export const marksOf = (sent: Emitted[]) => sent.map(({ ipEcn }) => ipEcn);
