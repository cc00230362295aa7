/** The files under `/proc` that a Host has. */

import type { Kernel } from '../kernel.ts';
import { mibText } from './mib.ts';
import { procTcp } from './proc-tcp.ts';
import { procUdp } from './proc-udp.ts';
import { sockstat, sockstat6 } from './sockstat.ts';

type Counters = Readonly<Record<string, number>>;

const FILES: Readonly<Record<string, (kernel: Kernel, counters: Counters) => string>> = {
  'net/tcp': (kernel) => procTcp(kernel, 4),
  'net/tcp6': (kernel) => procTcp(kernel, 6),
  'net/udp': (kernel) => procUdp(kernel, 4),
  'net/udp6': (kernel) => procUdp(kernel, 6),
  'net/snmp': (kernel, counters) => mibText(kernel, counters, 'snmp'),
  'net/netstat': (kernel, counters) => mibText(kernel, counters, 'netstat'),
  'net/sockstat': sockstat,
  'net/sockstat6': sockstat6,
};

/** The text of one, `null` when there is none of that name. */
export function proc(kernel: Kernel, path: string, counters: Counters): string | null {
  const name = path.replace(/^\/proc\//, '');
  return Object.hasOwn(FILES, name) ? (FILES[name]?.(kernel, counters) ?? null) : null;
}
