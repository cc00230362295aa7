/** What a client remembers of servers for Fast Open: cookies, the MSS, and whether SYNs with data get through (RFC 7413 §4.1.3). */

import { formatAddress, type IpAddress } from '@tcpstack/wire/ip-address';

/** Servers that are remembered; the one asked for longest ago goes first. */
const SERVERS_MAX = 1024;
/** After so many losses of SYNs with data in a row, a server gets plain ones for a while. */
const LOSSES_MAX = 1;
const LOSS_PAUSE_MS = 60_000;
const LOSSES_COUNTED_MAX = 10;

/**
 * How the server has its cookie: as an option, or as the experiment that this once was (RFC 7413 §10). While it gave none,
 * like Linux: it is asked by the option, then once in the old form, and after that by the option again.
 */
type Form = 'option' | 'perhaps experiment' | 'experiment' | 'neither';

/** One server. */
interface Entry {
  /** Empty while none was given. */
  cookie: Uint8Array;
  mssBytes: number;
  losses: number;
  lostAtMs: number;
  form: Form;
}

const NO_COOKIE = new Uint8Array(0);

/** By address: cookies are of addresses, whatever the port. */
export class FastOpenCache {
  /** A Map keeps the order in which keys came. */
  readonly #servers = new Map<string, Entry>();

  get size(): number {
    return this.#servers.size;
  }

  /** The server's entry, which counts as asked for now; `null` when nothing is known. */
  find(address: Readonly<IpAddress>): Readonly<Entry> | null {
    const key = formatAddress(address);
    const entry = this.#servers.get(key);
    if (entry === undefined) return null;
    this.#servers.delete(key);
    this.#servers.set(key, entry);
    return entry;
  }

  /** Whether SYNs with data, or with the option, were lost on the way to it lately. */
  isPaused(nowMs: number, entry: Readonly<Entry>): boolean {
    return entry.losses > LOSSES_MAX && nowMs - entry.lostAtMs < LOSS_PAUSE_MS * 2 ** entry.losses;
  }

  /** Whether its option is written as the experiment. */
  wantsExperiment({ form }: Readonly<Entry>): boolean {
    return form === 'experiment' || form === 'perhaps experiment';
  }

  /** After `learn`: the form of the cookie that came, or that of the next try. */
  learnForm(address: Readonly<IpAddress>, form: Form): void {
    const entry = this.#servers.get(formatAddress(address));
    if (entry === undefined) return;
    const isTry = form === 'perhaps experiment' || form === 'neither';
    // What is known, or was tried, is not tried again.
    if (isTry && (entry.cookie.length > 0 || entry.form === 'neither' || entry.form === form)) return;
    entry.form = form;
  }

  /** What a SYN-ACK taught; `cookie` is `null` when it brought none. */
  learn(
    nowMs: number,
    address: Readonly<IpAddress>,
    cookie: Uint8Array | null,
    mssBytes: number,
    isLost: boolean,
  ): void {
    const key = formatAddress(address);
    const old = this.#servers.get(key);
    this.#servers.delete(key);
    this.#servers.set(key, {
      cookie: cookie ?? old?.cookie ?? NO_COOKIE,
      mssBytes,
      losses: isLost ? Math.min((old?.losses ?? 0) + 1, LOSSES_COUNTED_MAX) : 0,
      lostAtMs: isLost ? nowMs : (old?.lostAtMs ?? 0),
      form: old?.form ?? 'option',
    });
    if (this.#servers.size <= SERVERS_MAX) return;
    for (const oldest of this.#servers.keys()) {
      this.#servers.delete(oldest);
      return;
    }
  }
}
