/** Finding a connection: the table, and what it was chosen over. */

import type { Route } from '@tcpstack/ip/routes';
import { type SipKey, sipHash, sipKey } from '@tcpstack/seq/siphash';
import { createTcpShared } from '@tcpstack/tcp/shared';
import { createTcb, type Tcb } from '@tcpstack/tcp/tcb';
import { formatAddress, IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import { type Connection, createConnection } from '../src/connection.ts';
import { ConnectionTable } from '../src/connection-table.ts';
import { TupleHash } from '../src/tuple-hash.ts';
import { cpuMs } from './cpu.ts';
import { LookingTable } from './looking-table.ts';

export type Row = readonly [what: string, value: string];

const KEY: SipKey = sipKey(new Uint8Array(16).fill(7));
const LOCAL = ipv4Address(0x0a00_0001);
const LOCAL_IPV6 = new IpAddress(0x2001_0db8, 0, 0, 1);
/** Nobody goes this way. */
const NO_PATH = null as unknown as Route;
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
function connections(count: number, isIpv6 = false): Connection[] {
  const tcb: Tcb = createTcb({
    shared: createTcpShared(new Uint8Array(16)),
    passive: true,
    localPort: 80,
    remotePort: 5555,
    timestampOffset: 0,
  });
  return Array.from({ length: count }, (_, i) => {
    const remote = remoteOf(Math.imul(i, 0x9e37_79b1), isIpv6);
    return createConnection(tcb, isIpv6 ? LOCAL_IPV6 : LOCAL, remote, NO_PATH);
  });
}

function remoteOf(word: number, isIpv6: boolean): IpAddress {
  return isIpv6 ? new IpAddress(0x2001_0db8, 0, 0, word) : ipv4Address(word);
}

export function lookupRows(): Row[] {
  return [100, 100_000].flatMap((count) => [...rowsAmong(count, false), ...rowsAmong(count, true)]);
}

function rowsAmong(count: number, isIpv6: boolean): Row[] {
  const all = connections(count, isIpv6);
  const table = new ConnectionTable(new TupleHash(KEY));
  const looking = new LookingTable(new TupleHash(KEY));
  const map = new Map<string, Connection>();
  const keyOf = (remote: Readonly<IpAddress>, remotePort: number, localPort: number) =>
    `${formatAddress(remote)} ${remotePort} ${localPort}`;
  for (const connection of all) {
    table.add(connection);
    looking.add(connection);
    map.set(keyOf(connection.remoteAddress, 5555, 80), connection);
  }
  // As packets bring them: in an order that no cache foresees, and without a look at the connections.
  const wanted = Int32Array.from(
    { length: 65_536 },
    (_, i) => (all[(i * 7919) % count] as Connection).remoteAddress.w3,
  );
  const packet = remoteOf(0, isIpv6);
  const local = isIpv6 ? LOCAL_IPV6 : LOCAL;
  const from = (i: number): IpAddress => {
    packet.w3 = wanted[i & 0xffff] as number;
    return packet;
  };
  const miss = (i: number) => {
    packet.w3 = i;
    return table.find(packet, 5556, local, 80) === null ? 0 : 1;
  };
  const inTable = (i: number) => table.find(from(i), 5555, local, 80);
  const among = `lookup among ${count.toLocaleString('en-US')} of IPv${isIpv6 ? 6 : 4}`;
  return [
    [`${among}: the table`, nanoseconds((i) => (inTable(i) === null ? 1 : 0))],
    [`${among}: the table, and a look at what was found`, nanoseconds((i) => inTable(i)?.remotePort ?? 0)],
    [`${among}: the table, of one that there is not`, nanoseconds(miss)],
    [
      `${among}: comparing with the connections (not chosen)`,
      nanoseconds((i) => (looking.find(from(i), 5555, local, 80) === null ? 1 : 0)),
    ],
    [
      `${among}: a Map with text as its key (not chosen)`,
      nanoseconds((i) => (map.get(keyOf(from(i), 5555, 80)) === undefined ? 1 : 0)),
    ],
  ];
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
