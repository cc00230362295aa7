/** The two urgent pointers of a connection (RFC 9293 §3.8.5), as stream offsets: those do not wrap. */

/** Part of the TCB. */
export interface UrgentState {
  /** SND.UP: one past the last byte that the user sent as urgent; 0 before the first. */
  sendUp: number;
  /** RCV.UP: one past the last byte that the peer called urgent; 0 before the first. */
  receiveUp: number;
  /** The last urgent byte stays in its place in the stream; else it is kept out of it, as "out-of-band" data of POSIX. */
  inline: boolean;
  /** The byte out of band was read already. */
  taken: boolean;
}

/** That of a fresh connection. */
export function createUrgent(): UrgentState {
  return { sendUp: 0, receiveUp: 0, inline: true, taken: false };
}
