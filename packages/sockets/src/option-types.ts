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

/** `struct ip_mreqn`, and `ipv6_mreq`, which has no address: a group, and the interface that it is meant on. */
export interface GroupRequest {
  readonly group: string;
  /** An address of ours that names the interface; default "0.0.0.0": by the routes. */
  readonly address?: string;
  /** Its index; default 0: by the address. */
  readonly interfaceIndex?: number;
}

/** What setsockopt() takes and getsockopt() gives. */
export type OptionValue = number | string | Linger | TimeValue | TcpInfo | GroupRequest;
