/** Properties of hostile input: no segment, in no state, breaks an invariant or throws. */

import { ACK, FIN, PSH, RST, SYN, URG } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Script, type ScriptOptions, script } from './script.ts';
import type { SegmentSpec } from './segments.ts';
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  type PeerOptions,
  synReceived,
  synSent,
  timeWait,
} from './states.ts';

const builders: readonly ((options: PeerOptions) => Script)[] = [
  synSent,
  synReceived,
  established,
  finWait1,
  finWait2,
  closeWait,
  closing,
  lastAck,
  timeWait,
];

/** Near the numbers in use, mostly. */
const near = fc.oneof(fc.integer({ min: -3, max: 8 }), fc.integer({ min: -70_000, max: 70_000 }), fc.integer());

const segments: fc.Arbitrary<SegmentSpec> = fc.record({
  flags: fc
    .array(fc.constantFrom(ACK, ACK, ACK, ACK, FIN, SYN, RST, PSH, URG), { minLength: 1, maxLength: 3 })
    .map((bits) => bits.reduce((all, bit) => all | bit, 0)),
  seq: near,
  ack: near,
  len: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(3000)),
  win: fc.oneof(fc.constant(0), fc.nat(0xffff)),
  up: fc.oneof(fc.nat(20), fc.nat(0xffff)),
  ts: fc.option(fc.tuple(fc.integer({ min: 900, max: 1100 }), fc.nat(2000)), { nil: null }),
  sack: fc.array(fc.tuple(near, near), { maxLength: 2 }),
  mss: fc.option(fc.nat(0xffff), { nil: null }),
  scale: fc.option(fc.nat(255), { nil: null }),
});

type Step =
  | { readonly kind: 'segment'; readonly spec: SegmentSpec }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'write' | 'write-urgent' | 'read'; readonly bytes: number }
  | { readonly kind: 'close' | 'abort' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: segments.map((spec) => ({ kind: 'segment' as const, spec })), weight: 10 },
  { arbitrary: fc.constantFrom(1, 40, 250, 5000, 130_000).map((ms) => ({ kind: 'wait' as const, ms })), weight: 3 },
  { arbitrary: fc.nat(6000).map((bytes) => ({ kind: 'write' as const, bytes })), weight: 3 },
  { arbitrary: fc.nat(6000).map((bytes) => ({ kind: 'read' as const, bytes })), weight: 2 },
  { arbitrary: fc.nat(6000).map((bytes) => ({ kind: 'write-urgent' as const, bytes })), weight: 1 },
  { arbitrary: fc.constantFrom({ kind: 'close' as const }, { kind: 'abort' as const }), weight: 1 },
);

function take(t: Script, step: Step): void {
  if (step.kind === 'segment') {
    // The first SYN is where the script counts from.
    const first = t.tcb.state === 'SYN-SENT' && (step.spec.flags & SYN) !== 0;
    t.inject(t.nowMs, first ? { ...step.spec, seq: 0 } : step.spec);
  }
  if (step.kind === 'wait') t.wait(t.nowMs + step.ms);
  else if (step.kind === 'write') {
    if (t.tcb.state === 'ESTABLISHED' || t.tcb.state === 'CLOSE-WAIT') t.write(step.bytes);
  } else if (step.kind === 'write-urgent') {
    if (t.tcb.state === 'ESTABLISHED' || t.tcb.state === 'CLOSE-WAIT') t.writeUrgent(step.bytes);
  } else if (step.kind === 'read') t.read(step.bytes);
  else if (step.kind === 'close') t.close();
  else t.abort();
}

const setups: fc.Arbitrary<ScriptOptions & { readonly peer: NonNullable<PeerOptions['peer']> }> = fc.record({
  peer: fc.record({
    mss: fc.constantFrom(48, 536, 1460),
    sackOk: fc.boolean(),
    ts: fc.constantFrom(null, [1000, 0] as const),
    scale: fc.constantFrom(null, 0, 7, 14),
  }),
  receiveBufferBytes: fc.constantFrom(500, 3000, 1 << 20),
  sendBufferBytes: fc.constantFrom(500, 3000, 1 << 20),
  receiveBufferMaxBytes: fc.constantFrom(0, 1 << 20),
  sendBufferMaxBytes: fc.constantFrom(0, 1 << 20),
  superSegmentPayloadBytes: fc.constantFrom(0, 10_000),
  noDelay: fc.boolean(),
  loose: fc.constant(true),
});

test('any segments, times and calls, from any state, keep every invariant, and nothing throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...builders), setups, fc.array(steps, { maxLength: 40 }), (build, setup, list) => {
      const t = build(setup);
      for (const step of list) take(t, step);
      t.abort();
      t.read();
      expect(t.pool.stats().lent).toBe(0);
    }),
    { numRuns: 2000 },
  );
}, 60_000);

test('so does any first segment that a listener takes', () => {
  fc.assert(
    fc.property(segments, fc.array(steps, { maxLength: 10 }), (first, list) => {
      const t = script({ passive: true, loose: true });
      t.inject(0, { ...first, flags: SYN, seq: 0 });
      expect(t.tcb.state).toBe('SYN-RECEIVED');
      for (const step of list) take(t, step);
    }),
    { numRuns: 300 },
  );
});
