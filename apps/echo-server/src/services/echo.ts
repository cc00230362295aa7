/** The echo protocol (RFC 862): whatever comes is sent back, until the peer has nothing more to say. */

import type { Service } from './service.ts';

export const ECHO: Service = {
  name: 'echo',
  port: 7,
  /** "Once a connection is established any data received is sent back." — RFC 862, TCP Based Echo Service. */
  serve: (socket) => {
    socket.pipe(socket); // half-open: what the peer sent before its end still goes back
    return () => socket.unpipe(socket).resume().end();
  },
  /** "When a datagram is received, the data from it is sent back in an answering datagram." — RFC 862. */
  answer: (request) => request,
};
