/** The kernel's counters of TCP, in the kernel's order. */

import { MAX_RTO_MS, MIN_RTO_MS } from '@tcpstack/tcp/limits';
import type { Kernel } from '../kernel.ts';
import { lookedUp, type MibRow, row } from './mib-row.ts';

/** `Tcp` of `/proc/net/snmp`. */
export const TCP_ROWS: readonly MibRow[] = [
  lookedUp('Tcp.RtoAlgorithm', 'Always 1, "other", as in Linux.', () => 1),
  lookedUp('Tcp.RtoMin', 'The shortest retransmission time-out, milliseconds.', () => MIN_RTO_MS),
  lookedUp('Tcp.RtoMax', 'The longest.', () => MAX_RTO_MS),
  lookedUp('Tcp.MaxConn', 'Always -1: as many as there is room for.', () => -1),
  row('Tcp.ActiveOpens', 'SYNs of connect().', ['activeOpens']),
  row('Tcp.PassiveOpens', 'Connections that listeners let in.', ['passiveOpens']),
  row('Tcp.AttemptFails', 'Connections that ended before they were open, those of listeners when reset.', [
    ...(['attemptFails', 'embryonicResetsReceived'] as const),
  ]),
  row('Tcp.EstabResets', 'Connections that ended from ESTABLISHED or CLOSE-WAIT.', ['establishedResets']),
  lookedUp('Tcp.CurrEstab', 'Connections that are in ESTABLISHED or CLOSE-WAIT.', currentlyEstablished),
  row('Tcp.InSegs', 'Segments that came, the damaged ones too. What a link has merged counts once.', [
    ...(['segmentsReceived'] as const),
  ]),
  row('Tcp.OutSegs', 'Segments that left, retransmissions and resets too.', ['segmentsSent']),
  row('Tcp.RetransSegs', 'Segments sent again.', ['retransmittedSegments']),
  row('Tcp.InErrs', 'Segments that are damaged.', ['badSegments', 'badChecksums'], ['listenDiscards']),
  row('Tcp.OutRsts', 'Resets that were sent.', ['resetsSent']),
  row('Tcp.InCsumErrors', 'Segments with a wrong checksum.', ['badChecksums']),
];

/** `TcpExt` of `/proc/net/netstat`. */
export const TCP_EXT_ROWS: readonly MibRow[] = [
  row('TcpExt.SyncookiesSent', 'SYNs answered by a cookie.', ['synCookiesSent']),
  row('TcpExt.SyncookiesRecv', 'ACKs with a cookie of ours.', ['synCookiesReceived']),
  row('TcpExt.SyncookiesFailed', 'ACKs that had none when one was looked for.', ['synCookiesFailed']),
  row('TcpExt.EmbryonicRsts', 'Half-open connections that a reset ended, ours or of the peer.', [
    ...(['embryonicResets', 'embryonicResetsReceived'] as const),
  ]),
  row('TcpExt.OutOfWindowIcmps', 'ICMP errors about segments that are not outstanding.', ['icmpOutOfWindow']),
  row('TcpExt.TW', 'Connections whose TIME-WAIT ran out.', ['timeWaitsExpired']),
  row('TcpExt.TWRecycled', 'Active opens that took a port in TIME-WAIT.', ['timeWaitRecycled']),
  row('TcpExt.PAWSEstab', 'Segments with an old timestamp (RFC 7323), those in TIME-WAIT too.', ['pawsDrops']),
  row('TcpExt.DelayedACKs', 'ACKs that left because their delay was over.', ['delayedAcks']),
  row('TcpExt.ListenOverflows', 'SYNs and third segments for which the accept queue had no place.', [
    ...(['listenOverflows'] as const),
  ]),
  row('TcpExt.ListenDrops', 'SYNs and third segments that listeners dropped, for whatever reason.', ['listenDrops']),
  row('TcpExt.TCPRenoRecovery', 'Recoveries of connections without SACK.', ['renoRecoveries']),
  row('TcpExt.TCPSackRecovery', 'Recoveries of connections with SACK.', ['fastRecoveries'], ['renoRecoveries']),
  row('TcpExt.TCPSACKReneging', 'Times at which the peer took back what it had sacked.', ['sackRenegings']),
  row('TcpExt.TCPSACKReorder', 'Segments that arrived after some that were sent later.', ['reorderings']),
  row('TcpExt.TCPFullUndo', 'Recoveries found needless at their end.', ['fullUndos']),
  row('TcpExt.TCPPartialUndo', 'Recoveries found needless before.', ['partialUndos']),
  row('TcpExt.TCPDSACKUndo', 'Recoveries found needless by D-SACKs.', ['dsackUndos']),
  row('TcpExt.TCPLossUndo', 'Reductions after a time-out that were taken back.', ['lossUndos']),
  row('TcpExt.TCPFastRetrans', 'Segments sent again in a recovery that no time-out began.', ['fastRetransmits']),
  row('TcpExt.TCPTimeouts', 'Retransmission time-outs, those of SYNs too.', ['timeouts']),
  row('TcpExt.TCPLossProbes', 'Tail loss probes (RFC 8985).', ['tailProbes']),
  row('TcpExt.TCPLossProbeRecovery', 'Losses that a probe put right.', ['tailProbeRecoveries']),
  row('TcpExt.TCPDSACKOldSent', 'D-SACKs that we owed for bytes below RCV.NXT.', ['dsacksOldSent']),
  row('TcpExt.TCPDSACKOfoSent', 'D-SACKs for bytes held out of order.', ['dsacksHeldSent']),
  row('TcpExt.TCPDSACKRecv', 'D-SACKs that came, for acknowledged bytes.', ['dsacksReceived'], ['dsacksHeldReceived']),
  row('TcpExt.TCPDSACKOfoRecv', 'D-SACKs that came, for others.', ['dsacksHeldReceived']),
  row('TcpExt.TCPAbortOnData', 'Resets since data came after close(), or SO_LINGER wanted them.', [
    ...(['dataAfterClose', 'dataAborts'] as const),
  ]),
  row('TcpExt.TCPAbortOnClose', 'Connections closed with bytes unread.', ['closeAborts']),
  row('TcpExt.TCPAbortOnMemory', 'Connections reset because of too many orphans, or too much memory.', [
    'memoryAborts',
  ]),
  row('TcpExt.TCPAbortOnTimeout', 'Connections given up because nobody answered.', ['abortsOnTimeout']),
  row('TcpExt.TCPAbortOnLinger', 'Connections reset because FIN-WAIT-2 was not wanted.', ['lingerAborts']),
  row('TcpExt.TCPSpuriousRTOs', 'Time-outs that F-RTO found needless (RFC 5682).', ['spuriousTimeouts']),
  row('TcpExt.TCPDeferAcceptDrop', 'ACKs without data that TCP_DEFER_ACCEPT ignored.', ['deferAcceptDrops']),
  row('TcpExt.TCPTimeWaitOverflow', 'Connections that ended without TIME-WAIT.', ['timeWaitOverflows']),
  row('TcpExt.TCPReqQFullDoCookies', 'SYNs to be answered by a cookie.', ['synQueueCookies']),
  row('TcpExt.TCPReqQFullDrop', 'SYNs dropped since too many handshakes are under way.', ['synQueueDrops']),
  row('TcpExt.TCPOFOQueue', 'Segments held out of order.', ['outOfOrderSegments']),
  row('TcpExt.TCPOFODrop', 'Segments that could not be held.', ['reassemblyOverflows']),
  row('TcpExt.TCPChallengeACK', 'Challenge ACKs (RFC 5961), and limited ACKs to segments out of the window.', [
    ...(['challengeAcks'] as const),
  ]),
  row('TcpExt.TCPSYNChallenge', 'SYNs for synchronized connections.', ['synChallenges']),
  row('TcpExt.TCPFastOpenActive', 'SYNs of ours whose data was taken (RFC 7413).', ['fastOpenActive']),
  row('TcpExt.TCPFastOpenActiveFail', 'SYNs of ours whose data was not.', ['fastOpenActiveFails']),
  row('TcpExt.TCPFastOpenPassive', 'SYNs whose data we took.', ['fastOpenPassive']),
  row('TcpExt.TCPFastOpenPassiveFail', 'SYNs with a bad cookie.', ['fastOpenPassiveFails']),
  row('TcpExt.TCPFastOpenListenOverflow', 'SYNs for which no place was free.', ['fastOpenOverflows']),
  row('TcpExt.TCPFastOpenCookieReqd', 'SYNs that asked for a cookie.', ['fastOpenCookiesAsked']),
  row('TcpExt.TCPFastOpenBlackhole', 'Times at which swallowed data made us pause.', ['fastOpenBlackHoles']),
  row('TcpExt.TCPSynRetrans', 'SYNs and SYN-ACKs sent again.', ['synRetransmits']),
  row('TcpExt.TCPACKSkippedSynRecv', 'SYNs sent again that came too soon to be answered.', ['synAcksSkipped']),
  row('TcpExt.TCPWinProbe', 'Probes of closed windows.', ['windowProbes']),
  row('TcpExt.TCPKeepAlive', 'Keep-alive probes.', ['keepAliveProbes']),
  row('TcpExt.TCPMTUPFail', 'Probes of the path MTU that were lost.', ['mtuProbesLost']),
];

function currentlyEstablished(kernel: Kernel): number {
  let count = 0;
  for (const { tcb } of kernel.connections.values()) {
    if (tcb.state === 'ESTABLISHED' || tcb.state === 'CLOSE-WAIT') count++;
  }
  return count;
}
