/** TCP Fast Open (RFC 7413) in a Host: cookies given and checked, cookies kept and shown, and when not to try. */

import { type SipKey, sipHash, sipHashHigh } from '@tcpstack/seq/siphash';
import { askFastOpen, handleTimeouts, ownFastOpen, ownHandshake, takeSynData } from '@tcpstack/tcp/connection';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import type { Segment } from '@tcpstack/wire/segment';
import { putAddresses } from './address-words.ts';
import type { Connection } from './connection.ts';
import { POLLIN } from './constants.ts';
import { FastOpenCache } from './fast-open-cache.ts';
import type { Kernel } from './kernel.ts';
import type { Listener } from './listener.ts';
import { wake } from './readiness.ts';
import type { Socket } from './socket.ts';

/** Bits of the setting; Linux's `TFO_CLIENT_ENABLE` and its like. */
const CLIENT = 0x1;
const SERVER = 0x2;
const CLIENT_NO_COOKIE = 0x4;
const SERVER_NO_COOKIE = 0x200;
const SERVER_WITHOUT_OPTION = 0x400;

const COOKIE_BYTES = 8;
const NO_COOKIE = new Uint8Array(0);
/** Sets the key apart from others that are derived from one secret. */
const NAME = 0x7466_6f21;
/** Time-outs in a row after which data on SYNs is suspected to be swallowed on the way. */
const BLACK_HOLE_TRIES = 3;
/** The pause doubles up to so many times. */
const PAUSE_DOUBLINGS_MAX = 6;

/** What a Host needs for it. */
export class FastOpenHost {
  readonly cache = new FastOpenCache();
  readonly #key: SipKey = new Int32Array(4);
  readonly #id = new Int32Array(8);
  readonly #cookie = new Uint8Array(COOKIE_BYTES);
  #pauses = 0;
  #pausedAtMs = -Infinity;

  /** @param secret What is derived from it is used for nothing else. */
  constructor(secret: SipKey) {
    for (let i = 0; i < 4; i += 2) {
      this.#id[0] = NAME;
      this.#id[1] = i;
      this.#key[i] = sipHash(secret, this.#id, 2);
      this.#key[i + 1] = sipHashHigh();
    }
  }

  /** The cookie of a client: a keyed hash of the addresses (RFC 7413 §4.1.2). The array is used again. */
  cookieOf(local: Readonly<IpAddress>, remote: Readonly<IpAddress>): Uint8Array {
    const words = putAddresses(this.#id, local, remote);
    putBytes(this.#cookie, 0, sipHash(this.#key, this.#id, words));
    putBytes(this.#cookie, 4, sipHashHigh());
    return this.#cookie;
  }

  /** Data on SYNs seems to be swallowed: none is sent for a while, and each time for longer. */
  pause(nowMs: number): void {
    this.#pauses++;
    this.#pausedAtMs = nowMs;
  }

  /** Data on a SYN was acknowledged. */
  succeeded(): void {
    this.#pauses = 0;
  }

  isPaused(nowMs: number, pauseMs: number): boolean {
    if (this.#pauses === 0) return false;
    return nowMs - this.#pausedAtMs < pauseMs * 2 ** Math.min(this.#pauses - 1, PAUSE_DOUBLINGS_MAX);
  }
}

function putBytes(into: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 4; i++) into[at + i] = word >>> (8 * i);
}

/**
 * A SYN met a listener with places for Fast Open. True when its connection is in the accept queue now, data and all;
 * else it is half-open as ever, and the SYN-ACK may bring a cookie.
 */
export function openFast(kernel: Kernel, listener: Listener, connection: Connection, seg: Segment): boolean {
  const { counters, settings, fastOpen, nowMs } = kernel;
  const { fastOpenBytes, fastOpenAt } = seg.options;
  if (fastOpenBytes === 0) counters.fastOpenCookiesAsked++;
  const hasData = seg.payloadEnd > seg.payloadAt;
  const most = placesOf(settings.fastOpen, listener);
  if ((settings.fastOpen & SERVER) === 0 || most === 0 || !(hasData || fastOpenBytes >= 0)) return false;
  if (!listener.fastOpen.hasRoom(nowMs, most)) {
    counters.fastOpenOverflows++;
    return false;
  }
  const needsCookie = (settings.fastOpen & SERVER_NO_COOKIE) === 0 && !listener.socket.options.fastOpenNoCookie;
  const cookie = fastOpen.cookieOf(connection.localAddress, connection.remoteAddress);
  if (needsCookie && !isCookie(cookie, seg.bytes, fastOpenAt, fastOpenBytes)) {
    if (fastOpenBytes > 0) counters.fastOpenPassiveFails++;
    // Like Linux: the answer is an ordinary one, and brings a cookie that is good.
    if (fastOpenBytes >= 0) {
      const own = ownFastOpen(connection.tcb);
      own.cookie = cookie.slice();
      own.isExperiment = seg.options.fastOpenIsExperiment;
    }
    return false;
  }
  takeSynData(connection.tcb, seg);
  // As in Linux one more than otherwise, unless TCP_SYNCNT says how many.
  ownHandshake(connection.tcb).synAckRetries = listener.socket.options.synRetries || settings.synAckRetries + 1;
  listener.fastOpen.take(connection);
  listener.addOpened(connection);
  counters.fastOpenPassive++;
  counters.passiveOpens++;
  wake(kernel, listener.socket, POLLIN);
  return true;
}

function placesOf(setting: number, listener: Listener): number {
  const { fastOpenBacklog } = listener.socket.options;
  if (fastOpenBacklog > 0) return fastOpenBacklog;
  return (setting & SERVER_WITHOUT_OPTION) === 0 ? 0 : listener.acceptQueue.backlog;
}

function isCookie(cookie: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (length !== COOKIE_BYTES) return false;
  let difference = 0;
  for (let i = 0; i < COOKIE_BYTES; i++) difference |= (cookie[i] as number) ^ (bytes[at + i] as number);
  return difference === 0;
}

/** An active open that wants Fast Open has begun. True when its SYN waits for data; else it asks for a cookie, if it may. */
export function awaitsSynData(kernel: Kernel, socket: Socket): boolean {
  const { connection } = socket;
  if (connection === null) return false;
  ask(kernel, connection, socket);
  return connection.tcb.handshake.fastOpen.isDeferred;
}

function ask(kernel: Kernel, connection: Connection, socket: Socket): void {
  const { settings, fastOpen, nowMs } = kernel;
  if ((settings.fastOpen & CLIENT) === 0 || fastOpen.isPaused(nowMs, settings.fastOpenBlackHoleMs)) return;
  const known = fastOpen.cache.find(connection.remoteAddress);
  if (known !== null && fastOpen.cache.isPaused(nowMs, known)) return;
  const { tcb } = connection;
  const mssBytes = known?.mssBytes ?? 0;
  if ((settings.fastOpen & CLIENT_NO_COOKIE) !== 0 || socket.options.fastOpenNoCookie) {
    askFastOpen(tcb, null, mssBytes, true);
  } else if (known !== null && known.cookie.length > 0) askFastOpen(tcb, known.cookie, mssBytes, true);
  else askFastOpen(tcb, NO_COOKIE, mssBytes, false);
  if (known !== null && fastOpen.cache.wantsExperiment(known)) ownFastOpen(tcb).isExperiment = true;
}

/** The SYN-ACK that answers a SYN with the option has opened `connection`. */
export function learnFromAnswer(kernel: Kernel, connection: Connection, seg: Segment): void {
  const { counters, fastOpen, nowMs } = kernel;
  const { tcb } = connection;
  const { synDataBytes, synDataAcked, isExperiment } = tcb.handshake.fastOpen;
  const { fastOpenBytes, fastOpenAt, fastOpenIsExperiment, mssBytes } = seg.options;
  if (synDataAcked > 0) {
    counters.fastOpenActive++;
    fastOpen.succeeded();
  } else if (synDataBytes > 0) counters.fastOpenActiveFails++;
  const cookie = fastOpenBytes > 0 ? seg.bytes.slice(fastOpenAt, fastOpenAt + fastOpenBytes) : null;
  // A repeated SYN got through, which had neither: the first one is thought to have been swallowed.
  const isLost = tcb.retransmits > 0 && cookie === null && synDataBytes > 0 && synDataAcked === 0;
  fastOpen.cache.learn(nowMs, connection.remoteAddress, cookie, Math.max(mssBytes, 0), isLost);
  const { remoteAddress } = connection;
  if (cookie !== null) fastOpen.cache.learnForm(remoteAddress, fastOpenIsExperiment ? 'experiment' : 'option');
  // It was asked for, and there was no answer to that: it is asked for in the other form, and then in this one for good.
  else if (fastOpenBytes < 0 && synDataBytes === 0 && tcb.retransmits === 0) {
    fastOpen.cache.learnForm(remoteAddress, isExperiment ? 'neither' : 'perhaps experiment');
  }
}

/** A deadline passed of a connection whose SYN had data: where nothing gets through, it is tried no more for a while. */
export function earlyDataTimeout(kernel: Kernel, { tcb }: Connection): void {
  const { rtt } = tcb;
  const before = rtt.tries;
  handleTimeouts(tcb, kernel.nowMs);
  const gaveUp = tcb.state === 'CLOSED' && tcb.error === 'ETIMEDOUT' && before < BLACK_HOLE_TRIES - 1;
  if (!gaveUp && !(rtt.tries === BLACK_HOLE_TRIES && before < BLACK_HOLE_TRIES)) return;
  kernel.counters.fastOpenActiveFails++;
  if (kernel.settings.fastOpenBlackHoleMs === 0) return;
  kernel.counters.fastOpenBlackHoles++;
  kernel.fastOpen.pause(kernel.nowMs);
}
