/** `/bytes/N`: as many pseudo-random bytes as asked for, with their digest (RFC 9530). */

import { pipeline } from 'node:stream/promises';
import { type Answer, text } from './answers.ts';
import { digestField } from './digest-field.ts';
import { BYTES_MAX, knownSha256, parseCount, randomBytesOf, sha256Of } from './random-bytes.ts';

/** Up to here the digest is worked out before the first byte, some 50 ms; beyond it follows the last one. */
const DIGEST_FIRST_BYTES = 64 * 2 ** 20;

/** @param countText The N of the path. */
export function bytesAnswer(countText: string): Answer {
  const count = parseCount(countText);
  if (count === null) return refuse;
  return async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const sha256 = count <= DIGEST_FIRST_BYTES ? await sha256Of(count, gone.signal) : knownSha256(count);
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Cache-Control', 'no-store');
    // "Repr-Digest" is of what there is, also where it is not sent, as for HEAD; "Content-Digest" of this content (§2, §3).
    if (sha256 !== null) response.setHeader('Repr-Digest', digestField(sha256));
    if (request.method === 'HEAD') {
      response.setHeader('Content-Length', count);
      response.end();
      return;
    }
    // Trailers of HTTP/1.1 need chunks, which HTTP/1.0 does not have.
    const trailer = sha256 === null && request.httpVersion !== '1.0';
    if (trailer) response.setHeader('Trailer', 'Content-Digest');
    if (!trailer || request.httpVersionMajor > 1) response.setHeader('Content-Length', count);
    if (sha256 !== null) response.setHeader('Content-Digest', digestField(sha256));
    const source = randomBytesOf(count, (hex) => {
      if (trailer) response.addTrailers({ 'Content-Digest': digestField(hex) });
    });
    await pipeline(source, response);
  };
}

/** `/bytes/N/sha256`: the digest as text. */
export function bytesDigestAnswer(countText: string): Answer {
  const count = parseCount(countText);
  if (count === null) return refuse;
  return async (request, response) => {
    if (request.method === 'HEAD') return text(response, 200, '');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    text(response, 200, `${await sha256Of(count, gone.signal)}\n`);
  };
}

const refuse: Answer = (_request, response) => {
  text(response, 400, `N in /bytes/N is a whole number from 0 to ${BYTES_MAX}.\n`);
};
