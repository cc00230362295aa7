/** One of the kernel's counters, and what of ours it is. */

import type { IpCounters } from '@tcpstack/ip/counters';
import type { ForwardCounters } from '@tcpstack/ip/forward';
import type { IcmpSendCounters } from '@tcpstack/ip/icmp-send';
import type { Reassembly } from '@tcpstack/ip/reassembly';
import type { TcpCounters } from '@tcpstack/tcp/counters';
import type { SocketCounters } from '../counters.ts';
import type { Kernel } from '../kernel.ts';

/** Our counters by name. */
export type CounterName = keyof (IpCounters &
  Reassembly['counters'] &
  IcmpSendCounters &
  ForwardCounters &
  TcpCounters &
  SocketCounters);

/** What stands in `/proc/net/snmp` and `/proc/net/netstat` under this name. */
export interface MibRow {
  /** Group and name, as "TcpExt.ListenDrops". */
  readonly name: string;
  /** The sum of `plus` less `minus`; or `value`, which is no counter. */
  readonly plus: readonly CounterName[];
  readonly minus: readonly CounterName[];
  readonly value: ((kernel: Kernel) => number) | null;
  readonly does: string;
}

/** A row that is a sum. */
export function row(
  name: string,
  does: string,
  plus: readonly CounterName[],
  minus: readonly CounterName[] = [],
): MibRow {
  return { name, plus, minus, value: null, does };
}

/** A row that is looked up. */
export function lookedUp(name: string, does: string, value: (kernel: Kernel) => number): MibRow {
  return { name, plus: [], minus: [], value, does };
}
