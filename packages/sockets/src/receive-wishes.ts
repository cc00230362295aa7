/** What a datagram socket wants to be told beside the bytes: bits of `receives` in its option values. */

export const WANTS_PKTINFO = 1;
export const WANTS_TTL = 2;
export const WANTS_TOS = 4;
export const WANTS_PKTINFO_V6 = 8;
export const WANTS_HOPLIMIT = 16;
export const WANTS_TCLASS = 32;
