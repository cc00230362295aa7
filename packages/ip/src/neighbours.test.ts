/** The neighbour cache: its states in virtual time, its queue, its limits. */

import { ETHERTYPE_IPV6, formatMac } from '@tcpstack/wire/ethernet';
import { formatAddress } from '@tcpstack/wire/ip-address';
import { describe, expect, test } from 'vitest';
import { ip } from '../test/hub.ts';
import { createEthernetCounters } from './ethernet-counters.ts';
import { createNeighbourSettings, type Neighbour, type NeighbourSettings } from './neighbour.ts';
import { type NeighbourActions, NeighbourTable } from './neighbours.ts';

const OURS = 0x0200_0000_0001;
const THEIRS = 0x0200_0000_0002;
const OTHER = 0x0200_0000_0003;
const US = ip('fe80::1');
const PEER = ip('fe80::2');

/** A table with its clock, and a line for everything that it asked for. */
class Bench implements NeighbourActions {
  nowMs = 1000;
  readonly said: string[] = [];
  readonly counters = createEthernetCounters();
  readonly table: NeighbourTable;

  /** With the random number 0.5 a neighbour is reachable for exactly the base, 30 s. */
  constructor(settings: Partial<NeighbourSettings> = {}, random = () => 0.5) {
    const all = { ...createNeighbourSettings(), ...settings };
    this.table = new NeighbourTable(all, ETHERTYPE_IPV6, OURS, random, this, this.counters);
  }

  solicit(neighbour: Neighbour, isUnicast: boolean): void {
    this.said.push(`${this.nowMs} ${isUnicast ? 'ask' : 'ask all'} ${formatAddress(neighbour.address)}`);
  }
  resolved(neighbour: Neighbour): void {
    this.said.push(`${this.nowMs} send ${neighbour.waiting.map(({ bytes }) => bytes[0]).join(' ')}`);
  }
  failed(neighbour: Neighbour): void {
    this.said.push(`${this.nowMs} unreachable ${neighbour.waiting.map(({ bytes }) => bytes[0]).join(' ')}`);
  }

  /** Sends packet number `id` to the peer; whether it could go at once. */
  send(id = 0, to = PEER, lengthBytes = 100): boolean {
    const entry = this.table.need(this.nowMs, to);
    if (entry === null) return false;
    if (this.table.use(this.nowMs, entry, US)) return true;
    this.table.hold(entry, { bytes: new Uint8Array(lengthBytes).fill(id), flags: 0, segmentBytes: 0 });
    return false;
  }

  /** The peer answers. */
  answer(mac = THEIRS, state: 'REACHABLE' | 'STALE' = 'REACHABLE', overrides = true): void {
    this.table.learn(this.nowMs, this.peer, mac, state, overrides);
  }

  get peer(): Neighbour {
    return this.table.need(this.nowMs, PEER) as Neighbour;
  }

  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (let next = this.table.deadlineMs; next <= untilMs; next = this.table.deadlineMs) {
      this.nowMs = Math.max(next, this.nowMs);
      this.table.handleTimeout(this.nowMs);
    }
    this.nowMs = untilMs;
    return this;
  }

  /** A peer that answered now. */
  static reachable(): Bench {
    const bench = new Bench();
    bench.send();
    bench.answer();
    bench.said.length = 0;
    return bench;
  }
}

describe('a neighbour', () => {
  test('that nobody knows is asked for when a packet is for it, which waits for the answer (RFC 4861 §7.2.2)', () => {
    const bench = new Bench();
    expect(bench.send(7)).toBe(false);
    expect(bench.peer.state).toBe('INCOMPLETE');
    bench.run(10);
    bench.answer();
    expect(bench.peer.state).toBe('REACHABLE');
    expect(bench.said).toEqual(['1000 ask all fe80::2', '1010 send 7']);
    expect(bench.send(8)).toBe(true);
    expect(formatMac(bench.peer.mac)).toBe('02:00:00:00:00:02');
    expect([...bench.peer.header]).toEqual([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd]);
  });

  test('that does not answer is asked for three times, a second apart, and then its packets are told of (RFC 4861 §7.2.2, §10)', () => {
    const bench = new Bench();
    bench.send(1);
    bench.send(2);
    bench.run(60_000);
    expect(bench.said).toEqual([
      '1000 ask all fe80::2',
      '2000 ask all fe80::2',
      '3000 ask all fe80::2',
      '4000 unreachable 1 2',
    ]);
    expect(bench.peer.state).toBe('FAILED');
    expect(bench.counters).toMatchObject({ neighboursFailed: 1, unresolvedDropped: 2 });
  });

  test('that failed is asked for again by the next packet', () => {
    const bench = new Bench();
    bench.send(1);
    bench.run(60_000);
    bench.said.length = 0;
    bench.send(2);
    bench.answer();
    expect(bench.said).toEqual(['61000 ask all fe80::2', '61000 send 2']);
  });

  test('is stale after its time, if nothing was sent to it lately (RFC 4861 §7.3.2)', () => {
    const bench = Bench.reachable();
    bench.run(29_999);
    expect(bench.peer.state).toBe('REACHABLE');
    bench.run(1);
    expect(bench.peer.state).toBe('STALE');
    expect(bench.said).toEqual([]);
    expect(bench.table.deadlineMs).toBe(Infinity);
  });

  test('is delayed when it is used while stale, and asked itself 5 s later (RFC 4861 §7.3.3)', () => {
    const bench = Bench.reachable();
    bench.run(30_000);
    expect(bench.send()).toBe(true);
    expect(bench.peer.state).toBe('DELAY');
    bench.run(4999);
    expect(bench.said).toEqual([]);
    bench.run(1);
    expect(bench.peer.state).toBe('PROBE');
    expect(bench.said).toEqual(['36000 ask fe80::2']);
    expect(bench.send()).toBe(true);
    bench.answer();
    expect(bench.peer.state).toBe('REACHABLE');
  });

  test('fails after three questions to itself (RFC 4861 §7.3.3, MAX_UNICAST_SOLICIT)', () => {
    const bench = Bench.reachable();
    bench.run(30_000);
    bench.send();
    bench.run(10_000);
    expect(bench.said).toEqual(['36000 ask fe80::2', '37000 ask fe80::2', '38000 ask fe80::2', '39000 unreachable ']);
    expect(bench.peer.state).toBe('FAILED');
    expect(bench.send()).toBe(false);
  });

  test('is never asked while the upper layer tells of progress (RFC 4861 §7.3.1)', () => {
    const bench = Bench.reachable();
    for (let i = 0; i < 100; i++) {
      bench.send();
      bench.table.confirm(bench.nowMs, PEER);
      bench.run(1000);
    }
    expect(bench.said).toEqual([]);
    expect(bench.peer.state).toBe('REACHABLE');
  });

  test('that is confirmed while delayed is reachable again without a question (RFC 4861 §7.3.2)', () => {
    const bench = Bench.reachable();
    bench.run(30_000);
    bench.send();
    bench.run(2000);
    bench.table.confirm(bench.nowMs, PEER);
    bench.run(3000);
    expect(bench.peer.state).toBe('REACHABLE');
    expect(bench.said).toEqual([]);
  });

  test('that is in use when its time ends is delayed at once, as in Linux', () => {
    const bench = Bench.reachable();
    bench.run(27_000);
    bench.send();
    bench.run(3000);
    expect(bench.peer.state).toBe('DELAY');
  });

  test('that moved is stale at its new place, and its packets go there', () => {
    const bench = Bench.reachable();
    bench.run(5000);
    bench.answer(OTHER, 'STALE');
    expect(bench.peer).toMatchObject({ state: 'STALE', mac: OTHER });
    expect(bench.peer.header[5]).toBe(3);
  });

  test('of whom another address is told without "override" keeps his, and is suspect (RFC 4861 §7.2.5)', () => {
    const bench = Bench.reachable();
    bench.answer(OTHER, 'REACHABLE', false);
    expect(bench.peer).toMatchObject({ state: 'STALE', mac: THEIRS });
    bench.answer(OTHER, 'STALE', false);
    expect(bench.peer).toMatchObject({ state: 'STALE', mac: THEIRS });
  });

  test('told of by himself, without a question, is stale while unknown and else as he was (RFC 4861 §7.2.3)', () => {
    const bench = new Bench();
    bench.answer(THEIRS, 'STALE');
    expect(bench.peer.state).toBe('STALE');
    bench.answer(THEIRS, 'REACHABLE');
    bench.answer(THEIRS, 'STALE');
    expect(bench.peer.state).toBe('REACHABLE');
  });

  test('is reachable for half to one and a half of the base, drawn at random (RFC 4861 §6.3.2)', () => {
    for (const [random, ms] of [
      [0, 15_000],
      [0.999, 44_970],
    ] as const) {
      const bench = new Bench({}, () => random);
      bench.send();
      bench.answer();
      bench.run(ms - 1);
      expect(bench.peer.state).toBe('REACHABLE');
      bench.run(1);
      expect(bench.peer.state).not.toBe('REACHABLE');
    }
  });
});

describe('packets that wait', () => {
  test('are so many bytes as the limit allows: the oldest goes first, and is counted (RFC 4861 §7.2.2)', () => {
    const bench = new Bench({ waitingMaxBytes: 300 });
    for (const id of [1, 2, 3, 4, 5]) bench.send(id);
    bench.answer();
    expect(bench.said.at(-1)).toBe('1000 send 3 4 5');
    expect(bench.counters.unresolvedDropped).toBe(2);
  });

  test('are no more than the limit of all neighbours together; one too large for any queue is dropped', () => {
    const bench = new Bench({ waitingMaxBytes: 300, waitingTotalMaxBytes: 500 });
    for (let i = 1; i <= 9; i++) bench.send(i, ip(`fe80::${i + 1}`), 100);
    expect(bench.counters.unresolvedDropped).toBe(4);
    bench.send(10, ip('fe80::2'), 301);
    expect(bench.counters.unresolvedDropped).toBe(6);
    bench.run(10_000);
    expect(bench.counters.unresolvedDropped).toBe(10);
    bench.send(11, ip('fe80::20'), 300);
    expect(bench.counters.unresolvedDropped).toBe(10);
  });
});

describe('the table', () => {
  const many = (i: number) => ip(`2001:db8::${Math.floor(i / 0xffff).toString(16)}:${(i % 0xffff).toString(16)}`);

  test('holds at most gc_thresh3 entries under a scan of 10,000 addresses, and goes on serving the known', () => {
    const bench = new Bench();
    bench.send();
    bench.answer();
    for (let i = 0; i < 10_000; i++) {
      bench.send(1, many(i));
      expect(bench.table.entries.length).toBeLessThanOrEqual(1024);
      if (i % 10 === 0) bench.run(10);
      if (i % 1000 === 0) expect(bench.send()).toBe(true);
    }
    expect(bench.counters.neighbourTableFull).toBeGreaterThan(0);
    expect(bench.peer.mac).toBe(THEIRS);
    // What failed makes room again: somebody honest is found.
    bench.run(10_000);
    expect(bench.table.need(bench.nowMs, ip('fe80::99'))).not.toBeNull();
    bench.run(120_000);
    expect(bench.table.entries.length).toBeLessThan(128);
    expect(bench.table.deadlineMs).toBe(Infinity);
  });

  test('clears away nothing while it has fewer entries than gc_thresh1', () => {
    const bench = new Bench();
    for (let i = 0; i < 127; i++) bench.send(1, many(i));
    bench.run(600_000);
    expect(bench.table.entries.length).toBe(127);
  });

  test('clears away at once what failed, and later what nobody used for a minute', () => {
    const bench = new Bench({ gcThreshold1: 2, gcIntervalMs: 1000 });
    bench.answer(THEIRS, 'STALE');
    for (let i = 0; i < 3; i++) bench.send(1, many(i));
    bench.run(5000);
    expect(bench.table.entries.length).toBeLessThan(3);
    bench.table.need(bench.nowMs, many(9));
    bench.run(100_000);
    expect(bench.table.entries.length).toBe(1);
  });

  test('finds each of many entries, also after others went', () => {
    const bench = new Bench({ gcThreshold1: 1, gcThreshold2: 800, gcThreshold3: 1024, gcIntervalMs: 1000 });
    for (let i = 0; i < 1000; i++) {
      const entry = bench.table.need(bench.nowMs, many(i)) as Neighbour;
      if (i % 2 === 0) bench.table.learn(bench.nowMs, entry, i + 1, 'REACHABLE', true);
    }
    bench.run(29_000);
    for (let i = 0; i < 1000; i += 2) bench.table.confirm(bench.nowMs, many(i));
    bench.run(32_000);
    for (let i = 0; i < 1000; i++) {
      const entry = bench.table.find(many(i));
      expect(entry === null ? null : entry.mac).toBe(i % 2 === 0 ? i + 1 : null);
    }
  });
});
