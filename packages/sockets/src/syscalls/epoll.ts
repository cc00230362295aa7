/** epoll_create1(2), epoll_ctl(2) and epoll_wait(2), the last with a time-out of zero. */

import type { EpollEvent } from '../call-types.ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLWAKEUP,
} from '../constants.ts';
import { addWatch, createEpoll, type Epoll, findWatch, list, removeWatch, unlist } from '../epoll.ts';
import { PRIVATE_EVENTS } from '../epoll-bits.ts';
import { nestsTooDeep } from '../epoll-nesting.ts';
import { EBADF, EEXIST, EFAULT, EINVAL, ELOOP, ENOENT, ENOSPC } from '../errno.ts';
import type { File } from '../file.ts';
import type { Kernel } from '../kernel.ts';
import { levelOf, listWatch } from '../readiness.ts';
import type { Watch } from '../watch.ts';
import { openFile } from './descriptor.ts';

/** Always told, whether asked for or not. */
const UNASKED = EPOLLERR | EPOLLHUP;
/** Linux's `EPOLLEXCLUSIVE_OK_BITS`. */
const BESIDE_EXCLUSIVE = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
/** Linux's `EP_MAX_EVENTS`: INT_MAX over the size of an event. */
const EVENTS_MAX = Math.floor(0x7fff_ffff / 12);

export function sysEpollCreate(kernel: Kernel, size: number): number {
  return size > 0 ? sysEpollCreate1(kernel, 0) : -EINVAL;
}

export function sysEpollCreate1(kernel: Kernel, flags: number): number {
  if ((flags & ~EPOLL_CLOEXEC) !== 0) return -EINVAL;
  return openFile(kernel, createEpoll(), (flags & EPOLL_CLOEXEC) !== 0);
}

/** Refuses in Linux's order. */
export function sysEpollCtl(
  kernel: Kernel,
  epfd: number,
  op: number,
  fd: number,
  event: Readonly<EpollEvent> | null,
): number {
  const changes = op !== EPOLL_CTL_DEL;
  if (changes && event === null) return -EFAULT;
  const epoll = kernel.fds.file(epfd);
  const file = kernel.fds.file(fd);
  if (epoll === null || file === null) return -EBADF;
  if (epoll === file || epoll.kind !== 'epoll') return -EINVAL;
  const events = changes && event !== null ? event.events | 0 : 0;
  if ((events & EPOLLEXCLUSIVE) !== 0) {
    if (op === EPOLL_CTL_MOD) return -EINVAL;
    if (op === EPOLL_CTL_ADD && (file.kind === 'epoll' || (events & ~BESIDE_EXCLUSIVE) !== 0)) return -EINVAL;
  }
  if (op === EPOLL_CTL_ADD && file.kind === 'epoll' && nestsTooDeep(epoll, file)) return -ELOOP;
  const watch = findWatch(epoll, file, fd);
  switch (op) {
    case EPOLL_CTL_ADD:
      return watch === null ? add(kernel, epoll, file, fd, events, event?.data ?? 0) : -EEXIST;
    case EPOLL_CTL_DEL:
      return watch === null ? -ENOENT : remove(kernel, watch);
    case EPOLL_CTL_MOD:
      return watch === null ? -ENOENT : modify(kernel, watch, events, event?.data ?? 0);
    default:
      return -EINVAL;
  }
}

function add(kernel: Kernel, epoll: Epoll, file: File, fd: number, events: number, data: number): number {
  if (kernel.use.epollWatches >= kernel.settings.epollWatchesMax) return -ENOSPC;
  kernel.use.epollWatches++;
  listIfReady(kernel, addWatch(epoll, file, fd, events | UNASKED, data));
  return 0;
}

function remove(kernel: Kernel, watch: Watch): number {
  kernel.use.epollWatches--;
  removeWatch(watch);
  return 0;
}

function modify(kernel: Kernel, watch: Watch, events: number, data: number): number {
  if ((watch.events & EPOLLEXCLUSIVE) !== 0) return -EINVAL;
  watch.events = events | UNASKED;
  watch.data = data;
  listIfReady(kernel, watch);
  return 0;
}

/** What is ready when it is asked for is told, also edge-triggered. */
function listIfReady(kernel: Kernel, watch: Watch): void {
  if (!watch.isListed && (levelOf(watch.file) & watch.events) !== 0) listWatch(kernel, watch);
}

export function sysEpollWait(
  kernel: Kernel,
  epfd: number,
  into: EpollEvent[],
  maxEvents: number,
  isPatient: boolean,
): number {
  const epoll = kernel.fds.file(epfd);
  if (epoll === null) return -EBADF;
  if (!(maxEvents > 0 && maxEvents <= EVENTS_MAX) || epoll.kind !== 'epoll') return -EINVAL;
  const { last } = epoll;
  let n = 0;
  for (let watch = epoll.first; watch !== null && n < maxEvents; watch = watch === last ? null : epoll.first) {
    // What is told goes to the end, behind all that wait for their turn, and what is not ready any more leaves.
    unlist(watch);
    const events = levelOf(watch.file) & watch.events;
    if (events === 0) continue;
    putEvent(into, n++, events, watch.data);
    if ((watch.events & EPOLLONESHOT) !== 0) watch.events &= PRIVATE_EVENTS;
    else if ((watch.events & EPOLLET) === 0) list(watch);
  }
  epoll.isAwaited = isPatient && n === 0;
  return n;
}

/** Into the record that is there, so that a program which keeps its array makes no garbage. */
function putEvent(into: EpollEvent[], i: number, events: number, data: number): void {
  const event = into[i];
  if (event === undefined) {
    into[i] = { events, data };
    return;
  }
  event.events = events;
  event.data = data;
}
