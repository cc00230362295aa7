/** SO_BINDTODEVICE. */

import { EINVAL, ENODEV } from '../../errno.ts';
import type { SocketOption } from './option.ts';

/** Linux's `IFNAMSIZ - 1`: what is longer is cut off. */
const NAME_CHARS_MAX = 15;

/** '' is any interface. Holds for what begins later; a listener hears no others from then on. */
export const boundDevice: SocketOption = {
  get: ({ options }, { routing }) => routing.interfaces.find(options.interfaceIndex)?.name ?? '',
  range: 'a name, or empty: else ENODEV',
  set: () => -EINVAL,
  setOther: ({ options }, value, { routing }) => {
    if (typeof value !== 'string') return -EINVAL;
    const device = value === '' ? null : routing.interfaces.find(value.slice(0, NAME_CHARS_MAX));
    if (value !== '' && device === null) return -ENODEV;
    options.interfaceIndex = device?.index ?? -1;
    return 0;
  },
  apply: null,
};
