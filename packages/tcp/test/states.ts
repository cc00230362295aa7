/** A connection in each state, with everything acknowledged, ready for a script at time 0. */

import { expect } from 'vitest';
import type { TcpState } from '../src/state.ts';
import { at, type Script, type ScriptOptions, script } from './script.ts';
import { ack, data, type Fields, fin, rst, syn, synAck } from './segments.ts';

/** How the peer opens. */
export interface PeerOptions extends ScriptOptions {
  /** Options and window of the peer's SYN or SYN-ACK. Default: MSS 1460 and nothing else, window 65535. */
  readonly peer?: Fields;
  /** Round trip of the handshake; the script goes on at this time. */
  readonly rttMs?: number;
  /** Segments that are acknowledged at once were used up. */
  readonly delaysAcks?: boolean;
}

/** Every option that Linux offers, as a peer's SYN or SYN-ACK says it. */
export const ALL_OPTIONS: Fields = { mss: 1460, sackOk: true, ts: [1000, 0], scale: 7 };

function in_(state: TcpState, t: Script): Script {
  expect(t.tcb.state).toBe(state);
  return t.ignore();
}

const peerFields = (options: PeerOptions): Fields => options.peer ?? { mss: 1460 };
const echo = (options: PeerOptions): Fields => (peerFields(options).ts ? { ts: [1000, 0] } : {});

export function synSent(options: PeerOptions = {}): Script {
  return in_('SYN-SENT', script(options).connect());
}

/** Passive: a SYN met a listener. */
export function synReceived(options: PeerOptions = {}): Script {
  return in_('SYN-RECEIVED', script({ ...options, passive: true }).inject(at(0), syn(peerFields(options))));
}

/** Opened actively. */
export function established(options: PeerOptions = {}): Script {
  const t = script(options).connect();
  t.inject(at(options.rttMs ?? 0), synAck({ ack: 1, ...peerFields(options) }));
  if (options.delaysAcks === true) useUpQuickAcks(t, options);
  return in_('ESTABLISHED', t);
}

/** Opened passively. */
export function accepted(options: PeerOptions = {}): Script {
  const t = script({ ...options, passive: true }).inject(at(0), syn(peerFields(options)));
  t.inject(at(options.rttMs ?? 0), ack({ seq: 1, ack: 1, ...echo(options) }));
  return in_('ESTABLISHED', t);
}

/** 16 segments of 1 byte, each acknowledged at once and read; the next byte of the peer has number 17. */
function useUpQuickAcks(t: Script, options: PeerOptions): void {
  for (let i = 1; i <= 16; i++) t.inject(t.nowMs, data({ seq: i, ack: 1, len: 1, ...echo(options) }));
  expect(t.read()).toBe(16);
}

/** Our FIN is sent: number 1. */
export function finWait1(options: PeerOptions = {}): Script {
  return in_('FIN-WAIT-1', established(options).close());
}

export function finWait2(options: PeerOptions = {}): Script {
  const t = finWait1(options);
  return in_('FIN-WAIT-2', t.inject(t.nowMs, ack({ seq: 1, ack: 2, ...echo(options) })));
}

/** The peer's FIN, number 1, is acknowledged. */
export function closeWait(options: PeerOptions = {}): Script {
  const t = established(options);
  return in_('CLOSE-WAIT', t.inject(t.nowMs, fin({ seq: 1, ack: 1, ...echo(options) })));
}

export function closing(options: PeerOptions = {}): Script {
  const t = finWait1(options);
  return in_('CLOSING', t.inject(t.nowMs, fin({ seq: 1, ack: 1, ...echo(options) })));
}

export function lastAck(options: PeerOptions = {}): Script {
  return in_('LAST-ACK', closeWait(options).close());
}

export function timeWait(options: PeerOptions = {}): Script {
  const t = finWait2(options);
  return in_('TIME-WAIT', t.inject(t.nowMs, fin({ seq: 1, ack: 2, ...echo(options) })));
}

export function closed(options: PeerOptions = {}): Script {
  const t = established(options);
  return in_('CLOSED', t.inject(t.nowMs, rst({ seq: 1 })));
}
