/** Where a URL leads: its scheme, and an address that our stack can call. */

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Failure, UsageError } from '@tcpstack/app-kit/cli';

export interface Target {
  readonly url: URL;
  /** In digits. */
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
}

/** @throws {UsageError} When `text` is no URL of HTTP. A path alone is one of `base`. */
export function parseTarget(text: string, base?: string): URL {
  const url = URL.parse(text, text.startsWith('/') ? base : undefined);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const wanted = base === undefined ? 'http://10.77.0.1/' : `${base} or /bytes/1000`;
    throw new UsageError(`"${text}" is not what can be fetched: give a URL, as ${wanted}`);
  }
  return url;
}

/**
 * @param families Of the addresses that our stack has.
 * @throws {Failure} When there is no address for the name.
 */
export async function resolveTarget(url: URL, families: readonly (4 | 6)[]): Promise<Target> {
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const address = isIP(host) === 0 ? await addressOf(host, families) : host;
  return { url, address, port, secure };
}

/** The operating system knows names; our stack does not yet. */
async function addressOf(name: string, families: readonly (4 | 6)[]): Promise<string> {
  const found = await lookup(name, { all: true }).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Failure(`${name}: ${code}: the operating system finds no address for it`);
  });
  const usable = found.find(({ family }) => families.includes(family as 4 | 6));
  if (usable === undefined) throw new Failure(`${name} has no address of IPv${families.join(' or IPv')}`);
  return usable.address;
}
