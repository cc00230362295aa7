/** Asynchronous reports (RFC 9293 §3.9.1.8): what may interest a user although the connection goes on. */

import { ANY_IPV4, copyOf, type IpAddress } from '@tcpstack/wire/ip-address';
import { ERROR_REPORTS_MAX } from './limits.ts';
import { type Tcb, type TcpError, WAKE_STATE } from './tcb.ts';

/** Why the user is told: the conditions that §3.9.1.8 lists. */
export type ReportReason = 'icmp' | 'retransmissions' | 'urgent';

/** "ERROR_REPORT(local connection name, reason, subreason)" */
export interface ErrorReport {
  readonly reason: ReportReason;
  /** As it would be if it ended the connection; '' for none. */
  readonly error: TcpError;
  /** Of an ICMP message; else 0. */
  readonly icmpType: number;
  readonly icmpCode: number;
  /** The next hop's MTU where the message gave one. */
  readonly info: number;
  /** Who sent the message; `0.0.0.0` for nobody. */
  readonly offender: Readonly<IpAddress>;
}

/** "an application program that does not want to receive such ERROR_REPORT calls SHOULD be able to" do so [SHLD-20]. */
export function setReporting(tcb: Tcb, on: boolean): void {
  if (!on) tcb.reports = null;
  else tcb.reports ??= [];
}

/** Whether a report waits. */
export function hasReports(tcb: Tcb): boolean {
  return tcb.reports !== null && tcb.reports.length > 0;
}

/** Keeps a report for a user who wants them [MUST-47]. */
export function report(
  tcb: Tcb,
  reason: ReportReason,
  error: TcpError,
  icmpType: number,
  icmpCode: number,
  info: number,
  offender: Readonly<IpAddress> = ANY_IPV4,
): void {
  const { reports } = tcb;
  if (reports === null) return;
  if (reports.length >= ERROR_REPORTS_MAX) {
    tcb.shared.counters.errorReportsDropped++;
    return;
  }
  reports.push({ reason, error, icmpType, icmpCode, info, offender: copyOf(offender) });
  tcb.wake |= WAKE_STATE;
}
