/** TCP_LINGER2. */

import type { SocketOption } from './option.ts';

/** Linux's `TCP_FIN_TIMEOUT_MAX`. */
const LINGER2_MAX_SECONDS = 120;

/** Like Linux: what is too much is the most, what is below 0 is -1, and 0 is what the setting says. */
export const linger2: SocketOption = {
  get: ({ options }, { settings }) => options.linger2Seconds || Math.floor(settings.finTimeoutMs / 1000),
  range: 'any; -1 to 120 counts',
  set: ({ options }, value) => {
    options.linger2Seconds = Math.min(Math.max(value, -1), LINGER2_MAX_SECONDS);
    return 0;
  },
  apply: null,
};
