/** What the receiver owes the sender: an ACK for every second full segment, and for anything within half a second. */

import { diff, type Seq } from '@tcpstack/seq/seq';
import { isSynchronized } from '@tcpstack/tcp/state';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { destination, headerBytes, PROTOCOL_TCP, protocol } from '@tcpstack/wire/ipv4';
import { ACK, acknowledgment, destinationPort, flags, sourcePort } from '@tcpstack/wire/tcp';
import type { Packet } from '../packet.ts';
import type { SimHost } from '../sim-host.ts';
import type { Observer } from '../world.ts';
import { check } from './failure.ts';

/** "the delay MUST be less than 0.5 seconds" — RFC 9293 §3.8.6.3 [MUST-40] */
const DELAY_MAX_MS = 500;

/** What one connection acknowledged last, on the wire. */
interface Acked {
  ack: Seq;
  /** Since when something is owed; -1 when nothing is. */
  owedSinceMs: number;
}

export class AcksChecker implements Observer {
  readonly #acked = new Map<string, Acked>();

  sent(_nowMs: number, from: SimHost, { bytes }: Packet): void {
    if (protocol(bytes, 0) !== PROTOCOL_TCP) return;
    const at = headerBytes(bytes, 0);
    if ((flags(bytes, at) & ACK) === 0) return;
    const key = `${from.address} ${sourcePort(bytes, at)} ${destination(bytes, 0)} ${destinationPort(bytes, at)}`;
    this.#acked.set(key, { ack: acknowledgment(bytes, at), owedSinceMs: -1 });
  }

  turned(nowMs: number, from: SimHost): void {
    from.host.eachConnection((tcb, remoteAddress) => {
      const acked = this.#acked.get(`${from.address} ${tcb.localPort} ${remoteAddress.w3} ${tcb.remotePort}`);
      if (acked !== undefined && isSynchronized(tcb.state)) lookAt(nowMs, from, tcb, acked);
    });
  }
}

function lookAt(nowMs: number, from: SimHost, tcb: Tcb, acked: Acked): void {
  const owedBytes = diff(tcb.rcv.nxt, acked.ack);
  if (owedBytes === 0) return;
  if (acked.owedSinceMs < 0) acked.owedSinceMs = nowMs;
  // "an ACK SHOULD be generated for at least every second full-sized segment" — RFC 9293 §3.8.6.3 [SHLD-19]
  const mostBytes = 2 * tcb.snd.mssBytes;
  check(owedBytes < mostBytes, () => `acks: ${from.address} owes an ACK for ${owedBytes} bytes and is silent`);
  check(nowMs - acked.owedSinceMs < DELAY_MAX_MS, () => `acks: ${from.address} owes an ACK since ${acked.owedSinceMs}`);
}
