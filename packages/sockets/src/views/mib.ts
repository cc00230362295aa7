/** The kernel's counters by its names: as a record, and as `/proc/net/snmp` and `/proc/net/netstat` print them. */

import type { Kernel } from '../kernel.ts';
import { IP_EXT_ROWS, IP_ROWS, UDP_ROWS } from './mib-ip.ts';
import type { CounterName, MibRow } from './mib-row.ts';
import { TCP_EXT_ROWS, TCP_ROWS } from './mib-tcp.ts';

/** Rows by the file in which they stand. */
const FILES = {
  snmp: [...IP_ROWS, ...TCP_ROWS, ...UDP_ROWS],
  netstat: [...TCP_EXT_ROWS, ...IP_EXT_ROWS],
} as const;

/** Every row, in the kernel's order. */
export const MIB_ROWS: readonly MibRow[] = [...FILES.snmp, ...FILES.netstat];

/** Names that Linux has and we do not, with the reason: they stand nowhere, rather than at 0. */
export const ABSENT_ROWS: readonly (readonly [names: string, why: string])[] = [
  ['Ip.OutTransmits', 'what is sent is counted once, in `Ip.OutRequests` or `Ip.ForwDatagrams`'],
  ['Ip.OutNoRoutes', 'calls without a route fail, and the caller is told'],
  ['Ip.FragOKs, Ip.FragFails, Ip.FragCreates', 'what is cut on its way out is not counted apart'],
  ['Icmp.InDestUnreachs and the other kinds, IcmpMsg', 'errors are counted by what became of them, not by their type'],
  ['Icmp.OutRateLimitGlobal, Icmp.OutRateLimitHost', 'one counter of ours, `icmpErrorsLimited`, is both'],
  ['Ip6, Icmp6, Udp6', 'both versions of IP are counted together'],
  [
    'IpExt.InOctets, IpExt.InMcastPkts, IpExt.InCEPkts and their kin',
    'bytes and marks are not counted for each packet',
  ],
  ['TcpExt.TCPHPHits, TcpExt.TCPHPAcks, TcpExt.TCPPureAcks', 'there is no header prediction to count'],
  [
    'TcpExt.TCPRcvCoalesce, TcpExt.TCPBacklogCoalesce, TcpExt.TCPRcvCollapsed',
    'bytes lie in one ring: no buffers to merge',
  ],
  [
    'TcpExt.TCPBacklogDrop, TcpExt.PruneCalled, TcpExt.OfoPruned',
    'there is no backlog, and nothing held is thrown away',
  ],
  ['TcpExt.TCPAutoCorking, TcpExt.TCPSpuriousRtxHostQueues', 'there are no queues below that hold segments back'],
  ['TcpExt.TCPSlowStartRetrans, TcpExt.TCPLostRetransmit', 'not told apart from what the timer itself sends again'],
  ['TcpExt.TCPOrigDataSent, TcpExt.TCPDelivered', 'counted for each connection, in TCP_INFO'],
  ['TcpExt.TCPMemoryPressures', 'memory has a limit and no state of pressure'],
  ['TcpExt.TCPMTUPSuccess', 'not counted; `mtuProbes` has the probes'],
  ['TcpExt.TCPMD5*, TcpExt.TCPAO*, MPTcpExt', 'there is no such option here'],
];

/** Each by its name, as "TcpExt.ListenDrops". */
export function snmp(kernel: Kernel, counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(MIB_ROWS.map((row) => [row.name, countOf(row, kernel, counters)]));
}

/** What the file of this name prints: a line of names and a line of numbers for each group. */
export function mibText(kernel: Kernel, counters: Readonly<Record<string, number>>, file: keyof typeof FILES): string {
  const groups = new Map<string, { names: string[]; values: number[] }>();
  for (const row of FILES[file]) {
    const [group = '', name = ''] = row.name.split('.');
    const line = groups.get(group) ?? { names: [], values: [] };
    groups.set(group, line);
    line.names.push(name);
    line.values.push(countOf(row, kernel, counters));
  }
  return [...groups]
    .map(([group, { names, values }]) => `${group}: ${names.join(' ')}\n${group}: ${values.join(' ')}\n`)
    .join('');
}

function countOf({ plus, minus, value }: MibRow, kernel: Kernel, counters: Readonly<Record<string, number>>): number {
  if (value !== null) return value(kernel);
  const sum = (names: readonly CounterName[]) =>
    names.reduce((total, name) => total + (counters[name] ?? Number.NaN), 0);
  return sum(plus) - sum(minus);
}
