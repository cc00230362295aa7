/** What setsockopt() set: kept by the socket for its connections, and copied from a listener to what it accepts. */

/** The values of one socket. An option that only reads something has none. */
export interface OptionValues {
  reuseAddress: boolean;
  noDelay: boolean;
  receiveErrors: boolean;
  /** -1: off. */
  lingerSeconds: number;
  sendBufferBytes: number;
  receiveBufferBytes: number;
}

/** The values of a fresh socket. */
export function createOptionValues(sendBufferBytes: number, receiveBufferBytes: number): OptionValues {
  return {
    reuseAddress: false,
    noDelay: false,
    receiveErrors: false,
    lingerSeconds: -1,
    sendBufferBytes,
    receiveBufferBytes,
  };
}
