/** A watch: an epoll instance's interest in one descriptor. */

import type { Epoll } from './epoll.ts';
import type { File } from './file.ts';

/** What EPOLL_CTL_ADD makes. Known by the file and the number it had then, as in Linux: it lives as long as the file. */
export interface Watch {
  readonly epoll: Epoll;
  readonly file: File;
  readonly fd: number;
  /** `EPOLL*` bits; none but private ones while EPOLLONESHOT has switched it off. */
  events: number;
  /** The user's, given back with each event. */
  data: number;
  /** Links of the list of those that may be ready; `isListed` while it is there. */
  isListed: boolean;
  previous: Watch | null;
  next: Watch | null;
}
