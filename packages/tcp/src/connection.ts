/** One connection as its owner sees it: segments and time in, segments and the next deadline out. */

import type { Segment } from '@tcpstack/wire/segment';
import { arriveSynSent } from './arrival/syn-sent.ts';
import { arriveSynchronized } from './arrival/synchronized.ts';
import type { Verdict } from './arrival/verdict.ts';
import { heardFromPeer } from './keep-alive.ts';
import type { Tcb } from './tcb.ts';
import { countSegmentIn } from './traffic.ts';

export { ChallengeBudget } from './arrival/challenge-budget.ts';
export { type ResetReply, resetFor } from './arrival/closed.ts';
export { acceptCookie } from './arrival/cookie.ts';
export { icmpArrives, isOutstanding } from './arrival/icmp.ts';
export { acceptSyn } from './arrival/listen.ts';
export type { Verdict } from './arrival/verdict.ts';
export { switchCongestion } from './congestion/switch.ts';
export { agreesToEcn } from './ecn.ts';
export { type ErrorReport, hasReports, type ReportReason, report, setReporting } from './error-report.ts';
export { askFastOpen, earlyRoomBytes, endDeferral, ownFastOpen, takeSynData } from './fast-open.ts';
export { setUserTimeout } from './give-up.ts';
export { isThirdSegment, ownHandshake, synAckRetriesMax } from './handshake.ts';
export { armKeepAlive } from './keep-alive.ts';
export { setIpOptionBytes, setUserMss } from './mss.ts';
export { splitBytes } from './mtu-probe.ts';
export { offeredScale, writeSynOptionList } from './options.ts';
export { becomeOrphan } from './orphan.ts';
export { setQuickAck } from './output/delayed-ack.ts';
export { setCork, setMore, setNoDelay } from './output/nagle.ts';
export { setMaxPace } from './output/pacing.ts';
export { segmentBytesMax, writeNext } from './output/write.ts';
export { setPathMss } from './path-mtu.ts';
export { rest, restsAtMs } from './rest.ts';
export { createStatus, status, type TcpStatus } from './status.ts';
export {
  createTcpInfo,
  TCPI_OPT_ECN,
  TCPI_OPT_SACK,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
  TCPI_STATES,
  type TcpInfo,
  tcpInfo,
} from './tcp-info.ts';
export { endConnection, handleTimeouts } from './timeouts.ts';
export { nextDeadlineMs, settleTimers } from './timers.ts';
export { bytesToMark, hasUrgent, peek, peekableBytes, readableBytes, receiveUrgent, urgentBytes } from './urgent.ts';
export { setWindowClamp } from './user-bounds.ts';
export {
  abort,
  canSend,
  closeSend,
  isWritable,
  openActive,
  receive,
  send,
  sendUrgent,
  setNotSentLowWater,
} from './user-calls.ts';
export { ownWishes } from './wishes.ts';

/**
 * SEGMENT ARRIVES (RFC 9293 §3.10.7), for every state but CLOSED and LISTEN, which have no TCB of this kind.
 *
 * @param seg Checked by `readSegment`; borrowed until the call returns.
 * @returns 'reset' when the segment must be answered with the reset of `resetFor`.
 */
export function segmentArrives(tcb: Tcb, seg: Segment, nowMs: number): Verdict {
  heardFromPeer(tcb, nowMs);
  countSegmentIn(tcb, seg);
  return tcb.state === 'SYN-SENT' ? arriveSynSent(tcb, seg, nowMs) : arriveSynchronized(tcb, seg, nowMs);
}
