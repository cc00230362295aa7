/** The records that socket calls take and give. */

/** An address as text, and a port. */
export interface SockAddr {
  readonly address: string;
  readonly port: number;
}

/** One entry of poll(): `events` asked for, `revents` answered, as `POLL*` bits. */
export interface PollFd {
  readonly fd: number;
  readonly events: number;
  revents: number;
}
