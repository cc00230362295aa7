/** Finding a connection: the table, and what it was chosen over. */

import { type SipKey, sipHash, sipKey } from '@tcpstack/seq/siphash';
import { createTcpShared } from '@tcpstack/tcp/shared';
import { createTcb, type Tcb } from '@tcpstack/tcp/tcb';
import { formatAddress, IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import { type Connection, createConnection } from '../src/connection.ts';
import { ConnectionTable } from '../src/connection-table.ts';
import { TupleHash } from '../src/tuple-hash.ts';
import { cpuMs } from './cpu.ts';

export type Row = readonly [what: string, value: string];

const KEY: SipKey = sipKey(new Uint8Array(16).fill(7));
const LOCAL = ipv4Address(0x0a00_0001);
const LOCAL_IPV6 = new IpAddress(0x2001_0db8, 0, 0, 1);
const ROUNDS = 3;
const CALLS = 1_000_000;
/** Whatever a bench computes ends here, so that it is computed. */
let sink = 0;

/** Nanoseconds of one call: the best of some rounds. */
function nanoseconds(call: (i: number) => number): string {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const from = cpuMs();
    for (let i = 0; i < CALLS; i++) sink ^= call(i);
    best = Math.min(best, cpuMs() - from);
  }
  return `${((best / CALLS) * 1e6).toFixed(0)} ns`;
}

/** What multiplies and shifts, keyed by one word: what the table had before. */
function mix(words: Int32Array, count: number): number {
  let h = Math.imul((words[0] as number) ^ (KEY[0] as number), 0x9e37_79b1);
  for (let i = 1; i < count; i++) h = Math.imul((h ^ (h >>> 15)) + (words[i] as number), 0x85eb_ca77);
  return h ^ (h >>> 16);
}

export function hashRows(): Row[] {
  const hash = new TupleHash(KEY);
  const remotes = Array.from({ length: 1024 }, (_, i) => ipv4Address(i * 7919));
  const remotes6 = Array.from({ length: 1024 }, (_, i) => new IpAddress(0x2001_0db8, 0, i, i * 7919));
  const words = new Int32Array(9);
  const at = <T>(all: readonly T[], i: number) => all[i & 1023] as T;
  const filled = (i: number) => {
    words[0] = at(remotes, i).w3;
    words[1] = LOCAL.w3;
    words[2] = i;
    return words;
  };
  return [
    ['hash of IPv4: HalfSipHash-1-3', nanoseconds((i) => hash.of(at(remotes, i), i & 0xffff, LOCAL, 80))],
    ['hash of IPv4: SipHash-2-4 (not chosen)', nanoseconds((i) => sipHash(KEY, filled(i), 3))],
    ['hash of IPv4: multiply and shift (not chosen: can be aimed at)', nanoseconds((i) => mix(filled(i), 3))],
    ['hash of IPv6: HalfSipHash-1-3', nanoseconds((i) => hash.of(at(remotes6, i), i & 0xffff, LOCAL_IPV6, 80))],
    ['hash of IPv6: SipHash-2-4 (not chosen)', nanoseconds((i) => sipHash(KEY, filled(i), 9))],
    ['hash of IPv6: multiply and shift (not chosen: can be aimed at)', nanoseconds((i) => mix(filled(i), 9))],
  ];
}

/** `count` connections from all over, which share one TCB: nobody looks into it. */
function connections(count: number): Connection[] {
  const tcb: Tcb = createTcb({
    shared: createTcpShared(new Uint8Array(16)),
    passive: true,
    localPort: 80,
    remotePort: 5555,
    timestampOffset: 0,
  });
  return Array.from({ length: count }, (_, i) => createConnection(tcb, LOCAL, ipv4Address(Math.imul(i, 0x9e37_79b1))));
}

export function lookupRows(): Row[] {
  return [100, 100_000].flatMap((count) => {
    const all = connections(count);
    const table = new ConnectionTable(new TupleHash(KEY));
    const map = new Map<string, Connection>();
    const keyOf = ({ remoteAddress, remotePort, localPort }: Connection) =>
      `${formatAddress(remoteAddress)} ${remotePort} ${localPort}`;
    for (const connection of all) {
      table.add(connection);
      map.set(keyOf(connection), connection);
    }
    // In an order that no cache foresees; the packet's address is not the connection's object.
    const wanted = Array.from({ length: 65_536 }, (_, i) => all[(i * 7919) % count] as Connection);
    const packet = ipv4Address(0);
    const find = (i: number) => {
      const { remoteAddress } = wanted[i & 0xffff] as Connection;
      packet.w3 = remoteAddress.w3;
      return table.find(packet, 5555, LOCAL, 80) === null ? 1 : 0;
    };
    const miss = (i: number) => {
      packet.w3 = i;
      return table.find(packet, 5556, LOCAL, 80) === null ? 0 : 1;
    };
    const inMap = (i: number) => (map.get(keyOf(wanted[i & 0xffff] as Connection)) === undefined ? 1 : 0);
    const among = `among ${count.toLocaleString('en-US')}`;
    return [
      [`lookup ${among}: the table`, nanoseconds(find)],
      [`lookup ${among}: the table, of one that there is not`, nanoseconds(miss)],
      [`lookup ${among}: a Map with text as its key (not chosen)`, nanoseconds(inMap)],
    ] satisfies Row[];
  });
}

/** The longest that one `add` takes while the table grows to 100,000. */
export function pauseRow(): Row {
  const all = connections(100_000);
  const table = new ConnectionTable(new TupleHash(KEY));
  let longestMs = 0;
  for (const connection of all) {
    const from = cpuMs();
    table.add(connection);
    longestMs = Math.max(longestMs, cpuMs() - from);
  }
  return ['longest pause of one add() on the way to 100,000', `${longestMs.toFixed(1)} ms${sink === 0.5 ? ' ' : ''}`];
}
