/** SYN cookies (RFC 4987 §3.6): what a SYN said, kept by the peer in the number that its ACK acknowledges. */

import { add, type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { type SipKey, sipHash, sipHashHigh } from '@tcpstack/seq/siphash';
import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import { putAddresses } from './address-words.ts';

/** The clock that is hashed into cookies; Linux's `TCP_SYNCOOKIE_PERIOD`. */
export const COOKIE_PERIOD_MS = 60_000;
/** Periods for which a cookie is good: this one and the one before; Linux's `MAX_SYNCOOKIE_AGE`. */
const PERIODS_MAX = 2;
/** So long after a listener sent its last cookie it looks at ACKs for one; Linux's `TCP_SYNCOOKIE_VALID`. */
export const COOKIE_VALID_MS = PERIODS_MAX * COOKIE_PERIOD_MS;

/**
 * What a cookie remembers of the peer's MSS, as three bits: the largest of these that is not more. The common ones of
 * Ethernet, tunnels and old defaults, and of jumbo frames; the first so that nobody is sent more than he asked for.
 */
const MSS_IPV4_BYTES = [48, 536, 1220, 1300, 1400, 1440, 1460, 8960] as const;
const MSS_IPV6_BYTES = [48, 536, 1220, 1280, 1380, 1420, 1440, 8940] as const;

const DATA_MASK = 0xff_ffff;
/** Sets the hash apart that is also that of timestamps; see `openConnection`. */
const NAME_KEY = 0x636f_6f6b;
const ID_WORDS_MAX = 10;

/**
 * Makes cookies and knows them again. A cookie is ISS = F1(4-tuple) + IRS + (t << 24) + ((F2(4-tuple, t) + MSS) mod 2^24),
 * as Linux has it: the numbers of one 4-tuple go on with those of the peer and with the time, a guess succeeds once in
 * 2^28, and what was good two periods ago is not.
 */
export class SynCookies {
  readonly #key: SipKey = new Int32Array(4);
  readonly #id = new Int32Array(ID_WORDS_MAX);

  /** @param secret What is derived from it is used for nothing else. */
  constructor(secret: SipKey) {
    for (let i = 0; i < 4; i += 2) {
      this.#id[0] = NAME_KEY;
      this.#id[1] = i;
      this.#key[i] = sipHash(secret, this.#id, 2);
      this.#key[i + 1] = sipHashHigh();
    }
  }

  /**
   * The number that answers a SYN.
   *
   * @param period `cookiePeriod` of now. A small integer: a time with a fraction would be an object for each SYN.
   */
  make(
    period: number,
    local: Readonly<IpAddress>,
    localPort: number,
    remote: Readonly<IpAddress>,
    remotePort: number,
    irs: Seq,
    mssBytes: number,
  ): Seq {
    const words = this.#fill(local, localPort, remote, remotePort);
    const data = (this.#hash(words, period) + mssIndex(remote, mssBytes)) & DATA_MASK;
    return add(irs, (this.#hash(words, -1) + (period << 24) + data) | 0);
  }

  /** The MSS that the cookie `iss` remembers, or -1 when it is none of ours, or too old. */
  check(
    period: number,
    local: Readonly<IpAddress>,
    localPort: number,
    remote: Readonly<IpAddress>,
    remotePort: number,
    irs: Seq,
    iss: Seq,
  ): number {
    const words = this.#fill(local, localPort, remote, remotePort);
    const rest = (toInt32(iss) - toInt32(irs) - this.#hash(words, -1)) | 0;
    const age = (period - (rest >>> 24)) & 0xff;
    if (age >= PERIODS_MAX) return -1;
    const data = (rest - this.#hash(words, period - age)) & DATA_MASK;
    return mssTable(remote)[data] ?? -1;
  }

  #fill(local: Readonly<IpAddress>, localPort: number, remote: Readonly<IpAddress>, remotePort: number): number {
    const n = putAddresses(this.#id, local, remote);
    this.#id[n] = (localPort << 16) | remotePort;
    return n + 2;
  }

  #hash(words: number, t: number): number {
    this.#id[words - 1] = t;
    return sipHash(this.#key, this.#id, words);
  }
}

/** The number of the period that a time is in. */
export function cookiePeriod(nowMs: number): number {
  return Math.floor(nowMs / COOKIE_PERIOD_MS);
}

function mssTable(remote: Readonly<IpAddress>): readonly number[] {
  return isIpv4(remote) ? MSS_IPV4_BYTES : MSS_IPV6_BYTES;
}

function mssIndex(remote: Readonly<IpAddress>, mssBytes: number): number {
  const table = mssTable(remote);
  let i = table.length - 1;
  while (i > 0 && (table[i] as number) > mssBytes) i--;
  return i;
}

/** What else a SYN agreed to, in the low bits of the timestamp that its answer carries, and that comes back. */
export interface CookieOptions {
  /** The peer's shift, -1 when windows are not scaled. */
  windowScale: number;
  sackPermitted: boolean;
  ecn: boolean;
}

const OPTION_BITS = 6;
const OPTION_MASK = (1 << OPTION_BITS) - 1;
const SCALE_MASK = 0xf;
const SCALE_NONE = 0xf;
const SACK_BIT = 0x10;
const ECN_BIT = 0x20;

/**
 * A timestamp that is not later than `clock` (milliseconds, before the connection's offset is added) and carries
 * `options`; as Linux has it.
 */
export function stampOptions(clock: Seq, options: Readonly<CookieOptions>): Seq {
  const scale = options.windowScale < 0 ? SCALE_NONE : options.windowScale;
  const bits = scale | (options.sackPermitted ? SACK_BIT : 0) | (options.ecn ? ECN_BIT : 0);
  const now = toInt32(clock);
  const stamp = (now & ~OPTION_MASK) | bits;
  return seq(stamp > now ? stamp - OPTION_MASK - 1 : stamp);
}

/** Reads them back from an echo, the offset taken off. */
export function readStamp(stamp: Seq, into: CookieOptions): void {
  const bits = toInt32(stamp) & OPTION_MASK;
  const scale = bits & SCALE_MASK;
  into.windowScale = scale === SCALE_NONE ? -1 : scale;
  into.sackPermitted = (bits & SACK_BIT) !== 0;
  into.ecn = (bits & ECN_BIT) !== 0;
}
