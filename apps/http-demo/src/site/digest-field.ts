/** Digest fields of HTTP (RFC 9530): `sha-256=:base64:`. */

import { createHash, type Hash } from 'node:crypto';

/** The "Active" algorithms of the registry (RFC 9530 §5), and what Node calls them. */
const ALGORITHMS: Readonly<Record<string, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' };

/** `sha-256=:...:` for a digest in hex. */
export function digestField(sha256Hex: string): string {
  return `sha-256=:${Buffer.from(sha256Hex, 'hex').toString('base64')}:`;
}

/** Sums a body as it passes, for whatever its digest fields name. */
export class BodyDigest {
  readonly #sha256 = createHash('sha256');
  /** What the sender says, by Node's name of the algorithm. */
  readonly #promised = new Map<string, { readonly base64: string; readonly hash: Hash }>();
  lengthBytes = 0;

  /** @param fields Values of Content-Digest or Repr-Digest; undefined for none. What is not understood is passed over. */
  constructor(...fields: readonly (string | undefined)[]) {
    for (const field of fields) {
      for (const [, name = '', base64 = ''] of field?.matchAll(/([a-z0-9-]+)=:([A-Za-z0-9+/=]*):/g) ?? []) {
        const algorithm = ALGORITHMS[name];
        if (algorithm !== undefined) this.#promised.set(algorithm, { base64, hash: createHash(algorithm) });
      }
    }
  }

  update(chunk: Uint8Array): void {
    this.#sha256.update(chunk);
    for (const { hash } of this.#promised.values()) hash.update(chunk);
    this.lengthBytes += chunk.length;
  }

  /** After the last byte, once: the SHA-256 in hex, and whether all is as the sender said; `null` when it said nothing. */
  end(): { readonly sha256: string; readonly asPromised: boolean | null } {
    const asPromised = [...this.#promised.values()].every(({ base64, hash }) => hash.digest('base64') === base64);
    return { sha256: this.#sha256.digest('hex'), asPromised: this.#promised.size === 0 ? null : asPromised };
  }
}
