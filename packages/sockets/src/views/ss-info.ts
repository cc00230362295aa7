/** The second line of `ss -i`: what `TCP_INFO` says, in the words and the order of `ss`. */

import {
  TCPI_OPT_ECN,
  TCPI_OPT_SACK,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
  type TcpInfo,
} from '@tcpstack/tcp/connection';

/** What `ss` takes for "nothing was said", and leaves out. */
const FIRST_RTO_MICROS = 3_000_000;
const SSTHRESH_MAX = 0xffff;
const REORDERING_DEFAULT = 3;
const NO_MIN_RTT = 0xffff_ffff;

/** Fields that are 0 are left out. */
export function infoLine(info: TcpInfo, congestion: string): string {
  return [
    ...agreed(info),
    congestion,
    ...times(info),
    ...windows(info),
    ...traffic(info),
    ...rates(info),
    ...rest(info),
  ]
    .filter((word) => word !== '')
    .join(' ');
}

function agreed({ tcpi_options }: TcpInfo): string[] {
  const has = (bit: number, word: string) => ((tcpi_options & bit) === 0 ? '' : word);
  return [has(TCPI_OPT_TIMESTAMPS, 'ts'), has(TCPI_OPT_SACK, 'sack'), has(TCPI_OPT_ECN, 'ecn')];
}

function times(info: TcpInfo): string[] {
  const { tcpi_options, tcpi_rto, tcpi_rtt, tcpi_rttvar } = info;
  return [
    (tcpi_options & TCPI_OPT_WSCALE) === 0 ? '' : `wscale:${info.tcpi_snd_wscale},${info.tcpi_rcv_wscale}`,
    tcpi_rto === FIRST_RTO_MICROS ? '' : `rto:${short(tcpi_rto / 1000)}`,
    some('backoff', info.tcpi_backoff),
    tcpi_rtt === 0 ? '' : `rtt:${short(tcpi_rtt / 1000)}/${short(tcpi_rttvar / 1000)}`,
    some('ato', info.tcpi_ato / 1000),
  ];
}

function windows(info: TcpInfo): string[] {
  const { tcpi_snd_ssthresh } = info;
  return [
    some('mss', info.tcpi_snd_mss),
    some('pmtu', info.tcpi_pmtu),
    some('advmss', info.tcpi_advmss),
    some('cwnd', info.tcpi_snd_cwnd),
    tcpi_snd_ssthresh < SSTHRESH_MAX ? some('ssthresh', tcpi_snd_ssthresh) : '',
  ];
}

function traffic(info: TcpInfo): string[] {
  return [
    some('bytes_sent', info.tcpi_bytes_sent),
    some('bytes_retrans', info.tcpi_bytes_retrans),
    some('bytes_acked', info.tcpi_bytes_acked),
    some('bytes_received', info.tcpi_bytes_received),
    some('segs_out', info.tcpi_segs_out),
    some('segs_in', info.tcpi_segs_in),
    some('data_segs_out', info.tcpi_data_segs_out),
    some('data_segs_in', info.tcpi_data_segs_in),
  ];
}

function rates(info: TcpInfo): string[] {
  const { tcpi_rtt, tcpi_snd_mss, tcpi_snd_cwnd, tcpi_pacing_rate, tcpi_max_pacing_rate } = info;
  const sendRate = tcpi_rtt === 0 ? 0 : (tcpi_snd_cwnd * tcpi_snd_mss * 1e6) / tcpi_rtt;
  const most = tcpi_max_pacing_rate === Infinity ? '' : `/${bits(tcpi_max_pacing_rate)}`;
  return [
    rate('send', sendRate),
    some('lastsnd', info.tcpi_last_data_sent),
    some('lastrcv', info.tcpi_last_data_recv),
    some('lastack', info.tcpi_last_ack_recv),
    rate('pacing_rate', tcpi_pacing_rate) && rate('pacing_rate', tcpi_pacing_rate) + most,
    rate('delivery_rate', info.tcpi_delivery_rate),
    info.tcpi_delivery_rate_app_limited === 0 ? '' : 'app_limited',
  ];
}

function rest(info: TcpInfo): string[] {
  const { tcpi_retrans, tcpi_total_retrans, tcpi_reordering, tcpi_min_rtt } = info;
  return [
    some('unacked', info.tcpi_unacked),
    tcpi_retrans + tcpi_total_retrans === 0 ? '' : `retrans:${tcpi_retrans}/${tcpi_total_retrans}`,
    some('lost', info.tcpi_lost),
    some('sacked', info.tcpi_sacked),
    some('dsack_dups', info.tcpi_dsack_dups),
    tcpi_reordering === REORDERING_DEFAULT ? '' : some('reordering', tcpi_reordering),
    some('reord_seen', info.tcpi_reord_seen),
    some('rcv_rtt', info.tcpi_rcv_rtt / 1000),
    some('notsent', info.tcpi_notsent_bytes),
    tcpi_min_rtt === NO_MIN_RTT ? '' : some('minrtt', tcpi_min_rtt / 1000),
    some('rcv_ooopack', info.tcpi_rcv_ooopack),
    some('snd_wnd', info.tcpi_snd_wnd),
    some('rcv_wnd', info.tcpi_rcv_wnd),
  ];
}

function some(name: string, value: number): string {
  return value === 0 ? '' : `${name}:${short(value)}`;
}

/** Without a limit there is nothing to say. */
function rate(name: string, bytesPerSecond: number): string {
  return bytesPerSecond === 0 || bytesPerSecond === Infinity ? '' : `${name} ${bits(bytesPerSecond)}`;
}

function bits(bytesPerSecond: number): string {
  return `${Math.round(bytesPerSecond * 8)}bps`;
}

/** Up to six digits behind none that say nothing, as "%g". */
function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
