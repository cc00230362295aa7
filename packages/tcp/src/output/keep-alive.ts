/** The segment that asks an idle peer whether it is there (RFC 9293 §3.8.4). */

import { add } from '@tcpstack/seq/seq';
import { ACK, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import { isBusy, mayProbe } from '../keep-alive.ts';
import { writeOptions } from '../options.ts';
import type { Tcb } from '../tcb.ts';
import { countSegmentOut } from '../traffic.ts';
import { advertiseWindow } from './advertise.ts';
import { ackSent } from './delayed-ack.ts';

/**
 * "Such a segment generally contains SEG.SEQ = SND.NXT-1": old, so that the peer must answer with an ACK; "SHOULD send
 * a keep-alive segment with no data" [SHLD-12].
 *
 * @returns The segment's length in bytes; 0 when there is something better to send by now.
 */
export function writeKeepAlive(tcb: Tcb, nowMs: number, bytes: Uint8Array, at: number): number {
  tcb.liveness.keepProbeDue = false;
  if (!mayProbe(tcb) || isBusy(tcb)) return 0;
  const end = writeOptions(tcb, nowMs, bytes, at + TCP_HEADER_BYTES);
  const window = advertiseWindow(tcb, false);
  writeTcp(bytes, at, tcb.localPort, tcb.remotePort, add(tcb.snd.nxt, -1), tcb.rcv.nxt, end - at, ACK, window, 0);
  ackSent(tcb);
  countSegmentOut(tcb, 0);
  tcb.shared.counters.keepAliveProbes++;
  return end - at;
}
