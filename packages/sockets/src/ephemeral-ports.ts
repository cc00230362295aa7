/** The choice of local ports: RFC 6056 §3.3.4, "Double-Hash Port Selection Algorithm". */

import { type SipKey, sipHash, sipHashHigh } from '@tcpstack/seq/siphash';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import { putAddresses } from './address-words.ts';

/**
 * Counters, of which each destination has one. With few of them, a site learns from the ports that a host chooses for the
 * site's own addresses which host it is; Linux went from 256 to 65,536 for that, and gives every machine 256 KiB of them.
 */
const COUNTERS = 4096;
/** Like Linux, the next port is up to so many steps further: who sees some cannot count the others. */
const RANDOM_STEPS = 8;
/** A search that met more taken ports than this is not wasted: as many of the next ones go on behind it. */
const CROWDED_PORTS = 64;

/** `ip_local_port_range` and `ip_local_reserved_ports`. */
export interface PortSettings {
  readonly localPortRange: readonly [min: number, max: number];
  /** As the kernel writes it: "8080,9000-9010". */
  readonly localReservedPorts: string;
}

/**
 * Picks ports that nobody can foresee and that are used again as late as possible.
 *
 * Deviation: Linux tries even ports before odd ones, and for bind(2) the other way round. Once one half is taken, each
 * connect() looks through all of it there; here it goes on where the last one ended.
 */
export class EphemeralPorts {
  readonly #key: SipKey;
  readonly #settings: PortSettings;
  readonly #words = new Int32Array(10);
  /** Made with the first connection. */
  #counters: Uint32Array | null = null;
  /** What was chosen so far: the source of what looks like chance. */
  #chosen = 0;
  #reservedText = '';
  #reserved: ReadonlySet<number> = new Set();

  constructor(key: SipKey, settings: PortSettings) {
    this.#key = key;
    this.#settings = settings;
  }

  /**
   * A port towards a destination, 0 when `isFree` holds for none: "offset = F(local_IP, remote_IP, remote_port,
   * secret_key1); index = G(...); port = min_ephemeral + (offset + table[index]) % num_ephemeral".
   */
  chooseTowards(
    local: Readonly<IpAddress>,
    remote: Readonly<IpAddress>,
    remotePort: number,
    isFree: (port: number) => boolean,
  ): number {
    const n = putAddresses(this.#words, local, remote);
    this.#words[n] = remotePort;
    const offset = sipHash(this.#key, this.#words, n + 1) >>> 0;
    const index = sipHashHigh() & (COUNTERS - 1);
    this.#counters ??= this.#randomCounters();
    const at = this.#counters[index] as number;
    const port = this.#scan(offset + at, isFree);
    const passed = this.#passed;
    this.#counters[index] = at + 1 + Math.max(passed, this.#random() % RANDOM_STEPS);
    return port;
  }

  /** A port for a socket that has no destination yet, 0 for none. */
  chooseAny(isFree: (port: number) => boolean): number {
    const from = this.#inRow > 0 ? this.#anyAt : this.#random();
    const port = this.#scan(from, isFree);
    this.#anyAt = from + this.#passed + 1;
    this.#inRow = this.#passed > CROWDED_PORTS ? this.#passed : this.#inRow - 1;
    return port;
  }

  /** Where the next scan for any port begins, and how many more are to begin where the one before ended. */
  #anyAt = 0;
  #inRow = 0;
  /** Ports that the last scan found taken before it found one. */
  #passed = 0;

  #scan(from: number, isFree: (port: number) => boolean): number {
    const [min, max] = this.#settings.localPortRange;
    const reserved = this.#reservedPorts();
    this.#passed = 0;
    const count = max - min + 1;
    for (let i = 0; i < count; i++) {
      const port = min + ((from + i) % count);
      if (!reserved.has(port) && isFree(port)) return port;
      this.#passed++;
    }
    return 0;
  }

  #reservedPorts(): ReadonlySet<number> {
    const { localReservedPorts } = this.#settings;
    if (localReservedPorts === this.#reservedText) return this.#reserved;
    this.#reservedText = localReservedPorts;
    this.#reserved = parsePorts(localReservedPorts) ?? new Set();
    return this.#reserved;
  }

  /** "an implementation ... SHOULD initialize table[] with random values": else the first port of all tells the offset. */
  #randomCounters(): Uint32Array {
    return Uint32Array.from({ length: COUNTERS }, () => this.#random() >>> 1);
  }

  /** An unsigned number of 32 bits. */
  #random(): number {
    this.#words[0] = ++this.#chosen;
    this.#words[1] = 0x706f_7274;
    return sipHash(this.#key, this.#words, 2) >>> 0;
  }
}

/** "8080,9000-9010" as a set; `null` when it is not such a list. */
export function parsePorts(text: string): Set<number> | null {
  const ports = new Set<number>();
  for (const part of text.split(',')) {
    if (part === '') continue;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (match === null) return null;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (from > to || to > 65_535) return null;
    for (let port = from; port <= to; port++) ports.add(port);
  }
  return ports;
}
