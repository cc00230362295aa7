/** The table of TIME-WAIT against a plain list, and its bytes. */

import { seq } from '@tcpstack/seq/seq';
import { sipKey } from '@tcpstack/seq/siphash';
import { createTcpShared } from '@tcpstack/tcp/shared';
import { IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import { createSegment } from '@tcpstack/wire/segment';
import { ACK } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { arriveTimeWait } from './time-wait-arrival.ts';
import {
  CHALLENGED_AT_MS,
  packTraits,
  RCV_NXT,
  RCV_WND_BYTES,
  SND_NXT,
  TimeWaitTable,
  TRAITS,
  TS_RECENT_AT_MS,
} from './time-wait-table.ts';
import { TupleHash } from './tuple-hash.ts';

const HASH = new TupleHash(sipKey(new Uint8Array(16).fill(7)));
const LOCAL = ipv4Address(1);
/** The most that an entry may take, all included. */
const BYTES_MAX = 200;

/** A remote end that says by its parts which one it is. */
function remote(id: number): IpAddress {
  return id % 2 === 0 ? ipv4Address(id) : new IpAddress(id, 0, 0xffff, id);
}

function add(table: TimeWaitTable, id: number, deadlineMs: number): void {
  const index = table.add(remote(id), id, LOCAL, 80, deadlineMs);
  table.setWord(index, SND_NXT, id * 3);
  table.setTime(index, CHALLENGED_AT_MS, id + 0.5);
}

function find(table: TimeWaitTable, id: number): number {
  return table.find(remote(id), id, LOCAL, 80);
}

const ids = fc.integer({ min: 1, max: 40 });
const commands = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('add' as const), id: ids, earlierMs: fc.oneof(fc.constant(0), fc.nat(5)) }),
    fc.record({
      kind: fc.constantFrom('remove' as const, 'restart' as const, 'owe' as const, 'settle' as const),
      id: ids,
    }),
    fc.record({ kind: fc.constant('expire' as const), id: fc.constant(0) }),
  ),
  { maxLength: 300, size: 'max' },
);
/** A hash that tells few apart shows that addresses and ports are compared. */
const hashes = fc.constantFrom<Pick<TupleHash, 'of'>>(HASH, { of: (_, remotePort) => remotePort & 1 });

describe('the table', () => {
  test('has each entry by its 4-tuple with what it was told, gives them up in order of their deadlines, and knows who owes', () => {
    holds(
      fc.property(commands, hashes, (list, hash) => {
        const table = new TimeWaitTable(hash);
        const model = new Map<number, { deadlineMs: number; owes: boolean }>();
        let nowMs = 0;
        for (const command of list) {
          nowMs++;
          const { kind, id } = command;
          const known = model.get(id);
          if (kind === 'expire') {
            const earliest = Math.min(Infinity, ...[...model.values()].map(({ deadlineMs }) => deadlineMs));
            expect(table.earliestMs()).toBe(earliest);
            if (table.first >= 0) {
              const first = table.word(table.first, SND_NXT) / 3;
              expect(model.get(first)?.deadlineMs).toBe(earliest);
              model.delete(first);
              table.remove(table.first);
            }
          } else if (known === undefined) {
            if (kind !== 'add') continue;
            add(table, id, nowMs + 100 - command.earlierMs);
            model.set(id, { deadlineMs: nowMs + 100 - command.earlierMs, owes: false });
          } else if (kind === 'remove') {
            table.remove(find(table, id));
            model.delete(id);
          } else if (kind === 'restart') {
            table.restart(find(table, id), nowMs + 100);
            known.deadlineMs = nowMs + 100;
          } else if (kind === 'owe') {
            table.owe(find(table, id));
            known.owes = true;
          } else if (kind === 'settle') {
            table.settle(find(table, id));
            known.owes = false;
          }
          expect(table.size).toBe(model.size);
        }
        for (let id = 1; id <= 40; id++) {
          const index = find(table, id);
          const known = model.get(id);
          expect(index >= 0).toBe(known !== undefined);
          if (index < 0) continue;
          expect(table.word(index, SND_NXT)).toBe(id * 3);
          expect(table.time(index, CHALLENGED_AT_MS)).toBe(id + 0.5);
          expect(table.deadlineOf(index)).toBe(known?.deadlineMs);
          expect([table.remoteOf(index), table.remotePortOf(index)]).toEqual([remote(id), id]);
          expect([table.localOf(index), table.localPortOf(index)]).toEqual([LOCAL, 80]);
        }
        const owing = new Set<number>();
        for (let index = table.owing; index >= 0; index = table.owing) {
          owing.add(table.word(index, SND_NXT) / 3);
          table.settle(index);
        }
        expect(owing).toEqual(new Set([...model].filter(([, { owes }]) => owes).map(([id]) => id)));
        const ends: number[] = [];
        for (; table.first >= 0; table.remove(table.first)) ends.push(table.earliestMs());
        expect(ends).toEqual([...ends].sort((a, b) => a - b));
        expect(table.size).toBe(0);
      }),
    );
  });

  test('one that began long before the others ends with them: later than its time, never before', () => {
    const table = new TimeWaitTable(HASH);
    for (let id = 1; id <= 100; id++) add(table, id, 1000 + id);
    add(table, 101, 1002);
    const index = find(table, 101);
    expect(table.deadlineOf(index)).toBe(1036);
    const order: number[] = [];
    for (; table.first >= 0; table.remove(table.first)) order.push(table.earliestMs());
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test.each([1000, 70_000])(
    'of %i entries takes less than 200 bytes for each, all included, and none once they are gone',
    (count) => {
      const table = new TimeWaitTable(HASH);
      let worst = 0;
      for (let id = 1; id <= count; id++) {
        table.add(ipv4Address(id), id & 0xffff, LOCAL, 80, id);
        if (id > count / 2) worst = Math.max(worst, table.bytes / id);
      }
      expect(worst).toBeLessThan(BYTES_MAX);
      for (let left = count; left > 0; left--) {
        if (left > 1000) expect(table.bytes / left).toBeLessThan(BYTES_MAX);
        table.remove(table.first);
      }
      expect(table.bytes).toBe(64 * 8);
    },
  );
});

test('with a window of zero the ACK of text that finds no room is looked at (RFC 9293 §3.4 [MUST-66])', () => {
  const table = new TimeWaitTable(HASH);
  const index = table.add(remote(2), 2, LOCAL, 80, 60_000);
  for (const field of [RCV_NXT, SND_NXT]) table.setWord(index, field, 1000);
  table.setWord(index, RCV_WND_BYTES, 0);
  table.setWord(index, TRAITS, packTraits(false, 0, 0, 0, 64));
  table.setTime(index, CHALLENGED_AT_MS, -Infinity);
  table.setTime(index, TS_RECENT_AT_MS, 0);
  const shared = createTcpShared(new Uint8Array(16));
  const seg = { ...createSegment(), seq: seq(1000), ack: seq(1005), flags: ACK, payloadEnd: 1, len: 1 };
  expect(arriveTimeWait(table, index, seg, 0, shared)).toBe('stays');
  expect(shared.counters).toMatchObject({ unacceptableSegments: 1, unacceptableAcks: 1, challengeAcks: 1 });
});
