/** `net.ipv4.ipfrag_*` and `net.ipv4.icmp_*`: fragments that wait, and ICMP errors that leave, of either family. */

import { atLeast, type SysctlRow, whole } from './sysctl-row.ts';

export const IP_ROWS: readonly SysctlRow[] = [
  whole(
    'net.ipv4.ipfrag_time',
    'reassemblyMs',
    atLeast(0),
    { linux: '30', does: 'How long the fragments of an IPv4 datagram wait for the others, seconds.' },
    1000,
  ),
  whole('net.ipv6.ip6frag_time', 'reassemblyIpv6Ms', atLeast(0), { linux: '60', does: 'The same of IPv6.' }, 1000),
  whole('net.ipv4.ipfrag_high_thresh', 'reassemblyMemoryBytes', atLeast(0), {
    linux: '4194304',
    does: 'Memory of all fragments of both families that wait; beyond it the oldest are given up.',
  }),
  whole('net.ipv4.icmp_msgs_per_sec', 'icmpErrorsPerSecond', atLeast(0), {
    linux: '1000',
    does: 'ICMP and ICMPv6 errors that the Host sends in a second, on average.',
  }),
  whole('net.ipv4.icmp_msgs_burst', 'icmpErrorsBurst', atLeast(0), {
    linux: '50',
    does: 'How many of them may leave at once.',
  }),
  whole('net.ipv4.icmp_ratelimit', 'icmpErrorMs', atLeast(0), {
    linux: '1000',
    does: 'Time for one error to one host, on average, milliseconds; 6 may leave at once. 0 for no limit.',
  }),
];
