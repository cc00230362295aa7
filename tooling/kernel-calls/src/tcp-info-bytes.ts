/** `struct tcp_info` of the kernel (include/uapi/linux/tcp.h), as a record with its names. */

type Read = (view: DataView, at: number) => number;

const u8: Read = (view, at) => view.getUint8(at);
const u16: Read = (view, at) => view.getUint16(at, true);
const u32: Read = (view, at) => view.getUint32(at, true);
const u64: Read = (view, at) => Number(view.getBigUint64(at, true));

/** Fields in order, one behind the other, from an offset in bytes on. */
const RUNS: readonly (readonly [at: number, bytes: number, read: Read, names: string])[] = [
  [0, 1, u8, 'state ca_state retransmits probes backoff options'],
  [
    8,
    4,
    u32,
    `rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent last_ack_sent last_data_recv
     last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans`,
  ],
  [104, 8, u64, 'pacing_rate max_pacing_rate bytes_acked bytes_received'],
  [136, 4, u32, 'segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out'],
  [160, 8, u64, 'delivery_rate busy_time rwnd_limited sndbuf_limited'],
  [192, 4, u32, 'delivered delivered_ce'],
  [200, 8, u64, 'bytes_sent bytes_retrans'],
  [216, 4, u32, 'dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash'],
  [240, 2, u16, 'total_rto total_rto_recoveries'],
  [244, 4, u32, 'total_rto_time'],
];

/** What getsockopt() wrote. Fields that this kernel does not have yet are not there. */
export function decodeTcpInfo(bytes: Uint8Array): Record<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const record: Record<string, number> = {};
  for (const [at, size, read, names] of RUNS) {
    names.split(/\s+/).forEach((name, i) => {
      if (at + (i + 1) * size <= bytes.length) record[`tcpi_${name}`] = read(view, at + i * size);
    });
  }
  record['tcpi_snd_wscale'] = u8(view, 6) & 0xf;
  record['tcpi_rcv_wscale'] = u8(view, 6) >> 4;
  record['tcpi_delivery_rate_app_limited'] = u8(view, 7) & 1;
  return record;
}
