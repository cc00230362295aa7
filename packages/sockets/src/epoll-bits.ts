/** The bits of an epoll event that say how to tell it, and not what. */

import { EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, EPOLLWAKEUP } from './constants.ts';

/** Linux's `EP_PRIVATE_BITS`. */
export const PRIVATE_EVENTS = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
