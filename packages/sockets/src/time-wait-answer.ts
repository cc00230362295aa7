/** The only thing that TIME-WAIT still says: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. */

import { add, seq } from '@tcpstack/seq/seq';
import { ACK, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import { writeNops, writeTimestamps } from '@tcpstack/wire/tcp-options';
import {
  RCV_NXT,
  RCV_WND_BYTES,
  SND_NXT,
  TIMESTAMPS,
  type TimeWaitTable,
  TRAITS,
  TS_OFFSET,
  TS_RECENT,
} from './time-wait-table.ts';

/** NOP, NOP, timestamps. */
const OPTION_BYTES_MAX = 12;
export const TIME_WAIT_ACK_BYTES_MAX = TCP_HEADER_BYTES + OPTION_BYTES_MAX;

/** Writes the ACK that the entry owes at `bytes[at...]`; returns its length. The checksum field is left zero. */
export function writeTimeWaitAck(
  table: TimeWaitTable,
  index: number,
  nowMs: number,
  bytes: Uint8Array,
  at: number,
): number {
  const traits = table.word(index, TRAITS);
  let end = at + TCP_HEADER_BYTES;
  if ((traits & TIMESTAMPS) !== 0) {
    const now = add(seq(table.word(index, TS_OFFSET)), Math.floor(nowMs % 0x1_0000_0000));
    end = writeNops(bytes, end, 2);
    end = writeTimestamps(bytes, end, now, seq(table.word(index, TS_RECENT)));
  }
  const rcvScale = (traits >>> 16) & 0xf;
  const window = Math.min(0xffff, table.word(index, RCV_WND_BYTES) >> rcvScale);
  const sndNxt = seq(table.word(index, SND_NXT));
  const rcvNxt = seq(table.word(index, RCV_NXT));
  const localPort = table.localPortOf(index);
  const remotePort = table.remotePortOf(index);
  writeTcp(bytes, at, localPort, remotePort, sndNxt, rcvNxt, end - at, ACK, window, 0);
  table.settle(index);
  return end - at;
}
