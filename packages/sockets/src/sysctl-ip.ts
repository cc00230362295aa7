/** What is set of the IP layer, under `net.ipv4` and `net.ipv6`. */

import { atLeast, onOff, type SysctlRow, whole } from './sysctl-row.ts';

const SECOND_MS = 1000;

export const IP_ROWS: readonly SysctlRow[] = [
  whole('net.ipv4.ip_default_ttl', 'defaultTtlHops', [1, 255], {
    linux: '64',
    does: 'Time to live of IPv4 packets, where IP_TTL is not set; of connections that live too.',
  }),
  whole('net.ipv6.conf.all.hop_limit', 'defaultHopLimit', [1, 255], {
    linux: '64',
    does: 'Hop limit of IPv6 packets, where IPV6_UNICAST_HOPS is not set; of connections that live too.',
  }),
  onOff('net.ipv4.ip_forward', 'forwardIpv4', {
    linux: '0',
    does: 'IPv4 packets for other hosts are passed on.',
  }),
  onOff('net.ipv6.conf.all.forwarding', 'forwardIpv6', {
    linux: '0',
    does: 'The same of IPv6; what routers advertise counts no longer then.',
  }),
  onOff('net.ipv6.bindv6only', 'bindV6Only', {
    linux: '0',
    does: 'IPV6_V6ONLY of new sockets.',
  }),
  onOff('net.ipv4.conf.all.accept_source_route', 'acceptSourceRoute', {
    linux: '0',
    does: 'Packets that came by a source route are taken, and answered by it.',
  }),
  whole(
    'net.ipv4.ipfrag_time',
    'reassemblyMs',
    atLeast(0),
    { linux: '30', does: 'Seconds for which fragments of an IPv4 packet wait for the others.' },
    SECOND_MS,
  ),
  whole('net.ipv6.ip6frag_time', 'reassemblyIpv6Ms', atLeast(0), { linux: '60', does: 'The same of IPv6.' }, SECOND_MS),
  whole('net.ipv4.ipfrag_high_thresh', 'reassemblyMemoryBytes', atLeast(0), {
    linux: '4194304',
    does: 'Memory of all fragments that wait, of both versions together.',
  }),
  whole('net.ipv4.igmp_max_memberships', 'groupsMax', atLeast(0), {
    linux: '20',
    does: 'Multicast groups of IPv4 that one socket may join.',
  }),
  whole('net.ipv4.icmp_msgs_per_sec', 'icmpErrorsPerSecond', atLeast(0), {
    linux: '1000',
    does: 'ICMP errors of both versions that are sent in a second, on average.',
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
