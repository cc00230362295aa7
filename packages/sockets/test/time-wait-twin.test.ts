/** TIME-WAIT as an entry of the table against TIME-WAIT as the engine has it: what comes in and goes out is the same. */

import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SHUT_WR } from '../src/constants.ts';
import type { Settings } from '../src/host.ts';
import { expectNothingLeft, listening, states } from './calls.ts';
import { holds } from './holds.ts';
import { segment } from './packets.ts';
import { World } from './world.ts';

/** The peer's numbers when TIME-WAIT begins: its next one, and its last timestamp. */
const RCV_NXT = 1002;
const TS_RECENT = 500;

interface Twin {
  readonly world: World;
  readonly sndNxt: number;
  readonly listener: number;
}

interface Case {
  readonly stamped: boolean;
  readonly window: number;
  readonly lastWindow: number;
  readonly settings: Partial<Settings>;
}

/** A connection that the host closed first. While a descriptor refers to it, it keeps its TCB; else it is an entry. */
function inTimeWait({ stamped, window, lastWindow, settings }: Case, keepsTcb: boolean): Twin {
  const stamp = stamped ? { tsVal: TS_RECENT } : {};
  const world = new World({ hosts: [{}], settings });
  const server = world.host(0);
  const listener = listening(server);
  world.inject(segment({ flags: SYN, seq: 1000, window, ...stamp })).settle();
  const ack = ((world.last().tcp?.seq ?? 0) + 1) >>> 0;
  world.inject(segment({ flags: ACK, seq: 1001, ack, window, ...stamp }));
  const fd = server.sys.accept(listener);
  if (keepsTcb) server.sys.shutdown(fd, SHUT_WR);
  else server.sys.close(fd);
  world.settle();
  world.inject(segment({ flags: FIN | ACK, seq: 1001, ack: ack + 1, window: lastWindow, ...stamp })).settle();
  expect(server.sockets().at(-1)).toMatchObject({ state: 'TIME-WAIT', fd: keepsTcb ? fd : -1 });
  world.log.length = 0;
  return { world, sndNxt: (ack + 1) >>> 0, listener };
}

/** Numbers near those that matter: both ends of the window, and far away. */
const near = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4, max: 4 }) },
  fc.constantFrom(-70_000, -65_535, -3000, -1000, 1000, 3000, 65_535, 1_048_500, 1 << 21, 0x7fff_ffff, -0x8000_0000),
  fc.integer({ min: -1_100_000, max: 1_100_000 }),
);
const step = fc.record({
  afterMs: fc.oneof(fc.constantFrom(0, 1, 499, 500, 501, 59_999, 60_000), fc.integer({ min: 0, max: 70_000 })),
  flags: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(ACK, ACK | FIN, RST, SYN, RST | ACK, SYN | ACK) },
    fc.integer({ min: 0, max: 31 }),
  ),
  seq: near,
  ack: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, near),
  payloadBytes: fc.constantFrom(0, 0, 1, 2, 100, 5000),
  window: fc.constantFrom(0, 1, 64_240, 65_535),
  tsVal: fc.option(near, { nil: undefined }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play({ world, sndNxt }: Twin, { afterMs, flags, seq, ack, payloadBytes, window, tsVal }: Step): void {
  world.run(afterMs);
  world
    .inject(
      segment({
        flags,
        seq: (RCV_NXT + seq) >>> 0,
        ack: (sndNxt + ack) >>> 0,
        payload: new Uint8Array(payloadBytes),
        window,
        ...(tsVal === undefined ? {} : { tsVal: (TS_RECENT + tsVal) >>> 0 }),
      }),
    )
    .settle();
}

/** What a stranger and a user see of it. The view of a TCB says more than that of an entry. */
function seen({ world }: Twin, fd: number) {
  const server = world.host(0);
  const inTimeWait = server.sockets().find(({ state, remote }) => state === 'TIME-WAIT' && remote?.port === 5555);
  const { sndNxt, rcvNxt, rcvWndBytes, deadlineMs, sndScale, rcvScale, timestamps } = inTimeWait?.tcp ?? {};
  return {
    sent: world.sentBy(0).map(({ bytes }) => Buffer.from(bytes).toString('hex')),
    states: server
      .sockets()
      .filter((view) => view.fd !== fd)
      .map(({ state }) => state)
      .filter((state) => state !== 'TIME-WAIT'),
    entry: { sndNxt, rcvNxt, rcvWndBytes, deadlineMs, sndScale, rcvScale, timestamps },
    counters: server.counters(),
  };
}

const cases = fc.record({
  stamped: fc.boolean(),
  window: fc.constantFrom(1, 1000, 65_535),
  lastWindow: fc.constantFrom(0, 1, 1000, 65_535),
  settings: fc.record({
    rfc1337: fc.boolean(),
    timestamps: fc.constantFrom(true, true, false),
    receiveBufferBytes: fc.constantFrom(1 << 12, 1 << 20),
  }),
});

test('answers, restarts, ends and yields as the TCB does (RFC 9293 §3.10.7.4; RFC 5961; RFC 7323 §5; RFC 1337; RFC 6191)', () => {
  holds(
    fc.property(cases, fc.boolean(), fc.array(step, { maxLength: 12 }), (one, listens, steps) => {
      const tcb = inTimeWait(one, true);
      const entry = inTimeWait(one, false);
      const fd = 4;
      for (const twin of [tcb, entry]) if (!listens) twin.world.host(0).sys.close(twin.listener);
      for (const each of steps) {
        play(tcb, each);
        play(entry, each);
        expect(seen(entry, fd)).toEqual(seen(tcb, fd));
      }
    }),
    { numRuns: 400 },
  );
});

const QUIET: Case = { stamped: false, window: 1, lastWindow: 1, settings: { receiveBufferBytes: 4096 } };
const PLAIN: Step = { afterMs: 0, flags: ACK, seq: 0, ack: 0, payloadBytes: 0, window: 1, tsVal: undefined };

test.each<[string, Step[]]>([
  [
    'the largest window says which ACKs may be late (RFC 5961 §5.2)',
    [
      { ...PLAIN, window: 65_535 },
      { ...PLAIN, ack: -1000 },
    ],
  ],
  [
    'and an older segment says nothing of the window',
    [
      { ...PLAIN, seq: 100 },
      { ...PLAIN, window: 65_535 },
      { ...PLAIN, ack: -1000 },
    ],
  ],
  ['text from before the window to beyond it is acceptable, and ignored', [{ ...PLAIN, seq: -1, payloadBytes: 5000 }]],
])('as the TCB does: %s', (_, steps) => {
  const tcb = inTimeWait(QUIET, true);
  const entry = inTimeWait(QUIET, false);
  for (const each of steps) {
    play(tcb, each);
    play(entry, each);
  }
  expect(seen(entry, 4)).toEqual(seen(tcb, 4));
});

test('once the descriptor is closed, however late, the entry takes over and ends when the TCB would have', () => {
  const { world } = inTimeWait({ stamped: true, window: 1000, lastWindow: 0, settings: {} }, true);
  const server = world.host(0);
  const tcbs = () => {
    let count = 0;
    server.eachConnection(() => count++);
    return count;
  };
  world.run(10_000);
  expect(tcbs()).toBe(1);
  server.sys.close(4);
  world.settle();
  expect(tcbs()).toBe(0);
  expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
  expect(world.log).toEqual([]);
  world.run(49_999);
  expect(states(server)).toEqual(['LISTEN', 'TIME-WAIT']);
  world.run(1);
  expectNothingLeft(server);
});
