/** Epoll instances that watch epoll instances: never in a ring, and not too deep. */

import type { Epoll } from './epoll.ts';

/** Linux's `EP_MAX_NESTS`: a chain has at most this many links. */
const LINKS_MAX = 4;

/** Whether `outer` must not watch `inner`: it would watch itself, or the chain would be too long. */
export function nestsTooDeep(outer: Epoll, inner: Epoll): boolean {
  const below = depthBelow(inner, outer, 0);
  return below + 1 + depthAbove(outer, 0) > LINKS_MAX;
}

/** The longest chain of instances that `epoll` watches; `Infinity` when `forbidden` is among them. */
function depthBelow(epoll: Epoll, forbidden: Epoll, depth: number): number {
  if (depth > LINKS_MAX) return Infinity;
  let most = 0;
  for (const { file } of epoll.all) {
    if (file.kind !== 'epoll') continue;
    most = Math.max(most, file === forbidden ? Infinity : 1 + depthBelow(file, forbidden, depth + 1));
  }
  return most;
}

/** The longest chain of instances that watch `epoll`. */
function depthAbove(epoll: Epoll, depth: number): number {
  if (depth > LINKS_MAX) return Infinity;
  let most = 0;
  for (const watch of epoll.watches) most = Math.max(most, 1 + depthAbove(watch.epoll, depth + 1));
  return most;
}
