/** Which SYN may take the place of a connection in TIME-WAIT (RFC 6191 §2; RFC 9293 §3.6.1). */

import { gt } from '@tcpstack/seq/seq';
import type { Tcb } from '@tcpstack/tcp/tcb';
import type { Segment } from '@tcpstack/wire/segment';

/**
 * Whether no old duplicate can be meant: the SYN "assigns its initial sequence number for the new connection to be larger
 * than the largest sequence number it used on the previous connection incarnation" [MAY-2], or its timestamp is younger:
 * "When the TCP Timestamp Options are available, an improved algorithm is described in [40]" [SHLD-4] — RFC 9293 §3.6.1
 */
export function isNewIncarnation(tcb: Tcb, seg: Segment): boolean {
  // Deviation: the number that was expected next is larger than any that was used, and yet not enough; as in Linux.
  const largerNumber = gt(seg.seq, tcb.rcv.nxt);
  const usesTimestamps = tcb.shared.timestamps && seg.options.hasTimestamps;
  if (!usesTimestamps) return largerNumber;
  // "If the previous incarnation of the connection did not use Timestamps", and the new one does: PAWS does not let old
  // duplicates through, which have none.
  if (!tcb.ts.enabled) return true;
  if (seg.options.tsVal === tcb.ts.recent) return largerNumber;
  return gt(seg.options.tsVal, tcb.ts.recent);
}
