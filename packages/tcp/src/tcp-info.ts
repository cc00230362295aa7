/** `TCP_INFO`: what Linux's `struct tcp_info` tells of a connection, by its names and in its units. */

import { diff } from '@tcpstack/seq/seq';
import { receiveWindowBytes } from './arrival/acceptable.ts';
import { DELAYED_ACK_MS, DUP_ACK_THRESHOLD, MAX_CWND_BYTES } from './limits.ts';
import { advertisedMssBytes, TIMESTAMP_BYTES } from './mss.ts';
import { pacingRate } from './output/pacing.ts';
import { LOST, RESENT, SACKED } from './recovery/sent-log.ts';
import { rtoMs } from './rtt.ts';
import { isSynchronized, type TcpState } from './state.ts';
import type { Tcb } from './tcb.ts';

/** Linux's numbers of the states. */
export const TCPI_STATES: Readonly<Record<TcpState, number>> = {
  ESTABLISHED: 1,
  'SYN-SENT': 2,
  'SYN-RECEIVED': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  CLOSED: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
};

export const TCPI_OPT_TIMESTAMPS = 1;
export const TCPI_OPT_SACK = 2;
export const TCPI_OPT_WSCALE = 4;
export const TCPI_OPT_ECN = 8;

/** Linux's `TCP_INFINITE_SSTHRESH`, and what it says of a least round trip before the first. */
const INFINITE_SSTHRESH = 0x7fff_ffff;
const NO_MIN_RTT = 0xffff_ffff;

/**
 * Times named `last` are milliseconds ago, other times microseconds; rates are bytes a second, `Infinity` where Linux has
 * the largest number; windows of congestion and what is in flight are segments. Of what is in flight we keep bytes:
 * segments are as many as these fill.
 */
export interface TcpInfo {
  tcpi_state: number;
  /** 0 open, 1 disorder, 2 after a mark of congestion, 3 recovery, 4 loss. */
  tcpi_ca_state: number;
  tcpi_retransmits: number;
  tcpi_probes: number;
  tcpi_backoff: number;
  /** `TCPI_OPT_*` */
  tcpi_options: number;
  tcpi_snd_wscale: number;
  tcpi_rcv_wscale: number;
  tcpi_delivery_rate_app_limited: number;
  tcpi_rto: number;
  tcpi_ato: number;
  tcpi_snd_mss: number;
  /** Of a listener, as in Linux: connections that wait for accept(), and how many may. */
  tcpi_unacked: number;
  tcpi_sacked: number;
  tcpi_lost: number;
  tcpi_retrans: number;
  tcpi_last_data_sent: number;
  tcpi_last_data_recv: number;
  tcpi_last_ack_recv: number;
  tcpi_pmtu: number;
  tcpi_rtt: number;
  tcpi_rttvar: number;
  tcpi_snd_ssthresh: number;
  tcpi_snd_cwnd: number;
  tcpi_advmss: number;
  tcpi_reordering: number;
  tcpi_rcv_rtt: number;
  tcpi_total_retrans: number;
  tcpi_pacing_rate: number;
  tcpi_max_pacing_rate: number;
  tcpi_bytes_acked: number;
  tcpi_bytes_received: number;
  tcpi_segs_out: number;
  tcpi_segs_in: number;
  tcpi_notsent_bytes: number;
  tcpi_min_rtt: number;
  tcpi_data_segs_in: number;
  tcpi_data_segs_out: number;
  tcpi_delivery_rate: number;
  tcpi_bytes_sent: number;
  tcpi_bytes_retrans: number;
  tcpi_dsack_dups: number;
  tcpi_reord_seen: number;
  tcpi_rcv_ooopack: number;
  tcpi_snd_wnd: number;
  tcpi_rcv_wnd: number;
  tcpi_total_rto: number;
}

/** Of a socket without a connection. */
export function createTcpInfo(): TcpInfo {
  return {
    tcpi_state: TCPI_STATES.CLOSED,
    tcpi_ca_state: 0,
    tcpi_retransmits: 0,
    tcpi_probes: 0,
    tcpi_backoff: 0,
    tcpi_options: 0,
    tcpi_snd_wscale: 0,
    tcpi_rcv_wscale: 0,
    tcpi_delivery_rate_app_limited: 0,
    tcpi_rto: 0,
    tcpi_ato: 0,
    tcpi_snd_mss: 0,
    tcpi_unacked: 0,
    tcpi_sacked: 0,
    tcpi_lost: 0,
    tcpi_retrans: 0,
    tcpi_last_data_sent: 0,
    tcpi_last_data_recv: 0,
    tcpi_last_ack_recv: 0,
    tcpi_pmtu: 0,
    tcpi_rtt: 0,
    tcpi_rttvar: 0,
    tcpi_snd_ssthresh: INFINITE_SSTHRESH,
    tcpi_snd_cwnd: 0,
    tcpi_advmss: 0,
    tcpi_reordering: DUP_ACK_THRESHOLD,
    tcpi_rcv_rtt: 0,
    tcpi_total_retrans: 0,
    tcpi_pacing_rate: 0,
    tcpi_max_pacing_rate: Infinity,
    tcpi_bytes_acked: 0,
    tcpi_bytes_received: 0,
    tcpi_segs_out: 0,
    tcpi_segs_in: 0,
    tcpi_notsent_bytes: 0,
    tcpi_min_rtt: NO_MIN_RTT,
    tcpi_data_segs_in: 0,
    tcpi_data_segs_out: 0,
    tcpi_delivery_rate: 0,
    tcpi_bytes_sent: 0,
    tcpi_bytes_retrans: 0,
    tcpi_dsack_dups: 0,
    tcpi_reord_seen: 0,
    tcpi_rcv_ooopack: 0,
    tcpi_snd_wnd: 0,
    tcpi_rcv_wnd: 0,
    tcpi_total_rto: 0,
  };
}

/** Fills `into`, without `tcpi_pmtu`, which is the IP layer's. Changes nothing. */
export function tcpInfo(tcb: Tcb, nowMs: number, into: TcpInfo): void {
  fillStates(tcb, into);
  fillFlight(tcb, into);
  fillTimes(tcb, nowMs, into);
  fillRates(tcb, into);
  fillTraffic(tcb, into);
}

function fillStates(tcb: Tcb, into: TcpInfo): void {
  const { rtt, out, liveness, snd, rcv } = tcb;
  into.tcpi_state = TCPI_STATES[tcb.state];
  into.tcpi_ca_state = congestionState(tcb);
  into.tcpi_retransmits = rtt.tries;
  into.tcpi_probes = out.probesUnanswered + liveness.keepProbesUnanswered;
  into.tcpi_backoff = rtt.backoff;
  // Before the peer's SYN they are wishes.
  into.tcpi_options = tcb.state === 'SYN-SENT' ? 0 : agreedOptions(tcb);
  into.tcpi_snd_wscale = snd.scale;
  into.tcpi_rcv_wscale = rcv.scale;
  into.tcpi_snd_mss = snd.mssBytes;
  // Like Linux: without the timestamps that each segment carries.
  into.tcpi_advmss = advertisedMssBytes(tcb) - (tcb.ts.enabled ? TIMESTAMP_BYTES : 0);
  into.tcpi_snd_wnd = snd.wnd;
  into.tcpi_rcv_wnd = receiveWindowBytes(tcb);
}

function agreedOptions(tcb: Tcb): number {
  return (
    (tcb.ts.enabled ? TCPI_OPT_TIMESTAMPS : 0) |
    (tcb.recovery.sackEnabled ? TCPI_OPT_SACK : 0) |
    (tcb.scaling ? TCPI_OPT_WSCALE : 0) |
    (tcb.ecn.enabled ? TCPI_OPT_ECN : 0)
  );
}

function congestionState({ recovery, ecn }: Tcb): number {
  if (recovery.mode === 'loss') return 4;
  if (recovery.mode === 'recovery') return 3;
  if (ecn.reduced) return 2;
  return recovery.sackedBytes > 0 || recovery.dupAcks > 0 ? 1 : 0;
}

function fillFlight(tcb: Tcb, into: TcpInfo): void {
  const { snd, recovery, congestion, sendRing } = tcb;
  const segments = (bytes: number) => Math.ceil(bytes / snd.mssBytes);
  const outstanding = diff(snd.nxt, snd.una);
  into.tcpi_unacked = segments(outstanding);
  into.tcpi_sacked = recovery.sackEnabled ? segments(recovery.sackedBytes) : recovery.dupAcks;
  into.tcpi_lost = segments(recovery.lostBytes);
  into.tcpi_retrans = segments(resentBytesInFlight(tcb));
  into.tcpi_notsent_bytes = isSynchronized(tcb.state)
    ? Math.max(0, sendRing.readable - outstanding)
    : sendRing.readable;
  into.tcpi_snd_cwnd = Math.floor(congestion.cwndBytes / snd.mssBytes);
  const { ssthreshBytes } = congestion;
  into.tcpi_snd_ssthresh =
    ssthreshBytes < MAX_CWND_BYTES ? Math.floor(ssthreshBytes / snd.mssBytes) : INFINITE_SSTHRESH;
}

function resentBytesInFlight({ recovery: { log } }: Tcb): number {
  let bytes = 0;
  for (let i = 0; log !== null && i < log.count; i++) {
    if ((log.flagsAt(i) & (RESENT | SACKED | LOST)) === RESENT) bytes += log.endAt(i) - log.startAt(i);
  }
  return bytes;
}

function fillTimes(tcb: Tcb, nowMs: number, into: TcpInfo): void {
  const { rtt, out, liveness, delayedAck, tune } = tcb;
  into.tcpi_rto = micro(rtoMs(tcb));
  into.tcpi_ato = delayedAck.dataAtMs > -Infinity ? micro(DELAYED_ACK_MS) : 0;
  into.tcpi_rtt = micro(Math.max(0, rtt.srttMs));
  into.tcpi_rttvar = micro(rtt.varMs);
  into.tcpi_min_rtt = rtt.minMs < 0 ? NO_MIN_RTT : micro(rtt.minMs);
  into.tcpi_rcv_rtt = tune === null || tune.rttMs < 0 ? 0 : micro(tune.rttMs);
  into.tcpi_last_data_sent = sinceMs(nowMs, out.sentAtMs);
  into.tcpi_last_data_recv = sinceMs(nowMs, delayedAck.dataAtMs);
  into.tcpi_last_ack_recv = sinceMs(nowMs, liveness.heardAtMs);
}

function micro(ms: number): number {
  return Math.round(ms * 1000);
}

/** 0 for what never was. */
function sinceMs(nowMs: number, atMs: number): number {
  return Number.isFinite(atMs) ? Math.floor(nowMs - atMs) : 0;
}

function fillRates(tcb: Tcb, into: TcpInfo): void {
  const { rate, pace } = tcb;
  into.tcpi_pacing_rate = Math.round(pacingRate(tcb) * 1000);
  into.tcpi_max_pacing_rate = Math.round(pace.maxBytesPerMs * 1000);
  into.tcpi_delivery_rate = Math.round(rate.sampledBytesPerMs * 1000);
  into.tcpi_delivery_rate_app_limited = rate.sampledAppLimited ? 1 : 0;
}

function fillTraffic(tcb: Tcb, into: TcpInfo): void {
  const { snd, rcv, out, liveness, traffic, sendRing } = tcb;
  const outstanding = isSynchronized(tcb.state) ? Math.min(diff(snd.nxt, snd.una), sendRing.readable) : 0;
  into.tcpi_bytes_acked = snd.unaOffset;
  into.tcpi_bytes_received = rcv.nxtOffset;
  into.tcpi_bytes_sent = snd.unaOffset + outstanding + traffic.resentBytes;
  into.tcpi_bytes_retrans = traffic.resentBytes;
  into.tcpi_segs_out = out.segmentsOut;
  // The SYN of who connected to us came before there was a connection to count it.
  into.tcpi_segs_in = liveness.segmentsIn + (tcb.passive ? 1 : 0);
  into.tcpi_data_segs_out = traffic.dataSegmentsOut;
  into.tcpi_data_segs_in = traffic.dataSegmentsIn;
  into.tcpi_total_retrans = tcb.retransmits;
  into.tcpi_dsack_dups = traffic.duplicatesTold;
  into.tcpi_reord_seen = traffic.reorderings;
  into.tcpi_rcv_ooopack = traffic.heldSegments;
  into.tcpi_total_rto = traffic.timeouts;
}
