/** What the owner of a connection does after a segment arrived. */

/** 'reset': answer the segment with the reset of `arrival/closed`; 'done': nothing more to do. */
export type Verdict = 'done' | 'reset';
