/** A certificate for the examples, signed by itself and made anew in each process. */

import { generate } from 'selfsigned';
import type { Place } from './example.ts';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** For `localhost`; who asks by address says so with `servername`, or does not check. */
let made: Promise<Certificate> | undefined;

/** The same one each time: a client in this process can trust it. */
export function certificate(): Promise<Certificate> {
  made ??= generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  }).then(({ private: key, cert }) => ({ key, cert }));
  return made;
}

/** What `tls.connect` is told about whom to trust. TLS knows no names for addresses: the one checked is "localhost". */
export async function trustIn({ isInsecure }: Place): Promise<{
  readonly servername: string;
  readonly ca: string;
  readonly rejectUnauthorized: boolean;
}> {
  const { cert } = await certificate();
  return { servername: 'localhost', ca: cert, rejectUnauthorized: isInsecure !== true };
}
