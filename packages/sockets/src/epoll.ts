/** An epoll instance: its watches, and the list of those that may be ready. */

import { O_RDWR } from './constants.ts';
import { createFileState, type File, type FileState } from './file.ts';
import type { Watch } from './watch.ts';

/** What epoll_create1() makes. */
export interface Epoll extends FileState {
  readonly kind: 'epoll';
  readonly all: Set<Watch>;
  /** The list, in the order in which it is told. */
  first: Watch | null;
  last: Watch | null;
  /** Somebody waits in epoll_wait() for what comes next; of one instance only the first of several counts. */
  isAwaited: boolean;
}

const NONE: readonly never[] = [];

/** An instance that watches nothing. */
export function createEpoll(): Epoll {
  return { kind: 'epoll', ...createFileState(O_RDWR), all: new Set(), first: null, last: null, isAwaited: false };
}

/** The watch of `file` under this number; `null` when there is none. */
export function findWatch(epoll: Epoll, file: File, fd: number): Watch | null {
  for (const watch of file.watches) if (watch.epoll === epoll && watch.fd === fd) return watch;
  return null;
}

/** Begins to watch. It is in no list yet. */
export function addWatch(epoll: Epoll, file: File, fd: number, events: number, data: number): Watch {
  const watch: Watch = { epoll, file, fd, events, data, isListed: false, previous: null, next: null };
  epoll.all.add(watch);
  file.watches = [...file.watches, watch];
  return watch;
}

/** Ends a watch. */
export function removeWatch(watch: Watch): void {
  const { epoll, file } = watch;
  unlist(watch);
  epoll.all.delete(watch);
  file.watches = file.watches.length === 1 ? NONE : file.watches.filter((other) => other !== watch);
}

/** Puts it at the end of the list, unless it is there already. */
export function list(watch: Watch): void {
  if (watch.isListed) return;
  const { epoll } = watch;
  watch.isListed = true;
  watch.previous = epoll.last;
  if (epoll.last === null) epoll.first = watch;
  else epoll.last.next = watch;
  epoll.last = watch;
}

/** Takes it out of the list. */
export function unlist(watch: Watch): void {
  if (!watch.isListed) return;
  const { epoll, previous, next } = watch;
  if (previous === null) epoll.first = next;
  else previous.next = next;
  if (next === null) epoll.last = previous;
  else next.previous = previous;
  watch.isListed = false;
  watch.previous = null;
  watch.next = null;
}
