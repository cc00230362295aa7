/** The kernel's counters of IP, ICMP and UDP, in the kernel's order. */

import type { Kernel } from '../kernel.ts';
import { lookedUp, type MibRow, row } from './mib-row.ts';

/** `Ip`, `Icmp` and `Udp` of `/proc/net/snmp`. Both versions of IP together. */
export const IP_ROWS: readonly MibRow[] = [
  lookedUp('Ip.Forwarding', '1 while IPv4 packets for others are passed on, else 2.', forwarding),
  lookedUp('Ip.DefaultTTL', 'Hops of packets for which nobody says more.', ({ settings }) => settings.defaultTtlHops),
  row('Ip.InReceives', 'Packets that came, in whatever shape.', ['received']),
  row('Ip.InHdrErrors', 'Headers that cannot be, wrong header checksums, and packets for others without a hop left.', [
    ...(['notIp', 'badHeaders', 'badHeaderChecksums', 'badOptions', 'hopsExceeded'] as const),
  ]),
  row('Ip.InAddrErrors', 'Packets for others that are not passed on.', ['notForUs']),
  row('Ip.ForwDatagrams', 'Packets passed on to others, of both versions.', ['forwardedIpv4', 'forwardedIpv6']),
  row('Ip.InUnknownProtos', 'Packets of protocols that there are not here.', ['unknownProtocols']),
  row('Ip.InDiscards', 'Packets from addresses that nobody can have, loopback from a link, source routes.', [
    ...(['badSources', 'martians', 'sourceRoutesDropped'] as const),
  ]),
  row('Ip.InDelivers', 'Packets given to TCP, UDP and ICMP.', ['delivered']),
  row('Ip.OutRequests', 'Packets handed to IP to be sent.', ['sent']),
  row('Ip.OutDiscards', 'Packets for others for which there was no room.', ['forwardDrops']),
  row('Ip.ReasmTimeout', 'Datagrams whose fragments did not come in time.', ['reassemblyTimeouts']),
  row('Ip.ReasmReqds', 'Fragments that came.', ['fragmentsReceived']),
  row('Ip.ReasmOKs', 'Datagrams put together.', ['datagramsReassembled']),
  row('Ip.ReasmFails', 'Times at which that failed, for whatever reason.', [
    ...(['reassemblyTimeouts', 'reassemblyEvictions', 'fragmentsBad', 'fragmentsTooFar', 'fragmentsTooMany'] as const),
    ...(['fragmentOverlaps', 'fragmentEcnMixed'] as const),
  ]),
  row('Icmp.InMsgs', 'ICMP and ICMPv6 messages that came, without those of neighbour discovery.', ['icmpReceived']),
  row('Icmp.InErrors', 'Messages that are damaged, or quote what cannot be.', ['icmpErrors', 'icmpBadQuotes']),
  row('Icmp.InSrcQuenchs', 'Source quenches, which are ignored.', ['sourceQuenches']),
  row('Icmp.InEchos', 'Echo requests.', ['echoRequests', 'icmpNoWayBack']),
  row('Icmp.OutMsgs', 'Echo replies and errors that were sent.', ['echoRepliesSent', 'icmpErrorsSent']),
  row('Icmp.OutErrors', 'Echo replies and errors for which there was no room.', [
    ...(['echoRepliesDropped', 'icmpErrorsDropped'] as const),
  ]),
  row('Icmp.OutEchoReps', 'Echo replies that were sent.', ['echoRepliesSent']),
];

/** `Udp` of `/proc/net/snmp`. */
export const UDP_ROWS: readonly MibRow[] = [
  row('Udp.InDatagrams', 'Datagrams given to sockets.', ['datagramsReceived']),
  row('Udp.NoPorts', 'Datagrams to ports that nobody has.', ['noDatagramPort']),
  row('Udp.InErrors', 'Datagrams that are damaged, or for which a buffer had no room.', [
    ...(['badDatagrams', 'badDatagramChecksums', 'datagramQueueDrops'] as const),
  ]),
  row('Udp.OutDatagrams', 'Datagrams taken from sockets.', ['datagramsSent']),
  row('Udp.RcvbufErrors', 'Datagrams for which the buffer of their socket had no room.', ['datagramQueueDrops']),
  row('Udp.SndbufErrors', 'Datagrams refused because too many waited to leave.', ['datagramSendDrops']),
  row('Udp.InCsumErrors', 'Datagrams with a wrong checksum.', ['badDatagramChecksums']),
  row('Udp.IgnoredMulti', 'Datagrams for groups and broadcasts that no socket wanted.', ['datagramsUnwanted']),
];

/** As the kernel: of IPv4. */
function forwarding({ settings }: Kernel): number {
  return settings.forwardIpv4 ? 1 : 2;
}

/** `IpExt` of `/proc/net/netstat`. */
export const IP_EXT_ROWS: readonly MibRow[] = [
  row('IpExt.InNoRoutes', 'Packets for others to whom no route leads.', ['forwardNoRoute']),
  row('IpExt.InTruncatedPkts', 'Packets shorter than they say.', ['shortPackets']),
  row('IpExt.InCsumErrors', 'Wrong checksums of IPv4 headers.', ['badHeaderChecksums']),
  row('IpExt.ReasmOverlaps', 'Fragments that overlap others.', ['fragmentOverlaps']),
];
