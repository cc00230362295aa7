/** When a descriptor is ready, and for what; and who is told that it may be. */

import { EPOLLEXCLUSIVE, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from './constants.ts';
import { datagramLevel } from './datagrams.ts';
import { type Epoll, list, unlist } from './epoll.ts';
import { PRIVATE_EVENTS } from './epoll-bits.ts';
import type { FdTable } from './fd-table.ts';
import type { File } from './file.ts';
import type { Kernel } from './kernel.ts';
import { streamLevel } from './stream-level.ts';
import type { Watch } from './watch.ts';

/** Entries of the list that may be void before it is looked through, besides one for each descriptor. */
const VOID_MAX = 1024;

/**
 * Something happened to `file`: `pollReady` reports it once, and epoll instances that watch it look at it again.
 *
 * @param key What for, as `POLL*` bits, so that those are left alone who wait for something else; 0 for anything.
 */
export function wake(kernel: Kernel, file: File, key = 0): void {
  const { ownFds } = kernel;
  if (file.owner === ownFds) queueReady(kernel, ownFds, file.fd);
  for (const { owner, fd } of file.others) if (owner === ownFds) queueReady(kernel, ownFds, fd);
  let isTaken = false;
  for (const watch of file.watches) {
    if (isTaken && (watch.events & EPOLLEXCLUSIVE) !== 0) continue;
    if (notify(kernel, watch, key)) isTaken = true;
  }
}

function queueReady(kernel: Kernel, fds: FdTable, fd: number): void {
  if (!fds.markReady(fd)) return;
  kernel.ready.push(fd);
  if (kernel.ready.length > VOID_MAX + 2 * fds.open) dropVoid(kernel.ready, fds);
}

/** What was closed since leaves the list, also of a program that never asks `pollReady`. */
function dropVoid(ready: number[], fds: FdTable): void {
  const valid = [...new Set(ready)].filter((fd) => fds.isReady(fd));
  ready.splice(0, ready.length, ...valid);
}

/**
 * Linux's `ep_poll_callback`: each time is an edge, also when the watch is in the list already.
 *
 * @returns True when that wakes somebody by an EPOLLEXCLUSIVE watch: other such watches are not told.
 */
function notify(kernel: Kernel, watch: Watch, key: number): boolean {
  // Switched off by EPOLLONESHOT.
  if ((watch.events & ~PRIVATE_EVENTS) === 0) return false;
  if (key !== 0 && (key & watch.events) === 0) return false;
  listWatch(kernel, watch);
  return (watch.events & EPOLLEXCLUSIVE) !== 0 && wakesOne(watch, key);
}

/** Whoever waits is woken once; until he waits again, he takes nothing from others. */
function wakesOne({ epoll, events }: Watch, key: number): boolean {
  const { isAwaited } = epoll;
  epoll.isAwaited = false;
  const way = key & (POLLIN | POLLOUT);
  return isAwaited && (way === 0 || (way !== (POLLIN | POLLOUT) && (events & way) !== 0));
}

/** The watch may be ready: so may be its epoll instance, for those that watch that. */
export function listWatch(kernel: Kernel, watch: Watch): void {
  list(watch);
  wake(kernel, watch.epoll, POLLIN);
}

/** What `file` is ready for now, as `POLL*` bits. */
export function readinessOf(file: File): number {
  if (file.kind !== 'socket') return epollLevel(file);
  return file.datagrams === null ? streamLevel(file) : datagramLevel(file, file.datagrams);
}

/** The same with the bits that say it again by another name. */
export function levelOf(file: File): number {
  const bits = readinessOf(file);
  // As in Linux only datagrams have a band for them.
  const writable = file.kind === 'socket' && file.datagrams !== null ? POLLWRNORM | POLLWRBAND : POLLWRNORM;
  return bits | ((bits & POLLIN) === 0 ? 0 : POLLRDNORM) | ((bits & POLLOUT) === 0 ? 0 : writable);
}

/** An epoll instance can be read from when a watch of its list is ready; those that are not leave the list. */
function epollLevel(epoll: Epoll): number {
  for (let watch = epoll.first; watch !== null; watch = epoll.first) {
    if ((levelOf(watch.file) & watch.events) !== 0) return POLLIN;
    unlist(watch);
  }
  return 0;
}
