/** `POST /upload`: sums what comes, and answers with the sum. */

import type { Answer } from './answers.ts';
import { json, text } from './answers.ts';
import { BodyDigest, digestField } from './digest-field.ts';

/** "<SHA-256 in hex> <bytes>", or JSON for who asks for it; 400 when it is not what the sender's digest fields say. */
export const upload: Answer = async (request, response) => {
  const { headers } = request;
  const digest = new BodyDigest(fieldOf(headers['content-digest']), fieldOf(headers['repr-digest']));
  for await (const chunk of request as AsyncIterable<Buffer>) digest.update(chunk);
  const { sha256, asPromised } = digest.end();
  const { lengthBytes } = digest;
  if (asPromised === false) {
    return text(
      response,
      400,
      `The digest field says something else: ${lengthBytes} bytes came, ${digestField(sha256)}.\n`,
    );
  }
  if (headers.accept?.includes('application/json')) {
    return json(response, 200, { lengthBytes, sha256, contentDigest: digestField(sha256), asPromised });
  }
  text(response, 200, `${sha256} ${lengthBytes}\n`);
};

function fieldOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
