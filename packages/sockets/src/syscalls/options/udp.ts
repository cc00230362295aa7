/** The options of level IPPROTO_UDP. */

import { UDP_CORK } from '../../constants.ts';
import { sendCorked } from '../datagram-send.ts';
import { flag, type OptionTable, type SocketOption } from './option.ts';

/**
 * udp(7): "all data output on this socket is accumulated into a single datagram that is transmitted when the option is
 * disabled". As in Linux nobody is told what becomes of it then.
 */
const cork: SocketOption = {
  ...flag('cork', null),
  set: (socket, value, kernel) => {
    const { options, datagrams } = socket;
    options.cork = value !== 0;
    if (value === 0 && datagrams !== null && datagrams.corked !== null) {
      sendCorked(kernel, socket, datagrams, datagrams.corked, [], 0, false);
    }
    return 0;
  },
};

export const UDP_OPTIONS: OptionTable = new Map([[UDP_CORK, cork]]);
