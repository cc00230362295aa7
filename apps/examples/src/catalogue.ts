/** All examples, by their names on the command line. */

import type { Example } from './example.ts';
import { fetchExample } from './fetch.ts';
import { httpExample } from './http.ts';
import { http2Example } from './http2.ts';
import { httpsExample } from './https.ts';
import { webSocketExample } from './websocket.ts';

export const EXAMPLES: Readonly<Record<string, Example>> = {
  http: httpExample,
  https: httpsExample,
  http2: http2Example,
  websocket: webSocketExample,
  fetch: fetchExample,
};
