/** How much one segment may carry: the effective send MSS, and the MSS that we advertise (RFC 9293 §3.7.1). */

import type { Tcb } from './tcb.ts';

/** Bytes that timestamps take in a data segment, padding included. */
export const TIMESTAMP_BYTES = 12;

/** What bounds the segments of a connection. In bytes of payload, as if neither IP nor TCP had options. */
export interface MssState {
  /** SendMSS: what the peer said, or the default. */
  peerBytes: number;
  /** What the user allows in either direction; 0 for no limit. */
  userBytes: number;
  /** What the path is known to carry: MMS_S less 20. */
  pathBytes: number;
  /** IPoptionsize: they take room from the payload. */
  ipOptionBytes: number;
}

/** Before anything is known but the link. */
export function createMssState(linkBytes: number, peerBytes: number): MssState {
  return { peerBytes, userBytes: 0, pathBytes: linkBytes, ipOptionBytes: 0 };
}

/** The user's limit. It must stand before the first segment. */
export function setUserMss(tcb: Tcb, bytes: number): void {
  tcb.mss.userBytes = bytes;
}

/** IP options of this many bytes travel with every segment. */
export function setIpOptionBytes(tcb: Tcb, bytes: number): void {
  if (tcb.mss.ipOptionBytes === bytes) return;
  tcb.mss.ipOptionBytes = bytes;
  syncMss(tcb);
}

/**
 * "The MSS value to be sent in an MSS Option must be less than or equal to: MMS_R - 20" [MUST-67]; that is the link's, not
 * the path's: "setting the value in the MSS Option too small can impact the ability for PMTUD or PLPMTUD to find a larger
 * path MTU" — RFC 9293 §3.7.1, §3.7.2
 */
export function advertisedMssBytes(tcb: Tcb): number {
  const { userBytes } = tcb.mss;
  const { advertisedMssBytes: most } = tcb.link;
  return userBytes === 0 ? most : Math.min(most, userBytes);
}

/** What peer, user and path allow together. */
export function segmentLimitBytes(tcb: Tcb): number {
  const { peerBytes, userBytes, pathBytes } = tcb.mss;
  const most = Math.min(peerBytes, pathBytes);
  return userBytes === 0 ? most : Math.min(most, userBytes);
}

/** Bytes of each data segment that options take from the payload. */
export function optionOverheadBytes(tcb: Tcb): number {
  return tcb.mss.ipOptionBytes + (tcb.ts.enabled ? TIMESTAMP_BYTES : 0);
}

/**
 * Draws the conclusion of whatever changed: "Eff.snd.MSS = min(SendMSS+20, MMS_S) - TCPhdrsize - IPoptionsize" — RFC 9293
 * §3.7.1 [MUST-16]
 */
export function syncMss(tcb: Tcb): void {
  const limit = Math.min(segmentLimitBytes(tcb), tcb.mtuProbe.lowBytes);
  const least = Math.min(tcb.shared.minSendMssBytes, tcb.link.advertisedMssBytes);
  // Nobody talks us into segments that are all header.
  const payload = Math.max(limit - optionOverheadBytes(tcb), least - TIMESTAMP_BYTES);
  tcb.snd.mssBytes = payload;
  tcb.congestion.onMss(payload);
}
