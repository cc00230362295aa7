/** What holds for the programs of a trial on either stack. */

/** One more than the largest descriptor, `RLIMIT_NOFILE`. */
export const DESCRIPTOR_LIMIT = 64;
