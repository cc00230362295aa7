/** What HTTPS needs: a key and a certificate, given in files, or made for this run. */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Failure } from '@tcpstack/app-kit/cli';

/** Both as PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;
/** More than a demonstration runs. */
const LIFE_DAYS = 30;

/** @throws {Failure} When a file cannot be read. */
export function readIdentity(certFile: string, keyFile: string): Identity {
  return { cert: readText('--cert', certFile), key: readText('--key', keyFile) };
}

/** Signed by itself, for these names and addresses; nobody trusts it who is not told to. */
export async function makeIdentity(names: readonly string[]): Promise<Identity> {
  // Loaded only here: who wants no TLS does not wait for it.
  const { generate } = await import('selfsigned');
  const pems = await generate([{ name: 'commonName', value: 'tcpstack demo' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY_MS), // a client's clock may be behind
    notAfterDate: new Date(Date.now() + LIFE_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: names.map(altName) },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}

function altName(
  name: string,
): { readonly type: 2; readonly value: string } | { readonly type: 7; readonly ip: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}

function readText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`${option} ${path}: ${(error as NodeJS.ErrnoException).code}: choose a file that can be read`);
  }
}
