/** SYN-SENT STATE (RFC 9293 §3.10.7.3). */

import { add, diff, gt, le } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import { agreeOnAnswer } from '../ecn.ts';
import { takeSynDataAck } from '../fast-open.ts';
import { DEFERRED_ACK_MS } from '../limits.ts';
import { connectionOpened } from '../opened.ts';
import { adoptOptions } from '../options.ts';
import { measureHandshake, stopTiming } from '../rtt.ts';
import { enter } from '../state.ts';
import { type Tcb, WAKE_STATE, WAKE_WRITE } from '../tcb.ts';
import { endConnection } from '../timeouts.ts';
import { ownTimers } from '../timers.ts';
import type { Verdict } from './verdict.ts';

/** Takes one segment in SYN-SENT. */
export function arriveSynSent(tcb: Tcb, seg: Segment, nowMs: number): Verdict {
  const { snd, rcv } = tcb;
  const hasAck = (seg.flags & ACK) !== 0;
  // First: "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless the RST bit is set ...)"
  if (hasAck && (le(seg.ack, snd.iss) || gt(seg.ack, snd.nxt))) {
    tcb.shared.counters.unacceptableAcks++;
    return 'reset';
  }
  if ((seg.flags & RST) !== 0) {
    // "If the ACK was acceptable, then signal to the user 'error: connection reset' ... Otherwise (no ACK), drop"
    if (hasAck) {
      tcb.shared.counters.resetsReceived++;
      endConnection(tcb, 'ECONNREFUSED');
    } else tcb.shared.counters.synSentDrops++;
    return 'done';
  }
  if ((seg.flags & SYN) === 0) {
    tcb.shared.counters.synSentDrops++;
    return 'done';
  }
  // "RCV.NXT is set to SEG.SEQ+1, IRS is set to SEG.SEQ. SND.UNA should be advanced to equal SEG.ACK"
  // Our SYN offered a window before there was an RCV.NXT to count it from.
  const offeredBytes = diff(rcv.edge, rcv.nxt);
  rcv.nxt = add(seg.seq, 1);
  rcv.irs = seg.seq;
  rcv.edge = add(rcv.nxt, offeredBytes);
  adoptOptions(tcb, seg.options, nowMs);
  agreeOnAnswer(tcb, seg);
  snd.wnd = seg.wndRaw;
  snd.maxWnd = seg.wndRaw;
  snd.wl1 = seg.seq;
  if (!hasAck) {
    // "Otherwise, enter SYN-RECEIVED, form a SYN,ACK segment ... and send it": simultaneous open [MUST-10]
    snd.wl2 = snd.iss;
    takeSynDataAck(tcb, add(snd.iss, 1));
    enter(tcb, 'SYN-RECEIVED');
    tcb.out.resendSyn = true;
    stopTiming(tcb, nowMs);
    return 'done';
  }
  takeSynDataAck(tcb, seg.ack);
  snd.una = seg.ack;
  snd.wl2 = seg.ack;
  measureHandshake(tcb, nowMs, seg.ack, seg.options.hasTimestamps, seg.options.tsEcr);
  tcb.softError = '';
  // "If SND.UNA > ISS (our SYN has been ACKed), change the connection state to ESTABLISHED, form an ACK segment"
  enter(tcb, 'ESTABLISHED');
  connectionOpened(tcb, nowMs);
  tcb.rtt.backoff = 0;
  tcb.rtt.tries = 0;
  ownTimers(tcb).retransmitAtMs = Infinity;
  // Like Linux: with TCP_DEFER_ACCEPT the ACK waits for data to ride on, as a delayed one.
  if (tcb.handshake.deferRetries > 0) ownTimers(tcb).delayedAckAtMs = nowMs + DEFERRED_ACK_MS;
  else tcb.out.ackNow = true;
  tcb.wake |= WAKE_WRITE | WAKE_STATE;
  return 'done';
}
