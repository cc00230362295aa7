/** The life of a connection in TIME-WAIT: its TCB goes, an entry of the table stays, until its time or a new SYN comes. */

import { add, diff, gt, type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { endConnection, settleTimers } from '@tcpstack/tcp/connection';
import { type IpAddress, isLoopback } from '@tcpstack/wire/ip-address';
import type { Segment } from '@tcpstack/wire/segment';
import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { unlist } from './connections.ts';
import type { Kernel } from './kernel.ts';
import { arriveTimeWait } from './time-wait-arrival.ts';
import {
  CHALLENGED_AT_MS,
  MAX_WND_BYTES,
  packTraits,
  RCV_NXT,
  RCV_WND_BYTES,
  SHARING_SHIFT,
  SND_NXT,
  SND_WL1,
  TIMESTAMPS,
  TRAITS,
  TS_OFFSET,
  TS_RECENT,
  TS_RECENT_AT_MS,
} from './time-wait-table.ts';

/** Like Linux: how far beyond the old numbers those of a connection reopened from TIME-WAIT begin. */
const REUSE_GAP = 65_537;
/** Like Linux: a port is not used again for an active open while the last timestamp of the peer is younger. */
const REUSE_AGE_MS = 1000;

/**
 * Once a connection in TIME-WAIT has said all, and no descriptor refers to it, an entry of the table takes its place. One
 * with a source route keeps its TCB. True when the connection has left the connection table.
 */
export function retire(kernel: Kernel, connection: Connection): boolean {
  if (connection.tcb.state !== 'TIME-WAIT' || connection.socket !== null || connection.route !== null) return false;
  const { timeWaits } = kernel;
  if (timeWaits.size >= kernel.settings.timeWaitsMax) {
    // Like Linux: "If this number is exceeded time-wait socket is immediately destroyed" (tcp_max_tw_buckets).
    kernel.counters.timeWaitOverflows++;
  } else {
    enter(kernel, connection);
  }
  endConnection(connection.tcb, '');
  settleTimers(connection.tcb);
  unlist(kernel, connection);
  return true;
}

function enter(kernel: Kernel, connection: Connection): void {
  const { timeWaits } = kernel;
  const { remoteAddress, remotePort, localAddress, localPort } = connection;
  const { snd, rcv, ts, out, timers } = connection.tcb;
  const index = timeWaits.add(remoteAddress, remotePort, localAddress, localPort, timers.lingerAtMs);
  timeWaits.setWord(index, SND_NXT, toInt32(snd.nxt));
  timeWaits.setWord(index, RCV_NXT, toInt32(rcv.nxt));
  timeWaits.setWord(index, RCV_WND_BYTES, Math.max(0, diff(rcv.edge, rcv.nxt)));
  timeWaits.setWord(index, MAX_WND_BYTES, snd.maxWnd);
  timeWaits.setWord(index, SND_WL1, toInt32(snd.wl1));
  timeWaits.setWord(index, TS_OFFSET, ts.offset);
  timeWaits.setWord(index, TS_RECENT, toInt32(ts.recent));
  const traits = packTraits(ts.enabled, snd.scale, rcv.scale, out.tosByte, out.ttlHops);
  timeWaits.setWord(index, TRAITS, traits | (connection.sharing << SHARING_SHIFT));
  timeWaits.setTime(index, TS_RECENT_AT_MS, ts.recentAtMs);
  timeWaits.setTime(index, CHALLENGED_AT_MS, out.challengedAtMs);
  kernel.ports.connectionAdded(localPort);
}

/** The entry goes: its time is over, or a reset or a new connection came. */
export function forget(kernel: Kernel, index: number): void {
  kernel.ports.connectionRemoved(kernel.timeWaits.localPortOf(index));
  kernel.timeWaits.remove(index);
}

/** "TIME-WAIT TIMEOUT: ... delete the TCB, enter the CLOSED state" — RFC 9293 §3.10.8 */
export function expireTimeWaits(kernel: Kernel): void {
  const { timeWaits, nowMs } = kernel;
  while (timeWaits.earliestMs() <= nowMs) {
    kernel.shared.counters.timeWaitsExpired++;
    forget(kernel, timeWaits.first);
  }
}

/**
 * A segment for the entry. `null` when it was dealt with; SND.NXT when it is a SYN that took the place, and now goes to the
 * listener. "When a connection is ... on TIME-WAIT ... [a TCP] MAY accept a new SYN from the remote TCP endpoint to reopen
 * the connection directly from TIME-WAIT state" — RFC 9293 §3.6.1 [MAY-2]
 */
export function toTimeWait(kernel: Kernel, index: number, seg: Segment, hasListener: boolean): Seq | null {
  const usedUpTo = hasListener && (seg.flags & (SYN | ACK | RST)) === SYN ? yieldEntry(kernel, index, seg) : null;
  if (usedUpTo !== null) {
    kernel.counters.timeWaitReused++;
    return usedUpTo;
  }
  kernel.counters.connectionSegments++;
  if (arriveTimeWait(kernel.timeWaits, index, seg, kernel.nowMs, kernel.shared) === 'over') forget(kernel, index);
  return null;
}

/** Whether `seg`, a SYN, may take the place of the entry: then SND.NXT is returned, and the entry is gone. */
function yieldEntry(kernel: Kernel, index: number, seg: Segment): Seq | null {
  const { timeWaits, shared } = kernel;
  const stamped = (timeWaits.word(index, TRAITS) & TIMESTAMPS) !== 0;
  const recent = seq(timeWaits.word(index, TS_RECENT));
  if (!isNewIncarnation(seq(timeWaits.word(index, RCV_NXT)), stamped, recent, shared.timestamps, seg)) return null;
  const usedUpTo = seq(timeWaits.word(index, SND_NXT));
  forget(kernel, index);
  return usedUpTo;
}

/** The initial number of a connection that follows one whose SND.NXT was `usedUpTo`: it may have outrun the clock. */
export function issAfter(usedUpTo: Seq): Seq {
  return add(usedUpTo, REUSE_GAP);
}

/**
 * Which SYN may take the place of a connection in TIME-WAIT (RFC 6191 §2), whose RCV.NXT was `rcvNxt`, and whose TS.Recent
 * was `recent` if it used timestamps (`stamped`).
 *
 * No old duplicate can be meant: the SYN "assigns its initial sequence number for the new connection to be larger than
 * the largest sequence number it used on the previous connection incarnation" [MAY-2], or its timestamp is younger:
 * "When the TCP Timestamp Options are available, an improved algorithm is described in [40]" [SHLD-4] — RFC 9293 §3.6.1
 *
 * @param timestamps Whether we use them today.
 */
export function isNewIncarnation(
  rcvNxt: Seq,
  stamped: boolean,
  recent: Seq,
  timestamps: boolean,
  seg: Segment,
): boolean {
  // Deviation: the number that was expected next is larger than any that was used, and yet not enough; as in Linux.
  const largerNumber = gt(seg.seq, rcvNxt);
  if (!timestamps || !seg.options.hasTimestamps) return largerNumber;
  // "If the previous incarnation of the connection did not use Timestamps", and the new one does: PAWS does not let old
  // duplicates through, which have none.
  if (!stamped) return true;
  if (seg.options.tsVal === recent) return largerNumber;
  return gt(seg.options.tsVal, recent);
}

/**
 * Whether connect(2) may use this 4-tuple although an entry has it. A port that the user chose: once both used
 * timestamps, which keep old duplicates out. One that we choose: as `tcp_tw_reuse` says, and only when the peer's last
 * timestamp is a second old, so that the new ones are younger (RFC 6191 §2, the other way round). As in Linux.
 */
export function mayReopen(
  kernel: Kernel,
  index: number,
  remote: Readonly<IpAddress>,
  local: Readonly<IpAddress>,
  chosenByUser: boolean,
): boolean {
  const { timeWaits, settings, nowMs } = kernel;
  if (!kernel.shared.timestamps || (timeWaits.word(index, TRAITS) & TIMESTAMPS) === 0) return false;
  if (chosenByUser) return true;
  if (settings.timeWaitReuse === 0) return false;
  if (settings.timeWaitReuse === 2 && !isLoopback(remote) && !isLoopback(local)) return false;
  return nowMs - timeWaits.time(index, TS_RECENT_AT_MS) > REUSE_AGE_MS;
}

/** Takes an entry with this 4-tuple away, if there is one: SND.NXT, where the numbers of a new connection go on. */
export function reopen(
  kernel: Kernel,
  remote: Readonly<IpAddress>,
  remotePort: number,
  local: Readonly<IpAddress>,
  localPort: number,
): Seq | null {
  const index = kernel.timeWaits.find(remote, remotePort, local, localPort);
  if (index < 0) return null;
  const usedUpTo = seq(kernel.timeWaits.word(index, SND_NXT));
  forget(kernel, index);
  kernel.counters.timeWaitRecycled++;
  return usedUpTo;
}
