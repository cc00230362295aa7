/** The options of a serving demo: what they are called, what goes together, and what they come to. */

import { statSync } from 'node:fs';
import { parsePort } from '@tcpstack/app-kit/arguments';
import { Failure, UsageError } from '@tcpstack/app-kit/cli';
import { type Command, Option } from 'commander';
import { type Identity, makeIdentity, readIdentity } from './tls/certificate.ts';

/** What the site may be told. */
export interface SiteOptions {
  readonly json: boolean;
  readonly log: boolean;
  /** Port of HTTPS; `true` for the default, undefined for none. */
  readonly tls?: number | true;
  readonly cert?: string;
  readonly key?: string;
  readonly files?: string;
}

/** Options that mean something only for a server, as commander names them. */
const SERVING_ONLY = ['tls', 'cert', 'key', 'files', 'log'];

export function addSiteOptions(program: Command): Command {
  return program
    .optionsGroup('What is served, with --serve or --tun:')
    .addOption(
      new Option('--tls [port]', 'HTTPS too, HTTP/1.1 and HTTP/2 (port 443; with --serve 8443)').argParser(parsePort),
    )
    .option('--cert <file>', 'its certificate, PEM (default: made at start, signed by itself)')
    .option('--key <file>', 'the key to it')
    .option('--files <folder>', 'what /files/ serves (default: two texts of ours)')
    .option('--log', 'print a line for each request');
}

/** @throws {UsageError} When options do not go together. */
export function checkSiteOptions(program: Command, options: SiteOptions, serving: boolean): void {
  const orphan = SERVING_ONLY.find((name) => program.getOptionValueSource(name) === 'cli');
  if (orphan !== undefined && !serving) throw new UsageError(`--${orphan} needs --serve or --tun`);
  if ((options.cert === undefined) !== (options.key === undefined))
    throw new UsageError('--cert and --key go together');
  if (options.cert !== undefined && options.tls === undefined) throw new UsageError('--cert and --key need --tls');
}

/**
 * The key and the certificate for HTTPS; `null` without `--tls`.
 *
 * @param names What a certificate made here is good for.
 */
export async function identityFor(options: SiteOptions, names: readonly string[]): Promise<Identity | null> {
  if (options.tls === undefined) return null;
  if (options.cert !== undefined && options.key !== undefined) return readIdentity(options.cert, options.key);
  return makeIdentity(names);
}

/** @throws {Failure} When `/files/` would have nothing to serve. */
export function checkFolder({ files }: SiteOptions): void {
  if (files !== undefined && statSync(files, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure(`--files ${files}: there is no such folder`);
  }
}
