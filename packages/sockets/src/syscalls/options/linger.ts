/** SO_LINGER, SO_RCVTIMEO and SO_SNDTIMEO: how long calls wait. They never do here; who makes them block reads it. */

import { EDOM, EINVAL } from '../../errno.ts';
import type { OptionValue } from '../../option-types.ts';
import type { SocketOption } from './option.ts';

const UINT32_SPAN = 0x1_0000_0000;
const USEC_PER_SECOND = 1_000_000;

/** Off, the seconds that were set stay to be read, as in Linux; a negative number of them is a very large one. */
export const linger: SocketOption = {
  get: ({ options }) => ({ onoff: options.lingers ? 1 : 0, linger: options.lingerSeconds | 0 }),
  range: 'any two whole numbers',
  set: () => -EINVAL,
  setOther: ({ options }, value) => {
    if (typeof value !== 'object' || !('onoff' in value) || !areWhole(value.onoff, value.linger)) return -EINVAL;
    options.lingers = value.onoff !== 0;
    if (options.lingers) options.lingerSeconds = value.linger < 0 ? value.linger + UINT32_SPAN : value.linger;
    return 0;
  },
  apply: null,
};

export const receiveTimeout = timeout('receiveTimeoutMs');
export const sendTimeout = timeout('sendTimeoutMs');

/** Zeros are for ever, and less than nothing is not at all, as in Linux. */
function timeout(name: 'receiveTimeoutMs' | 'sendTimeoutMs'): SocketOption {
  return {
    get: ({ options }) => asTimeValue(options[name]),
    range: 'any seconds, 0 to 999999 microseconds: else EDOM',
    set: () => -EINVAL,
    setOther: ({ options }, value) => {
      if (typeof value !== 'object' || !('usec' in value) || !areWhole(value.sec, value.usec)) return -EINVAL;
      const { sec, usec } = value;
      if (usec < 0 || usec >= USEC_PER_SECOND) return -EDOM;
      options[name] = sec === 0 && usec === 0 ? Infinity : Math.max(0, sec * 1000 + usec / 1000);
      return 0;
    },
    apply: null,
  };
}

function asTimeValue(ms: number): OptionValue {
  if (ms === Infinity) return { sec: 0, usec: 0 };
  const sec = Math.floor(ms / 1000);
  return { sec, usec: Math.round((ms - sec * 1000) * 1000) };
}

function areWhole(...values: readonly unknown[]): boolean {
  return values.every(Number.isInteger);
}
