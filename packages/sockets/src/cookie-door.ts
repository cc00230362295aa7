/** The way round a full SYN queue: a SYN is answered and forgotten, and the ACK of that answer makes the connection. */

import { add, type Seq, seq } from '@tcpstack/seq/seq';
import type { SipKey } from '@tcpstack/seq/siphash';
import { acceptCookie, agreesToEcn, offeredScale } from '@tcpstack/tcp/connection';
import { MAX_WINDOW_SCALE } from '@tcpstack/tcp/limits';
import { isIpv4, setAddress } from '@tcpstack/wire/ip-address';
import { createSegment, type Segment } from '@tcpstack/wire/segment';
import { CWR, ECE, SYN } from '@tcpstack/wire/tcp';
import { sharingOf } from './bind-conflict.ts';
import type { Connection } from './connection.ts';
import { outletOf, timestampOffsetOf } from './connections.ts';
import type { Kernel } from './kernel.ts';
import type { Listener } from './listener.ts';
import type { OptionValues } from './option-values.ts';
import { limitsFor } from './outlet.ts';
import { type Arrival, openPassive, wayBack } from './passive-open.ts';
import type { SynAck } from './syn-ack-queue.ts';
import {
  COOKIE_VALID_MS,
  type CookieOptions,
  cookiePeriod,
  readStamp,
  SynCookies,
  stampOptions,
} from './syn-cookie.ts';
import { hopsOf, tosOf } from './syscalls/options/ip-fields.ts';
import { applyOptions } from './syscalls/options/tables.ts';

const WINDOW_FIELD_MAX = 0xffff;

/** What a Host needs for cookies. */
export interface CookieDoor {
  readonly cookies: SynCookies;
  /** What is remembered of a SYN. Reused. */
  readonly said: CookieOptions;
  /** The SYN as far as the cookie tells. Reused. */
  readonly syn: Segment;
}

/** For one Host. */
export function createCookieDoor(secret: SipKey): CookieDoor {
  return {
    cookies: new SynCookies(secret),
    said: { windowScale: -1, sackPermitted: false, ecn: false },
    syn: createSegment(),
  };
}

/** Answers a SYN and keeps nothing of it but the answer, until that left. */
export function answerByCookie(kernel: Kernel, listener: Listener, ends: Arrival, seg: Segment): void {
  const { door, nowMs } = kernel;
  const { options } = listener.socket;
  const path = wayBack(kernel, ends);
  if (path === null) {
    kernel.counters.listenDrops++;
    return;
  }
  const { source, destination } = ends;
  const outlet = outletOf(kernel, path);
  const link = limitsFor(outlet, source);
  const { draft } = outlet.synAcks;
  setAddress(draft.localAddress, destination);
  setAddress(draft.remoteAddress, source);
  draft.localPort = seg.destinationPort;
  draft.remotePort = seg.sourcePort;
  const peer = seg.options;
  const mssBytes = peer.mssBytes < 0 ? link.defaultSendMssBytes : peer.mssBytes;
  draft.iss = door.cookies.make(
    cookiePeriod(nowMs),
    destination,
    seg.destinationPort,
    source,
    seg.sourcePort,
    seg.seq,
    mssBytes,
  );
  draft.ack = add(seg.seq, 1);
  const most = link.advertisedMssBytes;
  draft.mssBytes = options.maxSegmentBytes === 0 ? most : Math.min(most, options.maxSegmentBytes);
  draft.wndRaw = Math.min(WINDOW_FIELD_MAX, options.receiveBufferBytes, options.windowClampBytes || Infinity);
  const isIpv6 = !isIpv4(source);
  draft.tosByte = tosOf(options, isIpv6);
  draft.ttlHops = hopsOf(kernel.shared, options, isIpv6);
  agree(kernel, seg, options, draft);
  listener.pressure.cookieAtMs = nowMs;
  if (outlet.synAcks.push()) kernel.counters.synCookiesSent++;
  else kernel.counters.synCookiesDropped++;
}

/** Options of the answer. Like Linux: what there is no place to remember is not agreed on, so all hangs on timestamps. */
function agree(kernel: Kernel, seg: Segment, options: OptionValues, draft: SynAck): void {
  const { door, shared } = kernel;
  const { said } = door;
  const peer = seg.options;
  const has = shared.timestamps && peer.hasTimestamps;
  said.windowScale = has && shared.windowScaling ? Math.min(peer.windowScale, MAX_WINDOW_SCALE) : -1;
  said.sackPermitted = has && shared.sack && peer.sackPermitted;
  said.ecn = has && agreesToEcn(shared.ecn, seg);
  draft.windowScale =
    said.windowScale < 0 ? -1 : offeredScale(shared, options.receiveBufferBytes, options.windowClampBytes || Infinity);
  draft.sackPermitted = said.sackPermitted;
  draft.ece = said.ecn;
  draft.hasTimestamps = has;
  if (!has) return;
  const offset = timestampOffsetOf(kernel, draft.localAddress, draft.localPort, draft.remoteAddress, draft.remotePort);
  draft.tsVal = add(stampOptions(clockOf(kernel.nowMs), said), offset);
  draft.tsEcr = peer.tsVal;
}

/** The clock of timestamps; see `timestampNow`. */
function clockOf(nowMs: number): Seq {
  return seq(Math.floor(nowMs % 0x1_0000_0000));
}

/**
 * The connection of which an ACK carries a cookie, in SYN-RECEIVED: it takes the segment next. `null` when it carries
 * none, 'full' when there is no place for it: then it is ignored, and the peer sends its data again.
 */
export function takeCookie(
  kernel: Kernel,
  listener: Listener,
  ends: Arrival,
  seg: Segment,
): Connection | 'full' | null {
  const { door, nowMs, counters } = kernel;
  // Like Linux: a guess is worth something only for as long as there may be cookies.
  if (kernel.settings.synCookies === 0 || nowMs - listener.pressure.cookieAtMs > COOKIE_VALID_MS) return null;
  const { source, destination } = ends;
  const { destinationPort, sourcePort } = seg;
  const iss = add(seg.ack, -1);
  const irs = add(seg.seq, -1);
  const mssBytes = door.cookies.check(cookiePeriod(nowMs), destination, destinationPort, source, sourcePort, irs, iss);
  if (mssBytes < 0) {
    counters.synCookiesFailed++;
    return null;
  }
  counters.synCookiesReceived++;
  if (!recall(kernel, ends, seg)) return null;
  if (listener.acceptQueue.full) {
    counters.listenOverflows++;
    counters.listenDrops++;
    return 'full';
  }
  const { syn } = door;
  syn.seq = irs;
  syn.wndRaw = seg.wndRaw;
  syn.options.mssBytes = mssBytes;
  const connection = openPassive(kernel, listener, ends, seg);
  if (connection === null) return null;
  connection.receivedTosByte = seg.tosByte;
  connection.sharing = sharingOf(listener.socket.options);
  applyOptions(connection, listener.socket.options, false, nowMs);
  acceptCookie(connection.tcb, syn, nowMs, iss);
  listener.addHalfOpen(connection);
  return connection;
}

/** Fills in the SYN's options; false when the echo says what we never agree to. */
function recall(kernel: Kernel, ends: Arrival, seg: Segment): boolean {
  const { door, shared } = kernel;
  const { said, syn } = door;
  said.windowScale = -1;
  said.sackPermitted = false;
  said.ecn = false;
  const { hasTimestamps, tsVal, tsEcr } = seg.options;
  if (hasTimestamps) {
    const offset = timestampOffsetOf(kernel, ends.destination, seg.destinationPort, ends.source, seg.sourcePort);
    readStamp(add(tsEcr, -offset), said);
    if (!shared.timestamps || (said.sackPermitted && !shared.sack)) return false;
    if (said.windowScale >= 0 && !shared.windowScaling) return false;
  }
  syn.flags = said.ecn ? SYN | ECE | CWR : SYN;
  syn.options.windowScale = said.windowScale;
  syn.options.sackPermitted = said.sackPermitted;
  syn.options.hasTimestamps = hasTimestamps;
  syn.options.tsVal = tsVal;
  return true;
}
