/** What the user asks of a connection: OPEN, SEND, RECEIVE, CLOSE, ABORT (RFC 9293 §3.10.1 to §3.10.5). */

import { diff, type Seq } from '@tcpstack/seq/seq';
import { offerOptions } from './options.ts';
import { fieldBytesMax, offerableBytes } from './output/advertise.ts';
import { enter, maySend } from './state.ts';
import { type Tcb, WAKE_WRITE } from './tcb.ts';
import { endConnection } from './timeouts.ts';
import { bytesInOneRead, markUrgent, skipOutOfBand } from './urgent.ts';
import { isFullUnsent, notSentRoomBytes, receiveLimitBytes } from './user-bounds.ts';
import { ownWishes } from './wishes.ts';

/** Active OPEN: SYN goes out with the next output. */
export function openActive(tcb: Tcb, iss: Seq): void {
  tcb.snd.iss = iss;
  tcb.snd.una = iss;
  tcb.snd.nxt = iss;
  offerOptions(tcb, null);
  enter(tcb, 'SYN-SENT');
}

/** Whether SEND is allowed now or will be once the connection is open. */
export function canSend(tcb: Tcb): boolean {
  return maySend(tcb.state) || ((tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') && !tcb.finQueued);
}

/** Worth a call of the user: as in Linux at least half as much is free as is queued; and not too much waits to be sent. */
export function isWritable(tcb: Tcb): boolean {
  return tcb.sendRing.free > 0 && tcb.sendRing.free * 2 >= tcb.sendRing.readable && !isFullUnsent(tcb);
}

/** `TCP_NOTSENT_LOWAT`; 0 leaves it to the Host's setting. Who waits for room may have it now. */
export function setNotSentLowWater(tcb: Tcb, bytes: number): void {
  if (bytes === tcb.wishes.notSentBytes) return;
  ownWishes(tcb).notSentBytes = bytes;
  if (tcb.awaitsSpace && isWritable(tcb)) tcb.wake |= WAKE_WRITE;
}

/** SEND: queues as much of `from[at, end)` as fits; returns how many bytes, 0 when the buffer is full. */
export function send(tcb: Tcb, from: Uint8Array, at: number, end: number): number {
  const n = tcb.sendRing.write(from, at, Math.min(end, at + notSentRoomBytes(tcb)));
  // Also when just what may wait to be sent was taken.
  if (n < end - at || isFullUnsent(tcb)) tcb.awaitsSpace = true;
  return n;
}

/** SEND with the URGENT flag: the last byte that is taken ends the urgent data [MUST-30] [MUST-31]. */
export function sendUrgent(tcb: Tcb, from: Uint8Array, at: number, end: number): number {
  const n = send(tcb, from, at, end);
  if (n > 0) markUrgent(tcb);
  return n;
}

/** RECEIVE: moves up to `end - at` bytes to the user; returns how many. */
export function receive(tcb: Tcb, into: Uint8Array, at: number, end: number): number {
  const skipped = skipOutOfBand(tcb);
  const n = tcb.receiveRing.read(into, at, at + bytesInOneRead(tcb, end - at));
  if (n === 0 && !skipped) return 0;
  if (tcb.receiveRing.readable === 0 && (tcb.pending === null || tcb.pending.size === 0)) tcb.receiveRing.park();
  if (windowUpdateDue(tcb)) tcb.out.ackNow = true;
  return n;
}

/**
 * A window update is worth a segment of its own when the peer may be short of window, and reading has opened
 * it by a good part of the buffer (RFC 9293 §3.8.6.2.2 [MUST-39]).
 */
function windowUpdateDue(tcb: Tcb): boolean {
  if (tcb.rcv.finReceived || tcb.state === 'CLOSED') return false;
  const limit = Math.min(receiveLimitBytes(tcb), fieldBytesMax(tcb));
  const offered = Math.max(0, diff(tcb.rcv.edge, tcb.rcv.nxt));
  if (offered * 2 >= limit) return false;
  const gain = offerableBytes(tcb, tcb.rcv.scale) - offered;
  if (gain === 0) return false;
  return (
    gain * 4 >= limit ||
    (offered < tcb.link.advertisedMssBytes && gain * 2 >= Math.min(limit, 2 * tcb.link.advertisedMssBytes))
  );
}

/**
 * CLOSE: FIN follows the last byte queued. "In any case, enter FIN-WAIT-1 state" (or LAST-ACK). In SYN-SENT
 * the connection just ends.
 */
export function closeSend(tcb: Tcb): void {
  if (tcb.finQueued) return;
  switch (tcb.state) {
    case 'SYN-SENT':
      endConnection(tcb, '');
      return;
    case 'SYN-RECEIVED':
      // "queue for processing after entering ESTABLISHED state"
      tcb.finQueued = true;
      return;
    case 'ESTABLISHED':
      tcb.finQueued = true;
      enter(tcb, 'FIN-WAIT-1');
      return;
    case 'CLOSE-WAIT':
      tcb.finQueued = true;
      enter(tcb, 'LAST-ACK');
      return;
    default:
      return;
  }
}

/** ABORT: the connection is gone at once. Returns whether the peer must be sent a reset. */
export function abort(tcb: Tcb): boolean {
  const tellPeer =
    tcb.state === 'SYN-RECEIVED' ||
    tcb.state === 'ESTABLISHED' ||
    tcb.state === 'FIN-WAIT-1' ||
    tcb.state === 'FIN-WAIT-2' ||
    tcb.state === 'CLOSE-WAIT';
  if (tcb.state !== 'CLOSED') endConnection(tcb, '');
  tcb.receiveRing.release();
  return tellPeer;
}
