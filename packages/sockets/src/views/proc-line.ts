/** A line of `/proc/net/tcp` and its kin: columns as the kernel prints them. */

import type { IpAddress } from '@tcpstack/wire/ip-address';
import type { Family } from './entries.ts';

/** What the columns say. */
export interface ProcLine {
  readonly local: Readonly<IpAddress>;
  readonly localPort: number;
  readonly remote: Readonly<IpAddress>;
  readonly remotePort: number;
  /** Linux's number of the state. */
  readonly state: number;
  readonly txBytes: number;
  readonly rxBytes: number;
  /** Linux's number of the timer that runs: 1 retransmission, 2 keep-alive, 3 TIME-WAIT, 4 window probe, 0 none. */
  readonly timer: 0 | 1 | 2 | 3 | 4;
  readonly timerMs: number;
  readonly retries: number;
  readonly probes: number;
  readonly inode: number;
  readonly references: number;
  /** The last columns, which not all lines have. */
  readonly more: string;
}

/** Ticks in which the kernel tells times to users: `USER_HZ`. */
const TICK_MS = 10;
/** Width of the lines of IPv4. */
const WIDTH = 149;
const DATAGRAM_WIDTH = 127;
/** Addresses in memory are told to nobody, as the kernel does for those who may not know them. */
const POINTER = '0000000000000000';
const ADDRESS_WIDTH = 38;

/** The first line of the list of connections. */
export function header(family: Family): string {
  if (family === 4) {
    return line4('  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode');
  }
  const [local, remote] = ['local_address', 'remote_address'].map((name) => name.padEnd(ADDRESS_WIDTH));
  return `  sl  ${local}${remote}st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n`;
}

/** Line `place` of the list. */
export function line(place: number, family: Family, of: ProcLine): string {
  const ends = `${end(family, of.local, of.localPort)} ${end(family, of.remote, of.remotePort)}`;
  const queues = `${hex(of.txBytes, 8)}:${hex(of.rxBytes, 8)}`;
  const timer = `${hex(of.timer, 2)}:${hex(ticks(of.timerMs), 8)} ${hex(of.retries, 8)}`;
  const owner = `${'0'.padStart(5)} ${String(of.probes).padStart(8)} ${of.inode} ${of.references} ${POINTER}`;
  const text = `${String(place).padStart(4)}: ${ends} ${hex(of.state, 2)} ${queues} ${timer} ${owner}${of.more}`;
  return family === 4 ? line4(text) : `${text}\n`;
}

/** The first line of the list of datagram sockets. */
export function datagramHeader(family: Family): string {
  const more = ' ref pointer drops';
  if (family === 6) return `${header(6).slice(0, -1)}${more}\n`;
  return `${` ${header(4).trimEnd()}${more}`.padEnd(DATAGRAM_WIDTH)}\n`;
}

/** A line of it; `place` is the port, by which the kernel files them. */
export function datagramLine(place: number, family: Family, of: ProcLine): string {
  const text = `${String(place).padStart(5)}:${line(0, family, of).slice(5).trimEnd()}`;
  return family === 4 ? `${text.padEnd(DATAGRAM_WIDTH)}\n` : `${text}\n`;
}

/** Milliseconds as ticks; none where the time is over. */
export function ticks(ms: number): number {
  return Number.isFinite(ms) && ms > 0 ? Math.floor(ms / TICK_MS) : 0;
}

function line4(text: string): string {
  return `${text.padEnd(WIDTH)}\n`;
}

function end(family: Family, { w0, w1, w2, w3 }: Readonly<IpAddress>, port: number): string {
  const words = family === 4 ? [w3] : [w0, w1, w2, w3];
  return `${words.map(asStored).join('')}:${hex(port, 4)}`;
}

/** The word as a little-endian machine reads it out of its memory, where it lies in the order of the network. */
function asStored(word: number): string {
  return hex(((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24), 8);
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(digits, '0');
}
