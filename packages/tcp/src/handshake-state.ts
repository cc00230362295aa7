/** What a connection remembers of how it opens: made only for those of which something is to be remembered. */

import { SYN_ACK_RETRIES } from './limits.ts';

/** What a connection knows of Fast Open. */
export interface FastOpenState {
  /** What the next SYN or SYN-ACK carries in its option, once: empty to ask for a cookie, `null` for no option. */
  cookie: Uint8Array | null;
  /** The option is written as the experiment that it once was. */
  isExperiment: boolean;
  /** Most payload of the first SYN. */
  synDataMax: number;
  /** The SYN waits for the first data. */
  isDeferred: boolean;
  /** Our first SYN had the option. */
  isAsked: boolean;
  /** Payload that it carried, and how much of that the SYN-ACK acknowledged. */
  synDataBytes: number;
  synDataAcked: number;
  /** A listener took the data of the SYN: the user may read and answer in SYN-RECEIVED. */
  isOpen: boolean;
}

/** That of every connection without it. */
export const NO_FAST_OPEN: Readonly<FastOpenState> = {
  cookie: null,
  isExperiment: false,
  synDataMax: 0,
  isDeferred: false,
  isAsked: false,
  synDataBytes: 0,
  synDataAcked: 0,
  isOpen: false,
};

/** What a connection remembers while it opens. */
export interface HandshakeState {
  /** Unanswered SYN-ACKs that are sent again; Linux's `tcp_synack_retries`, fewer in need. */
  synAckRetries: number;
  /**
   * So many time-outs of the SYN-ACK long an ACK without data opens nothing; 0 for none (TCP_DEFER_ACCEPT). Of an active
   * open: not 0 when the ACK of the SYN-ACK waits for data.
   */
  deferRetries: number;
  /** An ACK that would have opened the connection was ignored: the peer takes it for open. */
  isAcked: boolean;
  /** Also of active opens. Shared by connections until first written. */
  fastOpen: Readonly<FastOpenState>;
}

/** That of every connection that was told nothing else. */
export const NO_HANDSHAKE: Readonly<HandshakeState> = {
  synAckRetries: SYN_ACK_RETRIES,
  deferRetries: 0,
  isAcked: false,
  fastOpen: NO_FAST_OPEN,
};
