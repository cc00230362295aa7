/** The discard protocol (RFC 863): whatever comes is thrown away. */

import type { Service } from './service.ts';

export const DISCARD: Service = {
  name: 'discard',
  port: 9,
  /** "Once a connection is established any data received is thrown away. No response is sent." — RFC 863. */
  serve: (socket) => {
    // "This continues until the calling user terminates the connection."
    socket.resume().once('end', () => socket.end());
    return () => socket.end();
  },
  /** "When a datagram is received, it is thrown away. No response is sent." — RFC 863. */
  answer: () => null,
};
