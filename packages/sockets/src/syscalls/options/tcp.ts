/** The options of level IPPROTO_TCP. */

import { TCP_MAXSEG, TCP_NODELAY } from '../../constants.ts';
import { flag, type OptionTable, readOnly } from './option.ts';

const noDelay = flag('noDelay', (tcb, values) => {
  tcb.noDelay = values.noDelay;
});

export const TCP_OPTIONS: OptionTable = new Map([
  [TCP_NODELAY, noDelay],
  [TCP_MAXSEG, readOnly((socket, kernel) => socket.connection?.tcb.snd.mssBytes ?? kernel.shared.advertisedMssBytes)],
]);
