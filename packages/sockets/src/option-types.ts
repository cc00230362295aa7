/** Values of socket options that are more than one number. */

import type { TcpInfo } from '@tcpstack/tcp/connection';

export type { TcpInfo } from '@tcpstack/tcp/connection';

/** `struct linger`: whether close() waits, or for 0 seconds resets; and for how many seconds. */
export interface Linger {
  readonly onoff: number;
  readonly linger: number;
}

/** `struct timeval`. */
export interface TimeValue {
  readonly sec: number;
  readonly usec: number;
}

/** What setsockopt() takes and getsockopt() gives. */
export type OptionValue = number | string | Linger | TimeValue | TcpInfo;
